//! The columns of a profit and loss: periods, or tracking options.

use chrono::Months;

use super::parameters::{Invalid, ReportCall, month_end_before};
use crate::books::{Day, Ledger, Span, Sums, Tracked};
use crate::rows;

/// Titles, and what the accounts moved by under each.
pub(super) struct Columns {
    pub(super) titles: Vec<String>,
    pub(super) sums: Vec<Sums>,
}

impl Columns {
    /// The span and what it is compared with. Between two given dates the days of the month
    /// are repeated, so that a month of 28 or 30 days cuts longer ones short; without them
    /// whole months are compared.
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

    /// The options of a category, or their combinations with those of a second one; then
    /// what is tracked under none of them, and all together.
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

/// The options of the category that a parameter names, or the one that another names.
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

/// A column's title, the day on which its period ends, as in `28 Feb 18`.
fn column(day: Day) -> String {
    day.format("%-d %b %y").to_string()
}
