//! Tax rates and what they make of an amount.

use fastrand::Rng;

use super::document_kind::{AmountTypes, Side};
use super::draw::{self, Versioned};
use super::{Books, Row, View};
use crate::entity::Entity;
use crate::json::Json;

/// Decimals of a percentage.
const RATE_DECIMALS: u8 = 4;
/// A hundred percent.
const WHOLE: i64 = 100 * 10_i64.pow(RATE_DECIMALS as u32);

/// A tax rate.
#[derive(Debug)]
pub(super) struct TaxRate {
    /// Xero's TaxType, the key.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    report: &'static str,
    /// Percent in four decimals, for each component.
    components: &'static [(&'static str, i64)],
    revenue: bool,
    expenses: bool,
}

impl TaxRate {
    /// Percent in four decimals.
    fn percent(&self) -> i64 {
        self.components.iter().map(|(_, percent)| percent).sum()
    }

    /// The tax on (or in) an amount, rounded half away from zero.
    pub(super) fn on(&self, amount: i64, types: AmountTypes) -> i64 {
        let divisor = match types {
            AmountTypes::NoTax => return 0,
            AmountTypes::Exclusive => WHOLE,
            AmountTypes::Inclusive => WHOLE + self.percent(),
        };
        let tax = amount.abs() * self.percent();
        (tax + divisor / 2) / divisor * amount.signum()
    }
}

const fn tax(
    code: &'static str,
    name: &'static str,
    report: &'static str,
    components: &'static [(&'static str, i64)],
    revenue: bool,
    expenses: bool,
) -> TaxRate {
    TaxRate {
        code,
        name,
        report,
        components,
        revenue,
        expenses,
    }
}

const GST: &[(&str, i64)] = &[("GST", 150_000)];
const OLD_GST: &[(&str, i64)] = &[("GST", 125_000)];
const ZERO: &[(&str, i64)] = &[("GST", 0)];
const NONE: &[(&str, i64)] = &[("No GST", 0)];
const CITY: &[(&str, i64)] = &[
    ("State Tax", 40_000),
    ("City Tax", 45_000),
    ("Metro Surcharge", 3_750),
];
const BED: &[(&str, i64)] = &[("Bed tax, Tāhuna", 12_500)];

/// The rates of a small company, by their numbers from 1.
#[rustfmt::skip]
pub(super) const TAX_RATES: &[TaxRate] = &[
    tax("NONE", "No GST", "NONE", NONE, true, true),
    tax("OUTPUT2", "15% GST on Income", "OUTPUT", GST, true, false),
    tax("INPUT2", "15% GST on Expenses", "INPUT", GST, false, true),
    tax("ZERORATED", "Zero Rated", "NONEOUTPUT", ZERO, true, true),
    tax("TAX001", "City \"sales\" tax", "OUTPUT", CITY, true, false),
    tax("GSTONIMPORTS", "GST on Imports", "GSTONIMPORTS", ZERO, false, true),
    tax("EXEMPTOUTPUT", "Exempt Income", "EXEMPTOUTPUT", ZERO, true, false),
    tax("EXEMPTEXPENSES", "Exempt Expenses", "EXEMPTEXPENSES", ZERO, false, true),
    tax("OUTPUT", "12.5% GST on Income", "OUTPUT", OLD_GST, true, false),
    tax("INPUT", "12.5% GST on Expenses", "INPUT", OLD_GST, false, true),
    tax("TAX002", "Bed tax 1/8", "OUTPUT", BED, true, true),
    tax("TAX003", "Mistake", "OUTPUT", ZERO, true, true),
];

/// Numbers in [`TAX_RATES`]. Most sales are taxed at the full rate.
const ON_SALES: &[u64] = &[2, 2, 2, 2, 2, 2, 4, 1, 5, 7];
/// The same for what is bought.
const ON_PURCHASES: &[u64] = &[3, 3, 3, 3, 3, 3, 4, 1, 8, 6];

/// The tax rate of a row. Rates beyond the list are custom ones without tax.
pub(super) fn entry(row: &Row) -> &'static TaxRate {
    let known = TAX_RATES.get((row.number as usize).saturating_sub(1));
    known.unwrap_or(&TAX_RATES[TAX_RATES.len() - 1])
}

/// The tax of a line.
pub(super) fn any(books: &dyn Books, side: Side, rng: &mut Rng) -> &'static TaxRate {
    let numbers = match side {
        Side::Sales => ON_SALES,
        Side::Purchases => ON_PURCHASES,
    };
    let number = numbers[rng.usize(..numbers.len())];
    entry(&draw::numbered(books, Entity::TaxRates, number))
}

/// The rate of lines that bear no tax.
pub(super) fn none(books: &dyn Books) -> &'static TaxRate {
    entry(&draw::numbered(books, Entity::TaxRates, 1))
}

pub(super) fn render(row: &Row, _: View<'_>, out: &mut Json) {
    let rate = entry(row);
    out.key("Name").display(Versioned(rate.name, row.version));
    match row.number as usize > TAX_RATES.len() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_on_and_in_an_amount() {
        let gst = &TAX_RATES[1];
        for (amount, types, expected) in [
            (10_000, AmountTypes::Exclusive, 1_500),
            (11_500, AmountTypes::Inclusive, 1_500),
            (10_000, AmountTypes::NoTax, 0),
            (3, AmountTypes::Exclusive, 0),
            (-10_003, AmountTypes::Exclusive, -1_500),
        ] {
            assert_eq!(gst.on(amount, types), expected, "{amount} {types:?}");
        }
    }
}
