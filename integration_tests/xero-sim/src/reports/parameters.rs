//! The parameters of a report, read as Xero reads them.

use chrono::{Days, Months};

use crate::books::{Basis, Day, Ledger, Span, day_of, month_end};
use crate::clock::Millis;
use crate::guid::Guid;
use crate::json;
use crate::rows::{self, Books};
use crate::tenant::Tenant;

/// Maximum number of comparisons in one call.
const MOST_PERIODS: u32 = 11;

/// The error for a parameter that Xero refuses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Invalid(pub(crate) String);

/// A call for a report.
pub(crate) struct ReportCall<'a> {
    pub(crate) tenant: &'a Tenant,
    params: &'a [(String, String)],
    /// The server's clock.
    pub(crate) now: Millis,
    pub(crate) today: Day,
    decimals: u8,
}

impl<'a> ReportCall<'a> {
    pub(crate) fn new(tenant: &'a Tenant, params: &'a [(String, String)], now: Millis) -> Self {
        Self {
            tenant,
            params,
            now,
            today: day_of(now),
            decimals: rows::decimals(tenant),
        }
    }

    /// Returns a parameter as it was sent. An empty one counts as absent.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let mut params = self.params.iter();
        let found = params.find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a parameter is `true`.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        let text = self.text(name);
        text.is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// A date as `YYYY-MM-DD`.
    pub(crate) fn day(&self, name: &str) -> Result<Option<Day>, Invalid> {
        let parse = |text: &str| {
            let invalid = |_| Invalid(format!("The {name} '{text}' is not a valid date"));
            text.parse().map_err(invalid)
        };
        self.text(name).map(parse).transpose()
    }

    /// A whole number from 1 to another.
    pub(crate) fn number(&self, name: &str, most: u32) -> Result<Option<u32>, Invalid> {
        let parse = |text: &str| {
            let number = text.parse().ok().filter(|it| (1..=most).contains(it));
            number.ok_or_else(|| Invalid(format!("{name} must be between 1 and {most}")))
        };
        self.text(name).map(parse).transpose()
    }

    /// Returns the number of periods to compare with, if any.
    pub(crate) fn periods(&self) -> Result<Option<u32>, Invalid> {
        self.number("periods", MOST_PERIODS)
    }

    /// Returns the number of months between two periods: one unless `timeframe` says otherwise.
    pub(crate) fn step(&self) -> Result<u32, Invalid> {
        match self.text("timeframe") {
            None | Some("MONTH") => Ok(1),
            Some("QUARTER") => Ok(3),
            Some("YEAR") => Ok(12),
            Some(other) => Err(Invalid(format!("'{other}' is not a timeframe"))),
        }
    }

    /// Returns the span from `fromDate` to `toDate`. Without both dates it is the current month;
    /// with one of them, the month that starts or ends with it. The flag says whether both were
    /// given.
    pub(crate) fn span(&self) -> Result<(Span, bool), Invalid> {
        let (first, last) = (self.day("fromDate")?, self.day("toDate")?);
        let span = match (first, last) {
            (None, None) => Span::month(self.today),
            (Some(first), None) => Span {
                first,
                last: month_end(first),
            },
            (None, Some(last)) => Span {
                first: Span::month(last).first,
                last,
            },
            (Some(first), Some(last)) => Span { first, last },
        };
        if span.last < span.first {
            return Err(Invalid("The toDate is before the fromDate".to_owned()));
        }
        Ok((span, first.is_some() && last.is_some()))
    }

    /// Returns the id in a parameter. `None` if the value is not an id.
    pub(crate) fn id(&self, name: &str) -> Option<u128> {
        self.text(name).and_then(Guid::parse).map(|guid| guid.0)
    }

    /// The ledger on the basis that `paymentsOnly` asks for.
    pub(crate) fn ledger(&self) -> &'a Ledger {
        let cash = self.is_on("paymentsOnly");
        self.tenant
            .ledger(if cash { Basis::Cash } else { Basis::Accrual })
    }

    /// Formats an amount as cells show it: without separators, with a minus sign.
    pub(crate) fn amount(&self, amount: i64) -> String {
        json::decimal_text(amount, self.decimals)
    }

    /// The same for each column.
    pub(crate) fn amounts(&self, amounts: &[i64]) -> Vec<String> {
        let amounts = amounts.iter();
        amounts.map(|amount| self.amount(*amount)).collect()
    }

    /// The organisation's name.
    pub(crate) fn organisation(&self) -> String {
        self.tenant.name().to_owned()
    }
}

/// Subtracts column by column.
pub(crate) fn less(one: &[i64], other: &[i64]) -> Vec<i64> {
    let both = one.iter().zip(other);
    both.map(|(one, other)| one - other).collect()
}

/// Adds column by column.
pub(crate) fn add(sums: &mut [i64], values: &[i64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// Returns the end of the month that lies a number of months earlier.
pub(crate) fn month_end_before(day: Day, months: u32) -> Day {
    month_end(Span::month(day).first - Months::new(months))
}

/// The day before.
pub(crate) fn eve(day: Day) -> Day {
    day - Days::new(1)
}

/// A day as in `30 April 2019`.
pub(crate) fn long(day: Day) -> String {
    day.format("%-d %B %Y").to_string()
}

/// A day as in `30 Apr 2019`.
pub(crate) fn short(day: Day) -> String {
    day.format("%-d %b %Y").to_string()
}

/// A day as in `4/30/2019`.
pub(crate) fn american(day: Day) -> String {
    day.format("%-m/%-d/%Y").to_string()
}
