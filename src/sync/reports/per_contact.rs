//! Reports that cost a call for each contact or published return: a round of calls by id,
//! which a sync may leave to the next one to go on with.
//!
//! A round of contacts is about one period. If the period ends before the round does, the next
//! sync finishes it as at the period's end, before it begins with the period under way. Contacts
//! that get a balance behind the place of a round are asked in the next round.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::organisation::Contact;
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::rows::reports::answer::Report as Answer;
use crate::rows::reports::flatten::flatten;
use crate::rows::reports::period::Period;
use crate::rows::reports::record::ReportRecord;
use crate::rows::reports::report_context::{Columns, ReportContext};
use crate::state::reports::{Missed, ReportCursor};
use crate::streams::{Balance, ReportKind};
use crate::sync::call_quota::CallQuota;
use crate::sync::item_errors::{ConsecutiveFailures, Disposition, Rights, disposition};
use crate::sync::reports::report_run::ReportRun;
use crate::walk::periods::Calendar;
use crate::walk::proof::Proof;
use crate::xero::fault::{Fault, RequestError};
use crate::xero::request;

/// Leading text columns of the aged reports: a number or reference, a date, the days overdue.
const WORDS: usize = 3;

/// Maximum number of failed contacts or returns that the state of an organisation records. One
/// more stops the stream.
const MOST_MISSED: usize = 100;

/// A contact or a published return.
#[derive(Clone, Debug)]
struct Item {
    id: String,
    name: Option<String>,
}

/// One request per contact for one period, or one per published return.
#[derive(Debug)]
struct Round {
    /// None for published returns.
    period: Option<Period>,
    /// The items that are left, in the order of their ids.
    items: Vec<Item>,
}

/// Reads as many items as the stream's part of the quota allows. A failed item does not stop the
/// others. The next sync requests it again for the same period.
pub(crate) async fn read(job: &mut ReportRun<'_>, quota: &CallQuota) -> Result<Proof, Failure> {
    let part = quota.part();
    let organisation = job.organisation().await?;
    let mut place = job.place();
    let calendar = Calendar::new(job.config().report_interval, organisation.year_end);
    let current = calendar.index(organisation.today);
    let under_way = calendar.period(current);
    if matches!(job.report.kind, ReportKind::PerContact(_)) {
        restart(job, &mut place, calendar, current);
    }
    let is_from_future = place.end().is_some_and(|end| end > under_way.end);
    if is_from_future || part == 0 {
        if part == 0 {
            job.warn("max_calls_per_sync leaves no call for it");
        }
        job.emit(&[], place).await?;
        return Ok(Proof::EveryItem); // none may be asked for
    }
    let all = items(job).await?;
    let total = all.len();
    let rounds = rounds(job, &place, calendar, under_way, &all);
    let again = again(&place, &rounds, &all, part);
    let new: usize = rounds.iter().map(|round| round.items.len()).sum();
    let first = new.min(part - again.len());
    quota.spend(first + again.len());
    announce(job, total, new + again.len(), first + again.len());
    let context = ReportContext {
        currency: organisation.currency,
        text_columns: match job.report.kind {
            ReportKind::PerContact(_) => WORDS,
            _ => 0,
        },
        ..ReportContext::default()
    };
    let mut run = Run {
        job,
        place,
        context,
        closed: calendar.period(current - 1),
        failures: ConsecutiveFailures::default(),
        failure: None,
    };
    run.read(rounds, again, first, calendar).await?;
    run.failure.map_or(Ok(Proof::EveryItem), Err)
}

/// Drops what the state says about periods that no longer exist. Gives up contacts that failed
/// during the whole period after the one that they were requested for.
fn restart(job: &ReportRun<'_>, place: &mut ReportCursor, calendar: Calendar, current: i64) {
    let [closed, under_way] = [current - 1, current].map(|index| calendar.period(index));
    let dropped = place.read_as(calendar.interval().name());
    if let Some(dropped) = &dropped {
        job.warn("its periods are not those of the last sync: beginning with the one under way");
        warn_partial(job, dropped.ends());
    }
    // The end of the financial year may have changed.
    let is_known = |end| {
        calendar
            .ending(end)
            .is_some_and(|it| it.end <= under_way.end)
    };
    if let Some(end) = place.round_end().filter(|end| !is_known(*end)) {
        warn_partial(job, [end].into());
        (place.after, place.round_end) = (None, None);
    }
    let oldest = place.round_end().unwrap_or(closed.end).min(closed.end);
    let is_open = |missed: &Missed| missed.end().is_some_and(|it| is_known(it) && it >= oldest);
    let unknown = place.missed.extract_if(.., |missed| !is_open(missed));
    let ends = unknown.filter_map(|missed| missed.end()).collect();
    warn_partial(job, ends);
}

