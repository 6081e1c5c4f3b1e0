//! The period that a report covers.

use chrono::{Datelike, NaiveDate};

/// A range of days that includes its start and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Period {
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
}

impl Period {
    /// Returns the month in which the period ends.
    pub(crate) fn last_month(self) -> Period {
        Period {
            start: self.end.with_day(1).unwrap_or(self.start),
            ..self
        }
    }

    /// Returns the month before the last month of the period.
    pub(crate) fn month_before(self) -> Period {
        let end = self.last_month().start.pred_opt().unwrap_or(self.end);
        Period { start: end, end }.last_month()
    }
}
