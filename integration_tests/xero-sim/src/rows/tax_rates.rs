//! The tax rates of an organisation, and those that documents name.

use fastrand::Rng;

use super::document_kind::Side;
use super::draw::{self, Versioned};
use super::tax_tables::{COUNT, RATE_DECIMALS, TaxTable};
use super::{Books, Row, View};
use crate::entity::Entity;
use crate::json::Json;

pub(super) use super::tax_tables::TaxRate;

/// The tax rate of a row. Rates beyond the list are custom ones without tax.
pub(super) fn entry(row: &Row, books: &dyn Books) -> &'static TaxRate {
    let rates = TaxTable::of(books).rates;
    let known = rates.get((row.number as usize).saturating_sub(1));
    known.unwrap_or(&rates[COUNT - 1])
}

/// The tax that lines on an account start with, by what New Zealand calls it.
pub(super) fn of_account(code: &str, books: &dyn Books) -> &'static TaxRate {
    let number = match code {
        "OUTPUT2" => 2,
        "INPUT2" => 3,
        "ZERORATED" => 4,
        _ => 1,
    };
    entry(&draw::numbered(books, Entity::TaxRates, number), books)
}

/// The tax of a line.
pub(super) fn any(books: &dyn Books, side: Side, rng: &mut Rng) -> &'static TaxRate {
    let table = TaxTable::of(books);
    let numbers = match side {
        Side::Sales => table.on_sales,
        Side::Purchases => table.on_purchases,
    };
    let number = numbers[rng.usize(..numbers.len())];
    entry(&draw::numbered(books, Entity::TaxRates, number), books)
}

/// The rate of lines that bear no tax.
pub(super) fn none(books: &dyn Books) -> &'static TaxRate {
    entry(&draw::numbered(books, Entity::TaxRates, 1), books)
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let rate = entry(row, view.books);
    out.key("Name").display(Versioned(rate.name, row.version));
    match row.number as usize > COUNT {
        true => out
            .key("TaxType")
            .display(format_args!("TAX{:03}", row.number)),
        false => out.key("TaxType").string(rate.code),
    }
    out.key("ReportTaxType").string(rate.report);
    out.key("CanApplyToAssets").bool(true);
    out.key("CanApplyToEquity").bool(true);
    out.key("CanApplyToExpenses").bool(rate.expenses);
    out.key("CanApplyToLiabilities").bool(true);
    out.key("CanApplyToRevenue").bool(rate.revenue);
    out.key("DisplayTaxRate")
        .decimal(rate.percent(), RATE_DECIMALS);
    out.key("EffectiveRate")
        .decimal(rate.percent(), RATE_DECIMALS);
    out.key("Status").string(row.status);
    out.key("TaxComponents").open_array();
    for &(name, percent) in rate.components {
        out.open_object();
        out.key("Name").string(name);
        out.key("Rate").decimal(percent, RATE_DECIMALS);
        out.key("IsCompound").bool(false);
        out.key("IsNonRecoverable").bool(false);
        out.close_object();
    }
    out.close_array();
}
