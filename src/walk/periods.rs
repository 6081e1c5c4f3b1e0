//! Plans report calls: the fewest calls that return all periods.
//!
//! One call of a comparative report returns one period and up to eleven earlier ones. For each
//! comparison, Xero moves both dates of the period back by whole months. A call for a period that
//! ends on 30 April therefore returns a column that ends on 30 March. A column is used only if its
//! dates equal those of the period. A call may start from a later period whose own column is not
//! used.

use chrono::{Datelike, Months, NaiveDate};

use crate::config::Interval;
use crate::rows::reports::period::Period;

/// Maximum number of columns of one call: a period and eleven comparisons.
pub(crate) const COLUMNS: i64 = 12;

/// Numbers an organisation's periods along the calendar and its financial year.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    interval: Interval,
    /// The last month of the financial year, from 1.
    year_end: i64,
}

impl Calendar {
    /// Creates a calendar. `year_end` is the last month of the financial year, from 1.
    pub(crate) fn new(interval: Interval, year_end: u32) -> Calendar {
        Calendar {
            interval,
            year_end: i64::from(year_end.clamp(1, 12)),
        }
    }

    pub(crate) fn interval(&self) -> Interval {
        self.interval
    }

    /// Returns the number of the period that contains a day.
    pub(crate) fn index(&self, day: NaiveDate) -> i64 {
        (months_of(day) - self.year_end).div_euclid(self.interval.months())
    }

    /// Returns the period with this number.
    pub(crate) fn period(&self, index: i64) -> Period {
        let months = self.interval.months();
        let first = index * months + self.year_end;
        let start = first_day(first);
        let end = first_day(first + months).pred_opt().unwrap_or(start);
        Period { start, end }
    }

    /// Returns the period that ends on a day, if there is one.
    pub(crate) fn ending(&self, day: NaiveDate) -> Option<Period> {
        Some(self.period(self.index(day))).filter(|period| period.end == day)
    }

    /// Returns the number of the last period of the financial year that contains a day.
    pub(crate) fn year_end(&self, day: NaiveDate) -> i64 {
        let year = Calendar {
            interval: Interval::Year,
            ..*self
        };
        self.index(year.period(year.index(day)).end)
    }
}

fn months_of(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

fn first_day(month: i64) -> NaiveDate {
    let year = i32::try_from(month.div_euclid(12)).unwrap_or_default();
    let month = month.rem_euclid(12) as u32 + 1;
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default()
}

/// Which periods one call can return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// One period.
    Single,
    /// One period and earlier ones, with both dates moved back by whole months.
    Spans,
    /// One period and earlier ones, each at the end of its month.
    MonthEnds,
    /// One period and later ones.
    Forward,
}

/// One call. Its columns start at `base`; those from `first` to `last` are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fetch {
    /// The period in the first column.
    pub(crate) base: i64,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Fetch {
    /// Creates a call for one period.
    pub(crate) fn single(index: i64) -> Fetch {
        Fetch {
            base: index,
            first: index,
            last: index,
        }
    }

    /// Returns the periods of the columns, in Xero's order.
    pub(crate) fn columns(&self) -> Vec<i64> {
        match self.base < self.last {
            true => (self.base..=self.last).collect(),
            false => (self.first..=self.base).rev().collect(),
        }
    }

    /// Returns one call for each period of this call.
    pub(crate) fn singles(&self) -> impl Iterator<Item = Fetch> + use<> {
        (self.first..=self.last).map(Fetch::single)
    }
}

/// Returns the fewest calls for the periods from `first` to `last`, oldest first.
pub(crate) fn plan(calendar: Calendar, reach: Reach, first: i64, last: i64) -> Vec<Fetch> {
    if reach == Reach::Forward {
        let starts = (first..=last).step_by(COLUMNS as usize);
        let fetch = |base| Fetch {
            base,
            first: base,
            last: last.min(base + COLUMNS - 1),
        };
        return starts.map(fetch).collect();
    }
    let (mut fetches, mut last) = (Vec::new(), last);
    while last >= first {
        let fetch = longest(calendar, reach, first, last);
        fetches.push(fetch);
        last = fetch.first - 1;
    }
    fetches.reverse();
    fetches
}

/// Returns the call that contains `last` and the largest number of earlier periods.
fn longest(calendar: Calendar, reach: Reach, first: i64, last: i64) -> Fetch {
    let year = 12 / calendar.interval.months();
    let ahead = match reach {
        Reach::Spans => year.min(COLUMNS - 1),
        _ => 0,
    };
    let mut best = Fetch::single(last);
    for base in last..=last + ahead {
        let mut back = last;
        if !is_exact(calendar, reach, base, back) {
            continue;
        }
        while back > first && back > base - COLUMNS + 1 && is_exact(calendar, reach, base, back - 1)
        {
            back -= 1;
        }
        if back < best.first {
            best = Fetch {
                base,
                first: back,
                last,
            };
        }
    }
    best
}

/// Returns whether a call from `base` shows exactly the period `index` in its column.
fn is_exact(calendar: Calendar, reach: Reach, base: i64, index: i64) -> bool {
    match reach {
        Reach::MonthEnds | Reach::Forward => true,
        Reach::Single => base == index,
        Reach::Spans => moved(calendar, base, index) == Some(calendar.period(index)),
    }
}

/// Returns the dates that Xero shows in the column for `index` of a call from `base`.
fn moved(calendar: Calendar, base: i64, index: i64) -> Option<Period> {
    let months = (base - index) * calendar.interval.months();
    let months = Months::new(u32::try_from(months).ok()?);
    let Period { start, end } = calendar.period(base);
    Some(Period {
        start: start.checked_sub_months(months)?,
        end: end.checked_sub_months(months)?,
    })
}

#[cfg(test)]
mod tests;
