//! Reads reports that cost one request per contact or published return. The requests form rounds in
//! the order of the ids. A round may take several syncs.
//!
//! A round of contacts is about one period. If the period ends before the round does, the next
//! sync finishes the round as at the period's end, and then begins the current period. A contact
//! that gets a balance after the round has passed its id is requested in the next round.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::rows::contacts::Contact;
use crate::rows::reports::answer::ReportBody;
use crate::rows::reports::flatten::flatten;
use crate::rows::reports::period::Period;
use crate::rows::reports::record::ReportRecord;
use crate::rows::reports::report_context::{Columns, ReportContext};
use crate::state::reports::{Missed, ReportCursor};
use crate::streams::{Balance, ReportKind};
use crate::sync::call_quota::CallQuota;
use crate::sync::item_errors::{
    Disposition, ItemAnswer, ItemFailures, Rights, StopReason, disposition,
};
use crate::sync::item_requests::{ItemConsumer, ItemRequests, retries};
use crate::sync::reports::report_run::ReportRun;
use crate::sync::reports::tenant_report::TenantReport;
use crate::walk::periods::Calendar;
use crate::walk::proof::Proof;
use crate::xero::request::segment;

/// Leading text columns of the aged reports: a number or reference, a date, the days overdue.
const TEXT_COLUMNS: usize = 3;

/// A contact or a published return.
#[derive(Clone, Debug)]
struct Item {
    id: String,
    name: Option<String>,
}

/// One request.
#[derive(Debug)]
struct ItemRequest {
    item: Item,
    /// `None` for a published return.
    period: Option<Period>,
    /// Whether an earlier request for the item failed.
    is_again: bool,
    /// Whether the item is the last one of its round.
    ends_round: bool,
}

/// One request per contact for one period, or one per published return.
#[derive(Debug)]
struct Round {
    /// `None` for published returns.
    period: Option<Period>,
    /// The remaining items, in the order of their ids.
    items: Vec<Item>,
}

/// The requests that are due in one organisation.
#[derive(Debug)]
pub(crate) struct Due {
    cursor: ReportCursor,
    /// The last period that has ended.
    closed: Period,
    rounds: Vec<Round>,
    /// Items that failed in an earlier sync and are in no round.
    again: Vec<ItemRequest>,
    /// The number of items of a full round.
    all: usize,
    context: ReportContext,
}

impl Due {
    /// The number of requests.
    pub(crate) fn calls(&self) -> usize {
        self.new_items() + self.again.len()
    }

    fn new_items(&self) -> usize {
        self.rounds.iter().map(|round| round.items.len()).sum()
    }
}

/// Finds the requests that are due. `part` is the number of requests for the stream in all
/// organisations. `None` if no item may be requested.
pub(crate) async fn plan(run: &mut ReportRun<'_>, part: usize) -> Result<Option<Due>, Failure> {
    let report = run.report;
    let organisation = report.organisation().await?;
    let mut cursor = run.cursor();
    let calendar = Calendar::new(report.config().report_interval, organisation.year_end);
    let index = calendar.index(organisation.today);
    let [closed, current] = [index - 1, index].map(|index| calendar.period(index));
    if matches!(report.kind(), ReportKind::PerContact(_)) {
        restart(report, &mut cursor, calendar, [closed, current]);
    }
    let is_from_future = cursor.end().is_some_and(|end| end > current.end);
    if is_from_future || part == 0 {
        if part == 0 {
            report.warn("max_calls_per_sync leaves no call for this stream");
        }
        run.emit(&[], cursor).await?;
        return Ok(None);
    }
    let all = items(report).await?;
    let rounds = rounds(report, &cursor, calendar, current, &all);
    let again = again(&cursor, calendar, &rounds, &all);
    Ok(Some(Due {
        cursor,
        closed,
        rounds,
        again,
        all: all.len(),
        context: ReportContext {
            currency: organisation.currency,
            text_columns: match report.kind() {
                ReportKind::PerContact(_) => TEXT_COLUMNS,
                _ => 0,
            },
            ..ReportContext::default()
        },
    }))
}

