//! The columns of a profit and loss: periods, or tracking options.

use chrono::Months;

use super::parameters::{Invalid, ReportCall, month_end_before};
use crate::books::{Day, Ledger, Span, Sums, Tracked};
use crate::rows;

/// The column titles, and the movement of each account in each column.
pub(super) struct Columns {
    pub(super) titles: Vec<String>,
    pub(super) sums: Vec<Sums>,
}

impl Columns {
    /// Returns a column for the span and one for each period that it is compared with. If both
    /// dates are given, the comparisons repeat the days of the month, so a month of 28 or 30 days
    /// shortens longer ones. Otherwise whole months are compared.
    pub(super) fn by_period(
        call: &ReportCall<'_>,
        ledger: &Ledger,
        span: Span,
    ) -> Result<Self, Invalid> {
        let (_, given) = call.span()?;
        let (periods, step) = (call.periods()?.unwrap_or(0), call.step()?);
        let spans = (0..=periods).map(|period| match given {
            true => span.back(period, step, call.tenant.comparisons),
            false => Span {
                first: Span::month(span.first).first - Months::new(period * step),
                last: match period {
                    0 => span.last,
                    _ => month_end_before(span.last, period * step),
                },
            },
        });
        let (titles, sums) = spans
            .map(|span| (column(span.last), ledger.moved(span, Tracked::Any)))
            .unzip();
        Ok(Self { titles, sums })
    }

    /// Returns a column for each option of a category, or for each combination with an option of a
    /// second category. The last two columns are untracked amounts and the total.
    pub(super) fn by_tracking(
        call: &ReportCall<'_>,
        ledger: &Ledger,
        span: Span,
    ) -> Result<Self, Invalid> {
        let one = options(call, "trackingCategoryID", "trackingOptionID")?;
        let other = match call.text("trackingCategoryID2") {
            Some(_) => Some(options(call, "trackingCategoryID2", "trackingOptionID2")?),
            None => None,
        };
        let chosen: Vec<(String, Tracked)> = match &other {
            None => {
                let single =
                    |(id, name): &(u128, &str)| (name.to_string(), Tracked::Under(*id, None));
                one.iter().map(single).collect()
            }
            Some(other) => {
                let pairs = one
                    .iter()
                    .flat_map(|one| other.iter().map(move |it| (one, it)));
                let pair = |((id, name), (second, also)): (&(u128, &str), &(u128, &str))| {
                    (
                        format!("{name}, {also}"),
                        Tracked::Under(*id, Some(*second)),
                    )
                };
                pairs.map(pair).collect()
            }
        };
        let (mut titles, mut sums): (Vec<_>, Vec<_>) = chosen
            .into_iter()
            .map(|(title, tracked)| (title, ledger.moved(span, tracked)))
            .unzip();
        if call.text("trackingOptionID").is_none() && call.text("trackingOptionID2").is_none() {
            let all = ledger.moved(span, Tracked::Any);
            sums.push(all.less(&sums));
            sums.push(all);
            titles.extend(["Unassigned", "Total"].map(str::to_owned));
        }
        Ok(Self { titles, sums })
    }
}

/// Returns the options of the category in one parameter, or only the option in another parameter.
fn options(
    call: &ReportCall<'_>,
    category: &str,
    option: &str,
) -> Result<Vec<(u128, &'static str)>, Invalid> {
    let found = call
        .id(category)
        .and_then(|id| rows::options(call.tenant, id));
    let mut options = found.ok_or_else(|| Invalid(format!("{category} is not known")))?;
    if call.text(option).is_some() {
        options.retain(|(id, _)| call.id(option) == Some(*id));
    }
    Ok(options)
}

/// Returns the title of a column: the last day of its period, as in `28 Feb 18`.
fn column(day: Day) -> String {
    day.format("%-d %b %y").to_string()
}
