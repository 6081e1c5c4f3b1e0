//! Defines the values of `report_interval`.

/// The length of a report's period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Interval {
    #[default]
    Month,
    Quarter,
    Year,
}

impl Interval {
    /// Returns its name in the config.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Interval::Month => "month",
            Interval::Quarter => "quarter",
            Interval::Year => "year",
        }
    }

    /// Returns the interval with this name.
    pub(crate) fn named(name: &str) -> Option<Interval> {
        let all = [Interval::Month, Interval::Quarter, Interval::Year];
        all.into_iter().find(|interval| interval.name() == name)
    }

    /// Returns its length in months, which is the `timeframe` of a budget request.
    pub(crate) fn months(self) -> i64 {
        match self {
            Interval::Month => 1,
            Interval::Quarter => 3,
            Interval::Year => 12,
        }
    }
}
