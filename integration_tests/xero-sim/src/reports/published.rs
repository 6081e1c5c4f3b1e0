//! Published tax reports: activity statements in Australia, GST returns in New Zealand. They have
//! fields instead of rows. Xero publishes no example, so the keys come from its schema.

use chrono::Months;
use fastrand::Rng;

use super::parameters::{ReportCall, eve, short};
use crate::books::{Basis, Group, Span, Tracked, month_end};
use crate::guid::Guid;
use crate::json::Json;
use crate::rows::Books;

/// Maximum number of reports kept.
const KEPT: u32 = 8;

/// A kind of report, by country.
struct Kind {
    name: &'static str,
    code: &'static str,
    /// Number of months of one report.
    months: u32,
    fields: &'static [Field],
}

/// A field: its id, its description and its amount.
type Field = (&'static str, &'static str, fn(&Sums) -> i64);

/// The amounts of the fields, in the smallest unit of the currency.
struct Sums {
    sales: i64,
    purchases: i64,
    tax: i64,
}

#[rustfmt::skip]
const AUSTRALIA: Kind = Kind {
    name: "Activity Statement",
    code: "BAS",
    months: 3,
    fields: &[
        ("G1",  "Total sales",              |sums| sums.sales),
        ("G11", "Non-capital purchases",    |sums| sums.purchases),
        ("9",   "Your payment or refund",   |sums| sums.tax),
    ],
};

#[rustfmt::skip]
const NEW_ZEALAND: Kind = Kind {
    name: "GST Return",
    code: "GST",
    months: 2,
    fields: &[
        ("5",  "Total sales and income",       |sums| sums.sales),
        ("11", "Total purchases and expenses", |sums| sums.purchases),
        ("15", "GST to pay or refund",         |sums| sums.tax),
    ],
};

/// A report of some months.
struct Published {
    id: u128,
    kind: &'static Kind,
    span: Span,
}

/// Returns the published reports: the last ones whose months have ended.
fn all(call: &ReportCall<'_>) -> Vec<Published> {
    let kind = match call.tenant.base_currency() {
        "AUD" => &AUSTRALIA,
        "NZD" => &NEW_ZEALAND,
        _ => return Vec::new(),
    };
    let Some(opened) = call.tenant.ledger(Basis::Accrual).first_day() else {
        return Vec::new();
    };
    let spans = (0..KEPT).map(|nth| {
        let last = eve(Span::month(call.today).first);
        let last = month_end(Span::month(last).first - Months::new(nth * kind.months));
        Span {
            first: Span::month(last).first - Months::new(kind.months - 1),
            last,
        }
    });
    let spans = spans.take_while(|span| span.last >= opened);
    let published = spans.map(|span| {
        // A report keeps its id while the world's clock moves on.
        let seed = call.tenant.seed
            ^ u64::from(chrono::Datelike::num_days_from_ce(&span.last).unsigned_abs());
        Published {
            id: Guid::random(&mut Rng::with_seed(seed)).0,
            kind,
            span,
        }
    });
    published.collect()
}

/// Writes the list.
pub(super) fn list(call: &ReportCall<'_>, out: &mut Json) {
    out.key("Reports").open_array();
    for report in all(call) {
        out.open_object();
        report.write_head(call, out);
        out.close_object();
    }
    out.close_array();
}

/// Writes the report of an id, if there is one.
pub(super) fn one(id: u128, call: &ReportCall<'_>, out: &mut Json) -> Option<()> {
    let report = all(call).into_iter().find(|report| report.id == id)?;
    out.key("Reports").open_array();
    out.open_object();
    report.write_head(call, out);
    out.key("Attributes").empty_array();
    out.key("Fields").open_array();
    let sums = report.sums(call);
    for (field, description, amount) in report.kind.fields {
        out.open_object();
        out.key("FieldID").string(field);
        out.key("Description").string(description);
        out.key("Value").string(&call.amount(amount(&sums)));
        out.close_object();
    }
    out.close_array();
    out.close_object();
    out.close_array();
    Some(())
}

impl Published {
    fn write_head(&self, call: &ReportCall<'_>, out: &mut Json) {
        let period = format!("{} to {}", short(self.span.first), short(self.span.last));
        out.key("ReportID").guid(self.id);
        out.key("ReportName").string(self.kind.name);
        out.key("ReportTitle")
            .string(&format!("{} for the period {period}", self.kind.name));
        out.key("ReportType").string(self.kind.code);
        out.key("ReportDate").string(&period);
        out.key("UpdatedDateUTC").date_plain(call.now);
    }

    fn sums(&self, call: &ReportCall<'_>) -> Sums {
        use Group::*;
        let ledger = call.tenant.ledger(Basis::Accrual);
        let moved = ledger.moved(self.span, Tracked::Any);
        let sum = |groups: &[Group]| {
            let accounts = ledger.accounts_of(groups).into_iter();
            accounts
                .map(|it| it.group.growth(moved.of(it)))
                .sum::<i64>()
        };
        Sums {
            sales: sum(&[Income, OtherIncome]),
            purchases: sum(&[CostOfSales, Expenses, Overheads]),
            tax: -ledger.sum_of(crate::books::Role::Tax, &moved),
        }
    }
}