/// Warns about periods whose rest no sync will read.
fn warn_partial(job: &ReportRun<'_>, ends: BTreeSet<NaiveDate>) {
    for end in ends {
        job.warn(&format!("the period that ends on {end} stays partial"));
    }
}

/// The rounds of a sync. A round whose period ended before it was finished comes first, because
/// Xero computes a report for a past day too. Balances of contacts are known for today only.
fn rounds(
    job: &ReportRun<'_>,
    place: &ReportCursor,
    calendar: Calendar,
    under_way: Period,
    all: &[Item],
) -> Vec<Round> {
    let is_left = |item: &&Item| place.after.as_ref().is_none_or(|after| item.id > *after);
    let left: Vec<_> = all.iter().filter(is_left).cloned().collect();
    if !matches!(job.report.kind, ReportKind::PerContact(_)) {
        return vec![Round {
            period: None,
            items: left,
        }];
    }
    let period = place.round_end().and_then(|end| calendar.ending(end));
    let period = period.unwrap_or(under_way);
    let mut rounds = vec![Round {
        period: Some(period),
        items: left,
    }];
    if period != under_way {
        job.warn(&format!(
            "the period that ended on {} was not read to its end: reading the {} contacts that are left and still have a balance, as at that day",
            period.end,
            rounds[0].items.len()
        ));
        let next = calendar.period(calendar.index(period.end) + 1);
        if next != under_way {
            job.warn(&format!(
                "no sync reads the periods from {} up to the one under way: raise max_calls_per_sync, or sync more often",
                next.start
            ));
        }
        rounds.push(Round {
            period: Some(under_way),
            items: all.to_vec(),
        });
    }
    rounds
}

/// The items that failed before and are in no round. Their order is random, so that items that
/// always fail do not block the others.
fn again(place: &ReportCursor, rounds: &[Round], all: &[Item], part: usize) -> Vec<(Missed, Item)> {
    let in_round = |round: &Round, missed: &Missed| {
        let by_id = |item: &Item| item.id.as_str().cmp(&missed.id);
        round.period.map(|it| it.end) == missed.end() && round.items.binary_search_by(by_id).is_ok()
    };
    let missed = place.missed.iter();
    let missed = missed.filter(|missed| !rounds.iter().any(|round| in_round(round, missed)));
    let item = |missed: &Missed| {
        let known = all.iter().find(|item| item.id == missed.id).cloned();
        let unnamed = || Item {
            id: missed.id.clone(),
            name: None,
        };
        (missed.clone(), known.unwrap_or_else(unnamed))
    };
    let mut again: Vec<_> = missed.map(item).collect();
    fastrand::shuffle(&mut again);
    let new = rounds.iter().map(|round| round.items.len()).sum();
    again.truncate(CallQuota::retries(part, new));
    again
}

/// The requests of a sync and their results.
struct Run<'j, 'a> {
    job: &'j mut ReportRun<'a>,
    place: ReportCursor,
    /// The context of all rows, without the period.
    context: ReportContext,
    /// The last period that has ended.
    closed: Period,
    failures: ConsecutiveFailures,
    /// The first failure.
    failure: Option<Failure>,
}

impl Run<'_, '_> {
    /// Makes `calls` calls of the rounds, then those for items that failed before.
    async fn read(
        &mut self,
        rounds: Vec<Round>,
        again: Vec<(Missed, Item)>,
        mut calls: usize,
        calendar: Calendar,
    ) -> Result<(), Failure> {
        let is_idle = calls == 0 && again.is_empty();
        for Round { period, mut items } in rounds {
            let is_whole = items.len() <= calls;
            items.truncate(calls);
            calls -= items.len();
            let last = items.len();
            for (at, item) in items.into_iter().enumerate() {
                let records = self.ask(&item, period, false).await?;
                self.place.after = Some(item.id);
                self.place.round_end = period.map(|period| period.end.to_string());
                if is_whole && at + 1 == last {
                    self.finish(period);
                }
                self.emit(&records).await?;
            }
            if is_whole && last == 0 {
                self.finish(period);
            }
            if !is_whole {
                break;
            }
        }
        self.failures.reset();
        for (missed, item) in again {
            let period = missed.end().and_then(|end| calendar.ending(end));
            let records = self.ask(&item, period, true).await?;
            self.emit(&records).await?;
            if self.failures.is_limit() {
                break; // the others wait for the next sync
            }
        }
        match is_idle {
            true => self.emit(&[]).await,
            false => Ok(()),
        }
    }

