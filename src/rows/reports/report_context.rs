//! What a report was asked for, which its screen does not say.

use crate::rows::reports::period::Period;

/// What was asked for: all that the rows tell beyond what stands in the report.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportContext {
    pub(crate) columns: Columns,
    pub(crate) basis: Option<&'static str>,
    /// The organisation's base currency.
    pub(crate) currency: Option<String>,
    /// The contact that the report is about: id and name.
    pub(crate) contact: Option<(String, Option<String>)>,
    /// The tracking category by whose options the columns are split: id and name.
    pub(crate) tracking: Option<(String, String)>,
    /// Columns behind the title that hold words, whatever they look like.
    pub(crate) words: usize,
    /// Titles are "Name (Code)".
    pub(crate) codes: bool,
}

/// Which periods the columns behind the title belong to.
#[derive(Clone, Debug)]
pub(crate) enum Columns {
    /// One column a period; there may be others behind them, which nobody asked for.
    Each(Vec<Period>),
    /// Several columns side by side, the first ones of these periods and the
    /// others of the first of them.
    Beside(Vec<Period>),
}

impl Default for Columns {
    fn default() -> Columns {
        Columns::Beside(Vec::new())
    }
}

impl Columns {
    /// The period and the place of the value in a column, if it was asked for.
    pub(crate) fn of(&self, column: usize) -> Option<(Option<Period>, usize)> {
        match self {
            Columns::Each(periods) => periods.get(column).map(|period| (Some(*period), 0)),
            Columns::Beside(periods) => {
                let period = periods.get(column).or_else(|| periods.first());
                Some((period.copied(), column))
            }
        }
    }
}
