//! Reports that cost a call for each contact or published return: a round of
//! calls by id, which a sync may leave to the next one to go on with.

use super::answer::Report as Answer;
use super::flatten::flatten;
use super::frame::{Columns, Frame};
use super::job::Job;
use super::organisation::Contact;
use super::periods::{Calendar, Period};
use super::record::Record;
use super::state::Place;
use crate::client::Trouble;
use crate::failure::Failure;
use crate::misses::{Again, MOST_MISSES, judge};
use crate::proof::Proof;
use crate::retry::Fault;
use crate::share::Share;
use crate::streams::{Balance, Shape};

/// Columns of the aged reports with words: a number or reference, a date, how long overdue.
const WORDS: usize = 3;

/// One call of a round.
#[derive(Clone, Debug)]
struct Item {
    /// The contact or the published return.
    id: String,
    name: Option<String>,
}

/// Reads what the stream's part of the calls allows. A contact or return that cannot be asked
/// keeps no other from being read.
pub(crate) async fn read(job: &mut Job<'_>, share: &Share) -> Result<Proof, Failure> {
    let part = share.part();
    let organisation = job.organisation().await?;
    let mut place = job.place();
    let calendar = Calendar::new(job.config().interval, organisation.year_end);
    let current = calendar.index(organisation.today);
    let period = calendar.period(current);
    let is_from_future = place.end().is_some_and(|end| end > period.end);
    if is_from_future || part == 0 {
        if part == 0 {
            job.warn("max_calls_per_sync leaves no call for it");
        }
        job.emit(&[], place).await?;
        return Ok(Proof::EveryItem); // none may be asked for
    }
    let mut items = items(job).await?;
    let total = items.len();
    items.retain(|item| place.after.as_ref().is_none_or(|after| item.id > *after));
    let calls = part.min(items.len());
    share.spend(calls);
    announce(job, total, items.len(), calls);
    let (columns, words) = match job.report.shape {
        Shape::Contact(_) => (Columns::Beside(vec![period]), WORDS),
        _ => (Columns::default(), 0),
    };
    let frame = Frame {
        columns,
        currency: organisation.currency,
        words,
        ..Frame::default()
    };
    let is_whole = calls == items.len();
    let closed = calendar.period(current - 1);
    items.truncate(calls);
    let last = items.last().map(|item| item.id.clone());
    let (mut missed, mut misses) = (None, 0);
    for item in items {
        let records = match ask(job, &item, &frame).await {
            Ok(records) => {
                misses = 0;
                records
            }
            Err(trouble) => {
                misses += 1;
                // A role may see a report or not, whomever it is about.
                let of_all = matches!(trouble, Trouble::Fault(Fault::Forbidden(_)))
                    || judge(&trouble) == Again::Stop
                    || misses == MOST_MISSES;
                let failure = job.told(trouble);
                if of_all {
                    return Err(failure);
                }
                job.warn(&format!("{} is passed over: {failure}", item.id));
                missed.get_or_insert(failure);
                Vec::new()
            }
        };
        match is_whole && last.as_ref() == Some(&item.id) {
            true => finish(job, &mut place, closed, period),
            false => place.after = Some(item.id),
        }
        job.emit(&records, place.clone()).await?;
    }
    if calls == 0 {
        if is_whole {
            finish(job, &mut place, closed, period);
        }
        job.emit(&[], place).await?;
    }
    // The next round asks for all of them again.
    missed.map_or(Ok(Proof::EveryItem), Err)
}

/// Notes the end of a round.
fn finish(job: &Job<'_>, place: &mut Place, closed: Period, current: Period) {
    place.after = None;
    match job.stream.cursor {
        Some(_) => {
            place.move_to(place.end().map_or(closed.end, |end| end.max(closed.end)));
            place.through = Some(current.end.to_string());
        }
        None => place.complete = Some(true),
    }
}

/// Says before the first call what the round costs.
fn announce(job: &Job<'_>, total: usize, open: usize, calls: usize) {
    let (stream, label) = (job.stream.name, job.tenant.label());
    let what = match job.report.shape {
        Shape::Contact(_) => "contacts with a balance",
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

/// All that a round consists of, by id.
async fn items(job: &mut Job<'_>) -> Result<Vec<Item>, Failure> {
    let mut items: Vec<Item> = match job.report.shape {
        Shape::Contact(balance) => {
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

/// The rows of one contact or return; none if it is gone since it was listed.
async fn ask(job: &mut Job<'_>, item: &Item, frame: &Frame) -> Result<Vec<Record>, Trouble> {
    let asked = match job.report.shape {
        Shape::Contact(_) => {
            let end = match &frame.columns {
                Columns::Beside(periods) => periods.first().map(|period| period.end.to_string()),
                Columns::Each(_) => None,
            };
            let frame = Frame {
                contact: Some((item.id.clone(), item.name.clone())),
                ..frame.clone()
            };
            let mut query = vec![("contactId", item.id.clone())];
            query.extend(end.map(|end| ("date", end)));
            job.ask("", query, |reports| rows(reports, &frame)).await
        }
        _ => {
            let below = format!("/{}", item.id);
            let read = |reports: &[Answer<'_>]| returned(rows(reports, frame), &item.id);
            job.ask(&below, Vec::new(), read).await
        }
    };
    match asked {
        Err(Trouble::Fault(Fault::Refused { status: 404, .. })) => {
            job.warn("Xero no longer knows one that it had listed");
            Ok(Vec::new())
        }
        asked => asked,
    }
}

fn rows(reports: &[Answer<'_>], frame: &Frame) -> Vec<Record> {
    let rows = reports.iter().map(|report| flatten(report, frame));
    rows.flatten().collect()
}

/// Rows of a published return, each with the id under which it is listed.
fn returned(mut records: Vec<Record>, id: &str) -> Vec<Record> {
    for record in &mut records {
        record.report_id = Some(id.to_owned());
    }
    records
}