    /// Requests the rows of one item. If the request fails, the state records the item. An error ends
    /// the stream.
    async fn ask(
        &mut self,
        item: &Item,
        period: Option<Period>,
        is_again: bool,
    ) -> Result<Vec<ReportRecord>, Failure> {
        let asked = Missed {
            id: item.id.clone(),
            period_end: period.map(|period| period.end.to_string()),
        };
        let trouble = match ask(self.job, item, period, &self.context).await {
            Ok(records) => {
                self.failures.reset();
                self.place.missed.retain(|missed| *missed != asked);
                return Ok(records);
            }
            Err(trouble) => trouble,
        };
        let is_limit = self.failures.add();
        let is_known = self.place.missed.contains(&asked);
        let is_enough =
            is_limit && !is_again || self.place.missed.len() >= MOST_MISSED && !is_known;
        let of_all = disposition(&trouble, Rights::PerStream) == Disposition::Abort || is_enough;
        let failure = self.job.told(trouble);
        if of_all {
            return Err(failure);
        }
        self.job
            .warn(&format!("{} is passed over: {failure}", excerpt(&item.id)));
        self.failure.get_or_insert(failure);
        if !is_known {
            self.place.missed.push(asked);
        }
        Ok(Vec::new())
    }

    /// Ends a round. The cursor moves on if no item of the round failed.
    fn finish(&mut self, period: Option<Period>) {
        let place = &mut self.place;
        (place.after, place.round_end) = (None, None);
        if !place.missed.is_empty() {
            return;
        }
        match period {
            Some(period) => {
                let settled = self.closed.end.min(period.end);
                place.move_to(place.end().map_or(settled, |end| end.max(settled)));
                place.through = Some(period.end.to_string());
            }
            None => place.complete = Some(true),
        }
    }

    async fn emit(&mut self, records: &[ReportRecord]) -> Result<(), Failure> {
        self.job.emit(records, self.place.clone()).await
    }
}

/// Logs how many requests the round needs.
fn announce(job: &ReportRun<'_>, total: usize, open: usize, calls: usize) {
    let (stream, label) = (job.stream.name, job.tenant.label());
    let what = match job.report.kind {
        ReportKind::PerContact(_) => "contacts with a balance",
        _ => "published returns",
    };
    tracing::info!(
        stream,
        "{label} has {total} {what}, at a call each: {open} are to be read, {calls} in this sync"
    );
    if calls < open {
        job.warn(&format!(
            "max_calls_per_sync leaves {} of them to the next syncs",
            open - calls
        ));
    }
}

/// All items of a full round, in the order of their ids.
async fn items(job: &mut ReportRun<'_>) -> Result<Vec<Item>, Failure> {
    let mut items: Vec<Item> = match job.report.kind {
        ReportKind::PerContact(balance) => {
            let is_open = |contact: &&Contact| match balance {
                Balance::Receivable => contact.receivable,
                Balance::Payable => contact.payable,
            };
            let contacts = job.contacts().await?.iter().filter(is_open);
            let item = |contact: &Contact| Item {
                id: contact.id.clone(),
                name: contact.name.clone(),
            };
            contacts.map(item).collect()
        }
        _ => {
            let listed = job.ask("", Vec::new(), published).await;
            job.calls -= 1; // the list is no part of the round
            listed.map_err(|trouble| job.told(trouble))?
        }
    };
    items.sort_by(|one, other| one.id.cmp(&other.id));
    items.dedup_by(|one, other| one.id == other.id);
    Ok(items)
}

fn published(reports: &[Answer<'_>]) -> Vec<Item> {
    let item = |report: &Answer<'_>| {
        let id = report.id.clone().filter(|id| !id.is_empty())?;
        let name = report.report_name.clone();
        Some(Item { id, name })
    };
    reports.iter().filter_map(item).collect()
}

/// Requests the rows of one contact or return. Returns no rows if it was removed since it was
/// listed.
async fn ask(
    job: &mut ReportRun<'_>,
    item: &Item,
    period: Option<Period>,
    context: &ReportContext,
) -> Result<Vec<ReportRecord>, RequestError> {
    let asked = match period {
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
            job.ask("", query, |reports| rows(reports, &context)).await
        }
        None => {
            let below = format!("/{}", request::segment(&item.id));
            let read = |reports: &[Answer<'_>]| returned(rows(reports, context), &item.id);
            job.ask(&below, Vec::new(), read).await
        }
    };
    match asked {
        Err(RequestError::Fault(Fault::Refused { status: 404, .. })) => {
            job.warn("Xero no longer knows one that it had listed");
            Ok(Vec::new())
        }
        asked => asked,
    }
}

fn rows(reports: &[Answer<'_>], context: &ReportContext) -> Vec<ReportRecord> {
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