/// Reads as many items as the organisation's share of the quota allows. A failed item does not stop
/// the others. The next sync requests it again for the same period.
pub(crate) async fn read(
    run: &mut ReportRun<'_>,
    due: Due,
    share: usize,
    quota: &CallQuota,
) -> Result<Proof, Failure> {
    let report = run.report;
    let (open, new) = (due.calls(), due.new_items());
    let again = retries(due.again, share, new);
    let first = new.min(share - again.len());
    announce(report, due.all, open, first + again.len());
    let before = report.calls.get();
    let mut items = ItemRun {
        run,
        cursor: due.cursor,
        closed: due.closed,
        failures: ItemFailures::default(),
        failure: None,
    };
    let new = items.begin(due.rounds, first);
    if new.is_empty() && again.is_empty() {
        items.emit(&[]).await?;
    }
    let requests = ItemRequests {
        stream: report.stream,
        tenant: report.tenant,
        spent: report.calls,
        max_calls: before + share,
        at_once: 1,
    };
    let context = &due.context;
    let request = |item| async move {
        let answer = request(report, &item, context).await;
        (item, answer)
    };
    let end = requests.send(new, again, request, &mut items).await;
    quota.spend(report.calls.get() - before);
    end?;
    items.failure.map_or(Ok(Proof::EveryItem), Err)
}

/// Drops the parts of the cursor that no sync reads any more. These are periods that do not exist
/// with the present settings, and failed contacts of periods before the last one that has ended.
fn restart(
    report: TenantReport<'_>,
    cursor: &mut ReportCursor,
    calendar: Calendar,
    [closed, current]: [Period; 2],
) {
    let dropped = cursor.read_as(calendar.interval().name());
    if let Some(dropped) = &dropped {
        report.warn("its periods are not those of the last sync: beginning with the current one");
        warn_partial(report, dropped.ends());
    }
    // The end of the financial year may have changed.
    let is_known = |end| calendar.ending(end).is_some_and(|it| it.end <= current.end);
    if let Some(end) = cursor.round_end().filter(|end| !is_known(*end)) {
        warn_partial(report, [end].into());
        (cursor.after, cursor.round_end) = (None, None);
    }
    let oldest = cursor.round_end().unwrap_or(closed.end).min(closed.end);
    let is_open = |missed: &Missed| missed.end().is_some_and(|it| is_known(it) && it >= oldest);
    let unknown = cursor.missed.extract_if(.., |missed| !is_open(missed));
    let ends = unknown.filter_map(|missed| missed.end()).collect();
    warn_partial(report, ends);
}

/// Warns about periods whose rest no sync will read.
fn warn_partial(report: TenantReport<'_>, ends: BTreeSet<NaiveDate>) {
    for end in ends {
        report.warn(&format!("the period that ends on {end} stays partial"));
    }
}

/// The rounds of a sync. A round whose period ended before it was finished comes first: Xero also
/// computes a report for a past day. Balances of contacts are known for today only.
fn rounds(
    report: TenantReport<'_>,
    cursor: &ReportCursor,
    calendar: Calendar,
    current: Period,
    all: &[Item],
) -> Vec<Round> {
    let is_left = |item: &&Item| cursor.after.as_ref().is_none_or(|after| item.id > *after);
    let left: Vec<_> = all.iter().filter(is_left).cloned().collect();
    if !matches!(report.kind(), ReportKind::PerContact(_)) {
        return vec![Round {
            period: None,
            items: left,
        }];
    }
    let period = cursor.round_end().and_then(|end| calendar.ending(end));
    let period = period.unwrap_or(current);
    let mut rounds = vec![Round {
        period: Some(period),
        items: left,
    }];
    if period != current {
        report.warn(&format!(
            "the period that ended on {} was not read to its end: reading the {} contacts that are left and still have a balance, as at that day",
            period.end,
            rounds[0].items.len()
        ));
        let next = calendar.period(calendar.index(period.end) + 1);
        if next != current {
            report.warn(&format!(
                "no sync reads the periods from {} up to the current one: raise max_calls_per_sync, or sync more often",
                next.start
            ));
        }
        rounds.push(Round {
            period: Some(current),
            items: all.to_vec(),
        });
    }
    rounds
}

