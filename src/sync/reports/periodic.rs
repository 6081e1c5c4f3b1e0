//! Reads reports by period: new periods, and recent periods again, because entries may still change
//! them.

use std::collections::VecDeque;

use super::plan::{PeriodSettings, Plan};
use crate::failure::Failure;
use crate::rows::reports::answer::ReportBody;
use crate::rows::reports::flatten::{flatten, width};
use crate::rows::reports::form_1099::boxes;
use crate::rows::reports::period::Period;
use crate::rows::reports::record::ReportRecord;
use crate::rows::reports::report_context::{Columns, ReportContext};
use crate::rows::reports::verify_comparisons;
use crate::state::reports::ReportCursor;
use crate::streams::ReportKind;
use crate::sync::organisation::Organisation;
use crate::sync::reports::report_run::ReportRun;
use crate::sync::reports::tenant_report::TenantReport;
use crate::walk::periods::{Fetch, Reach};
use crate::walk::proof::Proof;

/// Maximum number of requests of a sync that also verifies the comparisons. Longer syncs leave the
/// verification to the next one, so that five years of months cost six requests.
const MAX_CALLS_TO_VERIFY: usize = 5;

/// One response: its rows, and the number of columns after the title.
struct Page {
    records: Vec<ReportRecord>,
    width: usize,
}

/// Reads the periods of the organisation that are due.
pub(crate) async fn read(run: &mut ReportRun<'_>) -> Result<Proof, Failure> {
    let report = run.report;
    let organisation = report.organisation().await?;
    let mut cursor = run.cursor();
    if report.kind() == ReportKind::TaxYear && !organisation.may_be_american() {
        report.warn("it is not in the United States and so has no 1099 reports: remove the stream from the connection if no other organisation has them");
        run.emit(&[], cursor).await?;
        return Ok(Proof::EveryItem); // there is none
    }
    let tracking = match report.kind() {
        ReportKind::Comparative => report.tracking().await?,
        _ => None,
    };
    let mut plan = Plan::new(report, &organisation, tracking.as_ref(), &mut cursor);
    let context = ReportContext {
        basis: report.report.basis,
        currency: organisation.currency,
        tracking: tracking.map(|tracking| (tracking.id, tracking.name)),
        titles_have_codes: report.kind() == ReportKind::AtDate,
        ..ReportContext::default()
    };
    let mut fetches = plan.fetches(&cursor);
    let mut held = None;
    if cursor.comparisons.is_none()
        && plan.reach == Reach::Spans
        && fetches.len() <= MAX_CALLS_TO_VERIFY
        && let Some(fetch) = widest(&fetches)
    {
        let page = request(report, &plan, fetch, &context).await?;
        cursor.comparisons = agrees(report, &plan, fetch, &page, &context).await?;
        match cursor.comparisons {
            None | Some(true) => held = Some((fetch, page)),
            Some(false) => {
                report.warn("the periods that Xero shows side by side do not add up to its total: requesting each period by itself");
                // Earlier syncs may have read wrong values, so all periods are read again.
                plan.first = plan.start;
                cursor.period_end = None;
                fetches = plan.fetches(&cursor);
            }
        }
    }
    announce(report, &plan, fetches.len());
    let before = cursor.end();
    while let Some(fetch) = fetches.pop_front() {
        let page = match held.take_if(|(checked, _)| *checked == fetch) {
            Some((_, page)) => page,
            None => request(report, &plan, fetch, &context).await?,
        };
        if (1..fetch.columns().len()).contains(&page.width) {
            report
                .warn("Xero shows fewer periods than requested: requesting each period by itself");
            let rest = std::iter::once(fetch).chain(fetches);
            fetches = rest.flat_map(|fetch| fetch.singles()).collect();
            continue;
        }
        let records = plan.wanted(fetch, page.records);
        let settled = plan.calendar.period(plan.settled.min(fetch.last)).end;
        cursor.move_to(before.map_or(settled, |before| before.max(settled)));
        cursor.through = Some(plan.calendar.period(fetch.last).end.to_string());
        run.emit(&records, cursor.clone()).await?;
    }
    if report.calls.get() == 0 {
        run.emit(&[], cursor).await?; // nothing was due
    }
    Ok(Proof::EveryItem)
}

