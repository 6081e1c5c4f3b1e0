//! Verifies that the comparison columns of a report cover the expected periods.
//!
//! Xero does not fully document how it computes the dates of earlier periods. The connector
//! compares the sum of the periods of one call with Xero's total for the whole range.

use std::collections::{BTreeSet, HashMap};

use super::record::ReportRecord;
use crate::rows::reports::period::Period;

/// Maximum length of a date range that Xero accepts, in days.
const MAX_DAYS: i64 = 365;

/// Number of decimals in the sums. One unit is 0.0001 of the currency.
const DECIMALS: usize = 4;

/// Rounding tolerance per period: 0.01 of the currency, in units.
const TOLERANCE: u128 = 100;

/// Returns the longest range that Xero accepts and that ends with the newest period. `periods` are
/// consecutive, newest first.
pub(crate) fn range(periods: &[Period]) -> Option<Period> {
    let end = periods.first()?.end;
    let is_short = |period: &&Period| (end - period.start).num_days() < MAX_DAYS;
    let start = periods.iter().take_while(is_short).last()?.start;
    Some(Period { start, end })
}

/// Whether the values of the periods inside `range` add up to the totals, line by line. Returns
/// `None` if all values are zero.
pub(crate) fn agree(
    periods: &[ReportRecord],
    totals: &[ReportRecord],
    range: Period,
) -> Option<bool> {
    let is_inside =
        |record: &&ReportRecord| record.period_start.is_some_and(|it| it >= range.start);
    let inside: Vec<_> = periods.iter().filter(is_inside).collect();
    let starts: BTreeSet<_> = inside.iter().map(|record| record.period_start).collect();
    let tolerance = TOLERANCE * starts.len() as u128;
    let mut lines: HashMap<&str, i128> = HashMap::new();
    let mut is_empty = true;
    let values = inside.into_iter().map(|record| (record, 1));
    for (record, sign) in values.chain(totals.iter().map(|record| (record, -1))) {
        let units = units(record);
        is_empty &= units == 0;
        let sum = lines.entry(&record.line_id).or_default();
        *sum = sum.saturating_add(units.saturating_mul(sign));
    }
    let agrees = lines.values().all(|rest| rest.unsigned_abs() <= tolerance);
    (!is_empty).then_some(agrees)
}

/// Returns the amount in units, or 0 if the record has none.
fn units(record: &ReportRecord) -> i128 {
    let digits = record.amount.as_deref().map_or("0", |amount| amount.get());
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction: String = fraction.chars().take(DECIMALS).collect();
    let units = format!("{whole}{fraction:0<DECIMALS$}");
    units.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Interval;
    use crate::walk::periods::Calendar;

    fn periods(newest: &str, months: i64) -> Vec<Period> {
        let calendar = Calendar::new(Interval::Month, 12);
        let last = calendar.index(newest.parse().unwrap());
        let indices = (0..months).map(|back| last - back);
        indices.map(|index| calendar.period(index)).collect()
    }

    fn record(line: &str, period: Period, text: &str) -> ReportRecord {
        let mut record = ReportRecord {
            line_id: line.to_owned(),
            period_start: Some(period.start),
            ..ReportRecord::default()
        };
        record.set_amount(text.to_owned());
        record
    }

    #[test]
    fn a_range_is_no_longer_than_xero_accepts() {
        for (newest, months, start) in [
            ("2026-12-01", 12, "2026-01-01"),
            ("2024-12-01", 12, "2024-02-01"), // a leap year has one day too many
            ("2024-12-01", 3, "2024-10-01"),
            ("2026-12-01", 1, "2026-12-01"),
        ] {
            let range = range(&periods(newest, months)).unwrap();
            assert_eq!(range.start.to_string(), start, "{newest}");
        }
        assert_eq!(range(&[]), None);
    }

    #[test]
    fn sums_may_differ_by_a_cent_for_each_period() {
        let months = periods("2026-03-01", 3);
        let range = range(&months[..2]).unwrap();
        for (values, total, agrees) in [
            (["10.10", "20.20"], "30.30", Some(true)),
            (["10.10", "20.20"], "30.32", Some(true)),
            (["10.10", "20.20"], "30.33", Some(false)),
            (["-10.10", "(20.20)"], "-30.30", Some(true)),
            (["-0.50", "0.25"], "-0.25", Some(true)),
            (["1", ""], "", Some(false)),
            (
                ["90,071,992,547,409.93", "0.01"],
                "90071992547409.94",
                Some(true),
            ),
        ] {
            let mut records = vec![record("older", months[2], "1,000,000")];
            for (period, value) in months.iter().zip(values) {
                records.push(record("a", *period, value));
            }
            let totals = [record("a", range, total)];
            assert_eq!(
                agree(&records, &totals, range),
                agrees,
                "{values:?} {total}"
            );
        }
        // Amounts of any length have a sum.
        let long = ["9", "-9"].map(|first| first.to_owned() + &"9".repeat(33));
        for text in &long {
            let both = [record("a", months[0], text), record("a", months[1], text)];
            assert_eq!(agree(&both, &both[..1], range), Some(false), "{text}");
        }
        // A line that only one side has.
        let only = [record("b", range, "5.00")];
        assert_eq!(agree(&[], &only, range), Some(false));
        assert_eq!(agree(&only, &[], range), Some(false));
        // Without any amount there is no result.
        let nothing = [record("b", range, "0.00"), record("c", range, "")];
        assert_eq!(agree(&nothing, &nothing, range), None);
    }
}
