//! Holds the facts about a report that come from the request and not from the response.

use crate::rows::reports::period::Period;

/// Facts of the request that the rows of a report need.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportContext {
    /// The periods of the columns.
    pub(crate) columns: Columns,
    /// `accrual` or `cash`. `None` if the report has no basis.
    pub(crate) basis: Option<&'static str>,
    /// The organisation's base currency.
    pub(crate) currency: Option<String>,
    /// The contact of the report: id and name.
    pub(crate) contact: Option<(String, Option<String>)>,
    /// The tracking category whose options are the columns: id and name.
    pub(crate) tracking: Option<(String, String)>,
    /// Number of columns after the title that hold text, even if it looks like a number.
    pub(crate) text_columns: usize,
    /// Whether row titles have the form "Name (Code)".
    pub(crate) titles_have_codes: bool,
}

/// The periods of the columns after the title column.
#[derive(Clone, Debug)]
pub(crate) enum Columns {
    /// One column per period. Further columns are ignored.
    OnePerPeriod(Vec<Period>),
    /// The first columns belong to these periods. All other columns belong to the first period.
    SideBySide(Vec<Period>),
}

impl Default for Columns {
    fn default() -> Columns {
        Columns::SideBySide(Vec::new())
    }
}

impl Columns {
    /// Returns the period of a column and the column's position within it, unless the column is
    /// ignored.
    pub(crate) fn of(&self, column: usize) -> Option<(Option<Period>, usize)> {
        match self {
            Columns::OnePerPeriod(periods) => periods.get(column).map(|period| (Some(*period), 0)),
            Columns::SideBySide(periods) => {
                let period = periods.get(column).or_else(|| periods.first());
                Some((period.copied(), column))
            }
        }
    }
}
