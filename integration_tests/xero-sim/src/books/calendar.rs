//! Days, spans of days, and fiscal years.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta};

use crate::clock::Millis;

/// A calendar day of the organisation.
pub(crate) type Day = NaiveDate;

/// The day of an instant in UTC.
pub(crate) fn day_of(at: Millis) -> Day {
    let time = DateTime::from_timestamp_millis(at).expect("a year that chrono knows");
    time.date_naive()
}

/// The last day of a day's month.
pub(crate) fn month_end(day: Day) -> Day {
    let first = day.with_day(1).expect("every month has a first day");
    first + Months::new(1) - Days::new(1)
}

/// A range of days that includes both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: Day,
    pub(crate) last: Day,
}

impl Span {
    /// The month of a day.
    pub(crate) fn month(day: Day) -> Self {
        Self {
            first: day.with_day(1).expect("every month has a first day"),
            last: month_end(day),
        }
    }

    /// All days up to one.
    pub(crate) fn until(last: Day) -> Self {
        Self {
            first: Day::MIN,
            last,
        }
    }

    /// The span that lies `steps` times `months` months before this one.
    pub(crate) fn back(self, steps: u32, months: u32, how: Comparisons) -> Self {
        let earlier = |span: Self, months| Self {
            first: span.first - Months::new(months),
            last: span.last - Months::new(months),
        };
        match how {
            Comparisons::SameDays => earlier(self, steps * months),
            Comparisons::StepByStep => (0..steps).fold(self, |span, _| earlier(span, months)),
            Comparisons::SameLength => {
                let days = (self.last - self.first).num_days() + 1;
                let back = TimeDelta::days(days * i64::from(steps));
                Self {
                    first: self.first - back,
                    last: self.last - back,
                }
            }
        }
    }
}

/// The days that a profit and loss between two given dates is compared with. Xero documents that
/// comparisons repeat the days of the first period, so that a month of 28 or 30 days shortens
/// longer ones. It does not document more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparisons {
    /// Both dates move back by months. A day that the earlier month lacks becomes its last day.
    #[default]
    SameDays,
    /// The same, but each comparison moves back from the one before it. After a February no period
    /// ends later than the 28th.
    StepByStep,
    /// Consecutive periods with as many days as the first one.
    SameLength,
}

/// The day on which fiscal years end, such as 31 March.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct YearEnd {
    /// From 1.
    pub(crate) month: u32,
    /// From 1; in shorter months the last.
    pub(crate) day: u32,
}

impl Default for YearEnd {
    fn default() -> Self {
        Self { month: 3, day: 31 }
    }
}

impl YearEnd {
    /// The first day of the fiscal year that a day is in.
    pub(crate) fn year_of(self, day: Day) -> Day {
        let ends = |year: i32| {
            let first = Day::from_ymd_opt(year, self.month, 1).expect("a month of the calendar");
            let last = month_end(first).day().min(self.day);
            first.with_day(last).expect("a day of the month")
        };
        let this = ends(day.year());
        let before = if this < day {
            this
        } else {
            ends(day.year() - 1)
        };
        before + Days::new(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    #[test]
    fn going_back_repeats_days() {
        use Comparisons::*;
        for (first, last, steps, months, how, expected) in [
            (
                "2026-01-01",
                "2026-01-31",
                1,
                1,
                SameDays,
                ["2025-12-01", "2025-12-31"],
            ),
            (
                "2026-03-01",
                "2026-03-31",
                1,
                1,
                SameDays,
                ["2026-02-01", "2026-02-28"],
            ),
            (
                "2026-03-01",
                "2026-03-31",
                2,
                1,
                SameDays,
                ["2026-01-01", "2026-01-31"],
            ),
            (
                "2026-04-01",
                "2026-04-30",
                1,
                1,
                SameDays,
                ["2026-03-01", "2026-03-30"],
            ),
            (
                "2026-02-01",
                "2026-02-28",
                1,
                1,
                SameDays,
                ["2026-01-01", "2026-01-28"],
            ),
            (
                "2026-03-31",
                "2026-03-31",
                2,
                3,
                SameDays,
                ["2025-09-30", "2025-09-30"],
            ),
            (
                "2025-02-01",
                "2025-02-28",
                1,
                12,
                SameDays,
                ["2024-02-01", "2024-02-28"],
            ),
            (
                "2026-03-01",
                "2026-03-31",
                2,
                1,
                StepByStep,
                ["2026-01-01", "2026-01-28"],
            ),
            (
                "2026-01-01",
                "2026-01-31",
                1,
                1,
                SameLength,
                ["2025-12-01", "2025-12-31"],
            ),
            (
                "2026-01-01",
                "2026-01-31",
                2,
                1,
                SameLength,
                ["2025-10-31", "2025-11-30"],
            ),
        ] {
            let span = Span {
                first: day(first),
                last: day(last),
            };
            let back = span.back(steps, months, how);
            assert_eq!(
                [back.first, back.last],
                expected.map(day),
                "{span:?} {how:?}"
            );
        }
    }

    #[test]
    fn fiscal_years_begin_on_the_day_after_they_end() {
        let march = YearEnd::default();
        let february = YearEnd { month: 2, day: 31 };
        let april = YearEnd { month: 4, day: 5 };
        for (end, today, expected) in [
            (march, "2026-03-31", "2025-04-01"),
            (march, "2026-04-01", "2026-04-01"),
            (february, "2024-02-29", "2023-03-01"),
            (february, "2024-03-01", "2024-03-01"),
            (april, "2026-04-05", "2025-04-06"),
            (april, "2026-12-31", "2026-04-06"),
        ] {
            assert_eq!(end.year_of(day(today)), day(expected), "{end:?} {today}");
        }
    }
}