/// The requests for items that failed before and are in no round.
fn again(
    cursor: &ReportCursor,
    calendar: Calendar,
    rounds: &[Round],
    all: &[Item],
) -> Vec<ItemRequest> {
    let in_round = |round: &Round, missed: &Missed| {
        let by_id = |item: &Item| item.id.as_str().cmp(&missed.id);
        round.period.map(|it| it.end) == missed.end() && round.items.binary_search_by(by_id).is_ok()
    };
    let missed = cursor.missed.iter();
    let missed = missed.filter(|missed| !rounds.iter().any(|round| in_round(round, missed)));
    let request = |missed: &Missed| ItemRequest {
        item: Item {
            id: missed.id.clone(),
            name: (all.iter().find(|item| item.id == missed.id)).and_then(|item| item.name.clone()),
        },
        period: missed.end().and_then(|end| calendar.ending(end)),
        is_again: true,
        ends_round: false,
    };
    missed.map(request).collect()
}

/// The requests of a sync and their results.
struct ItemRun<'r, 'a> {
    run: &'r mut ReportRun<'a>,
    cursor: ReportCursor,
    /// The last period that has ended.
    closed: Period,
    failures: ItemFailures,
    /// The first failure.
    failure: Option<Failure>,
}

impl ItemRun<'_, '_> {
    /// The first `calls` requests of the rounds. Rounds without items end at once.
    fn begin(&mut self, rounds: Vec<Round>, mut calls: usize) -> Vec<ItemRequest> {
        let mut requests = Vec::with_capacity(calls);
        for Round { period, items } in rounds {
            if items.is_empty() {
                self.end_round(period);
            }
            let last = items.len();
            let numbered = (1..).zip(items).take(calls);
            requests.extend(numbered.map(|(number, item)| ItemRequest {
                item,
                period,
                is_again: false,
                ends_round: number == last,
            }));
            if last > calls {
                break;
            }
            calls -= last;
        }
        requests
    }

    /// Ends a round. The cursor moves on if no item of the round failed.
    fn end_round(&mut self, period: Option<Period>) {
        let cursor = &mut self.cursor;
        (cursor.after, cursor.round_end) = (None, None);
        if !cursor.missed.is_empty() {
            return;
        }
        match period {
            Some(period) => {
                let settled = self.closed.end.min(period.end);
                cursor.move_to(cursor.end().map_or(settled, |end| end.max(settled)));
                cursor.through = Some(period.end.to_string());
            }
            None => cursor.complete = Some(true),
        }
    }

    async fn emit(&mut self, records: &[ReportRecord]) -> Result<(), Failure> {
        self.run.emit(records, self.cursor.clone()).await
    }
}

impl ItemConsumer<(ItemRequest, ItemAnswer<ReportRecord>)> for ItemRun<'_, '_> {
    fn failures(&self) -> &ItemFailures {
        &self.failures
    }

    async fn take(
        &mut self,
        (request, (records, error)): (ItemRequest, ItemAnswer<ReportRecord>),
    ) -> Result<(), Failure> {
        let ItemRequest {
            item,
            period,
            is_again,
            ends_round,
        } = request;
        let period_end = period.map(|period| period.end.to_string());
        let missed = Missed {
            id: item.id.clone(),
            period_end: period_end.clone(),
        };
        match error {
            None => {
                self.failures.reset();
                self.cursor.missed.retain(|other| *other != missed);
            }
            Some(error) => {
                let (failure, cursor) = (error.1.clone(), &mut self.cursor);
                let stop = self.failures.add(error, || cursor.remember(missed));
                if stop.is_some() {
                    return Ok(()); // the position stays before the item
                }
                self.run.report.warn(&format!(
                    "{} is skipped, the next sync requests it again: {failure}",
                    excerpt(&item.id)
                ));
                self.failure.get_or_insert(failure);
            }
        }
        if !is_again {
            self.cursor.after = Some(item.id);
            self.cursor.round_end = period_end;
        }
        if ends_round {
            self.end_round(period);
        }
        self.emit(&records).await
    }