/// Returns the number of calls of a first sync, and of a sync that directly follows it.
pub(crate) fn calls(settings: PeriodSettings, organisation: &Organisation) -> [u64; 2] {
    if settings.kind == ReportKind::TaxYear && !organisation.may_be_american() {
        return [0, 0];
    }
    let first = Plan::of(settings, organisation, None);
    let settled = first.calendar.period(first.settled).end;
    let later = Plan::of(settings, organisation, Some(settled));
    let [fetches, next] = [&first, &later].map(|plan| plan.fetches(&ReportCursor::default()));
    let is_verified = first.reach == Reach::Spans
        && fetches.len() <= MAX_CALLS_TO_VERIFY
        && widest(&fetches).is_some();
    [
        fetches.len() as u64 + u64::from(is_verified),
        next.len() as u64,
    ]
}

/// Logs how many requests follow, which can be many after an early start date.
fn announce(report: TenantReport<'_>, plan: &Plan, calls: usize) {
    if calls > 1 {
        let (stream, label) = (report.stream.name, report.tenant.label());
        let [first, last] = [plan.first, plan.last].map(|index| plan.calendar.period(index));
        tracing::info!(
            stream,
            "{label}: {calls} calls for the periods from {} to {}",
            first.start,
            last.end
        );
    }
}

/// Returns the request with the most comparisons, if any has some.
fn widest(fetches: &VecDeque<Fetch>) -> Option<Fetch> {
    let widest = fetches.iter().max_by_key(|fetch| fetch.columns().len());
    widest.copied().filter(|fetch| fetch.columns().len() > 1)
}

/// Whether the columns of a response add up to the total of their days. `None` if the rows do not
/// show it.
async fn agrees(
    report: TenantReport<'_>,
    plan: &Plan,
    fetch: Fetch,
    page: &Page,
    context: &ReportContext,
) -> Result<Option<bool>, Failure> {
    let periods = plan.periods(fetch);
    let range = verify_comparisons::range(&periods).filter(|_| page.width >= periods.len());
    let Some(range) = range else {
        return Ok(Some(false));
    };
    let context = ReportContext {
        columns: Columns::OnePerPeriod(vec![range]),
        ..context.clone()
    };
    let totals = page_of(report, days(range), context, range).await?;
    Ok(verify_comparisons::agree(
        &page.records,
        &totals.records,
        range,
    ))
}

/// Requests the periods of `fetch`.
async fn request(
    report: TenantReport<'_>,
    plan: &Plan,
    fetch: Fetch,
    context: &ReportContext,
) -> Result<Page, Failure> {
    let periods = plan.periods(fetch);
    let base = plan.calendar.period(fetch.base);
    let interval = plan.calendar.interval();
    let mut query = match report.kind() {
        ReportKind::Comparative | ReportKind::Range => days(base),
        ReportKind::Budget => vec![
            ("date", base.start.to_string()),
            ("periods", periods.len().to_string()),
            ("timeframe", interval.months().to_string()),
        ],
        ReportKind::TaxYear => vec![("reportYear", base.end.format("%Y").to_string())],
        _ => vec![("date", base.end.to_string())],
    };
    let compares = matches!(plan.reach, Reach::Spans | Reach::MonthEnds);
    if compares && periods.len() > 1 {
        query.push(("periods", (periods.len() - 1).to_string()));
        query.push(("timeframe", interval.name().to_uppercase()));
    }
    if let Some((category, _)) = &context.tracking {
        query.push(("trackingCategoryID", category.clone()));
    }
    let columns = match report.kind() {
        ReportKind::AtDate => Columns::SideBySide(vec![base.last_month()]),
        ReportKind::Month => Columns::SideBySide(vec![base.last_month(), base.month_before()]),
        ReportKind::Comparative | ReportKind::ComparativeAtDate | ReportKind::Budget
            if context.tracking.is_none() =>
        {
            Columns::OnePerPeriod(periods)
        }
        _ => Columns::SideBySide(vec![base]),
    };
    let context = ReportContext {
        columns,
        ..context.clone()
    };
    page_of(report, query, context, base).await
}

fn days(period: Period) -> Vec<(&'static str, String)> {
    vec![
        ("fromDate", period.start.to_string()),
        ("toDate", period.end.to_string()),
    ]
}

/// Requests the report and flattens it.
async fn page_of(
    report: TenantReport<'_>,
    query: Vec<(&'static str, String)>,
    context: ReportContext,
    period: Period,
) -> Result<Page, Failure> {
    let read = |reports: &[ReportBody<'_>]| Page {
        records: reports
            .iter()
            .flat_map(|report| {
                [flatten(report, &context), boxes(report, period, &context)].concat()
            })
            .collect(),
        width: reports.first().map_or(0, width),
    };
    let page = report.request("", query, read).await;
    page.map_err(|error| report.to_failure(error))
}
