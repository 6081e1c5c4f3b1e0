//! The period that a report covers.

use chrono::{Datelike, NaiveDate};

/// A span of days, both of which belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Period {
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
}

impl Period {
    /// The month in which the period ends.
    pub(crate) fn last_month(self) -> Period {
        Period {
            start: self.end.with_day(1).unwrap_or(self.start),
            ..self
        }
    }

    /// The month before the one in which the period ends.
    pub(crate) fn month_before(self) -> Period {
        let end = self.last_month().start.pred_opt().unwrap_or(self.end);
        Period { start: end, end }.last_month()
    }
}