    fn end_series(&mut self) -> Option<(StopReason, Failure)> {
        self.failures.end()
    }
}

/// Logs how many requests are due.
fn announce(report: TenantReport<'_>, total: usize, open: usize, calls: usize) {
    let (stream, label) = (report.stream.name, report.tenant.label());
    let what = match report.kind() {
        ReportKind::PerContact(_) => "contacts with a balance",
        _ => "published returns",
    };
    tracing::info!(
        stream,
        "{label} has {total} {what}, and each costs one call: {open} are due, {calls} of them in this sync"
    );
    if calls < open {
        report.warn(&format!(
            "max_calls_per_sync leaves {} of them for the next syncs",
            open - calls
        ));
    }
}

/// All items of a full round, in the order of their ids.
async fn items(report: TenantReport<'_>) -> Result<Vec<Item>, Failure> {
    let mut items: Vec<Item> = match report.kind() {
        ReportKind::PerContact(balance) => {
            let is_open = |contact: &&Contact| match balance {
                Balance::Receivable => contact.receivable,
                Balance::Payable => contact.payable,
            };
            let contacts = report.contacts().await?.iter().filter(is_open);
            let item = |contact: &Contact| Item {
                id: contact.id.clone(),
                name: contact.name.clone(),
            };
            contacts.map(item).collect()
        }
        _ => {
            let listed = report.request("", Vec::new(), published).await;
            listed.map_err(|error| report.to_failure(error))?
        }
    };
    items.sort_by(|one, other| one.id.cmp(&other.id));
    items.dedup_by(|one, other| one.id == other.id);
    Ok(items)
}

fn published(reports: &[ReportBody<'_>]) -> Vec<Item> {
    let item = |report: &ReportBody<'_>| {
        let id = report.id.clone().filter(|id| !id.is_empty())?;
        let name = report.report_name.clone();
        Some(Item { id, name })
    };
    reports.iter().filter_map(item).collect()
}

/// Requests the rows of one contact or return. One that was removed since it was listed has none.
async fn request(
    report: TenantReport<'_>,
    ItemRequest { item, period, .. }: &ItemRequest,
    context: &ReportContext,
) -> ItemAnswer<ReportRecord> {
    let result = match *period {
        Some(period) => {
            let context = ReportContext {
                columns: Columns::SideBySide(vec![period]),
                contact: Some((item.id.clone(), item.name.clone())),
                ..context.clone()
            };
            let query = vec![
                ("contactId", item.id.clone()),
                ("date", period.end.to_string()),
            ];
            report
                .request("", query, |reports| rows(reports, &context))
                .await
        }
        None => {
            let below = format!("/{}", segment(&item.id));
            let read = |reports: &[ReportBody<'_>]| returned(rows(reports, context), &item.id);
            report.request(&below, Vec::new(), read).await
        }
    };
    let error = match result {
        Ok(records) => return (records, None),
        Err(error) => error,
    };
    match disposition(&error, Rights::PerStream) {
        Disposition::Skip => {
            report.warn("a contact or return was removed in Xero since it was listed");
            (Vec::new(), None)
        }
        disposition => (Vec::new(), Some((disposition, report.to_failure(error)))),
    }
}

fn rows(reports: &[ReportBody<'_>], context: &ReportContext) -> Vec<ReportRecord> {
    let rows = reports.iter().map(|report| flatten(report, context));
    rows.flatten().collect()
}

/// Rows of a published return, each with the id under which it is listed.
fn returned(mut records: Vec<ReportRecord>, id: &str) -> Vec<ReportRecord> {
    for record in &mut records {
        record.report_id = Some(id.to_owned());
    }
    records
}
