//! The figures of a sync. Requests and streams report them while they run; the display and the report
//! read them.
//!
//! A lock is taken for each call and page, never for a row.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::failure::{Failure, Kind};
use crate::progress::calls::{CallCounts, Interval, MinuteUse};
use crate::progress::usage::Usage;
use crate::progress::waits::{Wait, Waits};
use crate::streams::{Source, Stream};
use crate::xero::listener::{Call, Subject, WaitReason};
use crate::xero::rate_limit::budget::{CALLS_A_MINUTE, Capacity};
use crate::xero::tenants::{Tenant, TenantId};

/// Maximum number of failures that are kept. Failures of several organisations are one failure of a
/// stream, so there are seldom more.
const MAX_FAILURES: usize = 200;

/// The progress of one sync. Threads share it.
#[derive(Debug)]
pub(crate) struct SyncProgress {
    start: Instant,
    figures: Mutex<Figures>,
}

/// How a sync ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A signal, a closed stdout or a fault of the connector ended it. This also holds while it runs.
    #[default]
    Interrupted,
    /// Every stream is complete.
    Complete,
    /// Some streams are not complete.
    Incomplete,
    /// It failed before it read a stream.
    Failed,
}

impl Outcome {
    /// Returns the outcome of a verb that returns whether all streams are complete.
    pub(crate) fn of(is_complete: &Result<bool, Failure>) -> Outcome {
        match is_complete {
            Ok(true) => Outcome::Complete,
            Ok(false) => Outcome::Incomplete,
            Err(_) => Outcome::Failed,
        }
    }
}

/// The figures of a sync.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) started: DateTime<Utc>,
    pub(crate) outcome: Outcome,
    pub(crate) usage: Usage,
    pub(crate) streams: Vec<StreamFigures>,
    pub(crate) organisations: Vec<OrganisationFigures>,
    indices: HashMap<TenantId, usize>,
    /// The calls to all organisations, over time.
    pub(crate) calls: CallCounts,
    pub(crate) interval: Interval,
    pub(crate) waits: Waits,
    /// The wait of all organisations that began last.
    wait_of_all: Option<Wait>,
    pub(crate) failures: Vec<FailureFigures>,
}

/// A failure of a stream, or of the whole sync.
#[derive(Clone, Debug)]
pub(crate) struct FailureFigures {
    pub(crate) stream: Option<String>,
    pub(crate) kind: Kind,
    /// The sentence for the user. It contains no secret.
    pub(crate) text: String,
}

/// The figures of one organisation.
#[derive(Debug)]
pub(crate) struct OrganisationFigures {
    pub(crate) label: String,
    /// Whether the label is its name.
    pub(crate) is_named: bool,
    pub(crate) calls: u64,
    pub(crate) received: u64,
    /// The calls that Xero counted in its minute, over time.
    pub(crate) minute: MinuteUse,
    /// When the first call was sent, in time since the start.
    first_call: Duration,
    /// When the last call was sent, in time since the start.
    last_call: Duration,
    /// What the limits allowed after the last call.
    pub(crate) capacity: Option<Capacity>,
    /// The wait that began last.
    wait: Option<Wait>,
    /// The number of streams that are read in it, of those that have begun, and of those that have
    /// ended.
    pub(crate) streams: usize,
    begun: usize,
    pub(crate) ended: usize,
}

/// The figures of one stream.
#[derive(Debug)]
pub(crate) struct StreamFigures {
    pub(crate) name: String,
    /// `None` if the catalog names a stream that does not exist.
    pub(crate) stream: Option<&'static Stream>,
    /// The figures in each organisation, by its index.
    pub(crate) cells: BTreeMap<usize, Cell>,
    /// Whether the stream has begun.
    pub(crate) has_begun: bool,
    /// Whether the stream ended complete. `None` before its end.
    pub(crate) is_complete: Option<bool>,
    /// The last estimate of its rows.
    estimate: u64,
}

/// The state of a stream in one organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    #[default]
    Planned,
    Reading,
    Complete,
    Failed,
}

/// The figures of one stream in one organisation, or sums of them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) state: State,
    /// Whether the stream continues from the position of an earlier sync.
    pub(crate) continues: bool,
    pub(crate) rows: u64,
    /// Number of bytes of the rows, as they are written.
    pub(crate) bytes: u64,
    /// Number of responses that brought rows or their absence.
    pub(crate) pages: u64,
    /// Number of calls. Streams that share a call count it for the first of them.
    pub(crate) calls: u64,
    /// Number of received bytes, counted as the calls.
    pub(crate) received: u64,
    /// Number of rows of the list that the walk has passed.
    listed: u64,
    /// Number of rows of the list, according to its first page.
    expected: Option<u64>,
}

impl Cell {
    /// Returns the share of the list that is done, from 0 to 1, if it is known.
    pub(crate) fn share(&self) -> Option<f64> {
        match (self.state, self.expected) {
            (State::Planned, _) => Some(0.0),
            (State::Complete | State::Failed, _) => Some(1.0),
            (State::Reading, Some(expected)) => {
                Some((self.listed as f64 / expected.max(1) as f64).min(1.0))
            }
            (State::Reading, None) if self.pages == 0 => Some(0.0),
            (State::Reading, None) => None,
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Complete | State::Failed)
    }

    /// Estimates the number of calls until its end.
    fn calls_left(&self) -> u64 {
        match self.state {
            State::Planned => 1,
            State::Complete | State::Failed => 0,
            State::Reading => {
                let left = self.expected.unwrap_or_default();
                let left = left.saturating_sub(self.listed);
                let a_page = self.listed.checked_div(self.pages).unwrap_or_default();
                left.div_ceil(a_page.max(1)).min(left).max(1)
            }
        }
    }
}

impl StreamFigures {
    fn new(name: &str) -> StreamFigures {
        StreamFigures {
            name: name.to_owned(),
            stream: None,
            cells: BTreeMap::new(),
            has_begun: false,
            is_complete: None,
            estimate: 0,
        }
    }

    /// Returns the sums over all organisations.
    pub(crate) fn sum(&self) -> Cell {
        self.cells.values().fold(Cell::default(), |sum, cell| Cell {
            rows: sum.rows + cell.rows,
            bytes: sum.bytes + cell.bytes,
            pages: sum.pages + cell.pages,
            calls: sum.calls + cell.calls,
            received: sum.received + cell.received,
            ..sum
        })
    }

    /// Returns the share that is done in all organisations. `None` if one of them has a list without
    /// a count, such as the journals.
    pub(crate) fn share(&self) -> Option<f64> {
        let shares: Option<Vec<_>> = self.cells.values().map(Cell::share).collect();
        let shares = shares.filter(|shares| !shares.is_empty())?;
        Some(shares.iter().sum::<f64>() / shares.len() as f64)
    }

    /// Returns the number of organisations in this state.
    pub(crate) fn count(&self, state: State) -> usize {
        self.cells.values().filter(|it| it.state == state).count()
    }

    /// Whether its rows come with the calls of another stream.
    pub(crate) fn is_child(&self) -> bool {
        let source = self.stream.map(|it| &it.source);
        matches!(source, Some(Source::Child(_)))
    }

    fn cell(&mut self, organisation: usize) -> &mut Cell {
        self.cells.entry(organisation).or_default()
    }

    /// Estimates the rows of all organisations from those whose number is known. Returns the estimate
    /// if it is new and one, two, four, eight and so on organisations are known, or all.
    fn new_estimate(&mut self) -> Option<u64> {
        let all = self.cells.len();
        let known = self
            .cells
            .values()
            .filter(|it| it.expected.is_some() || it.is_over());
        let (known, rows) = known.fold((0_usize, 0), |(known, rows), cell| {
            (known + 1, rows + cell.expected.unwrap_or_default())
        });
        if rows == 0 || !(known == all || known.is_power_of_two()) {
            return None;
        }
        let estimate = (rows * all as u64).div_ceil(known as u64);
        (std::mem::replace(&mut self.estimate, estimate) != estimate).then_some(estimate)
    }
}

impl OrganisationFigures {
    fn new() -> OrganisationFigures {
        OrganisationFigures {
            label: "the organisation".to_owned(),
            is_named: false,
            calls: 0,
            received: 0,
            minute: MinuteUse::default(),
            first_call: Duration::ZERO,
            last_call: Duration::ZERO,
            capacity: None,
            wait: None,
            streams: 0,
            begun: 0,
            ended: 0,
        }
    }

    /// Records a call that was sent at `sent`, in time since the start.
    fn call_ended(&mut self, call: &Call, interval: Interval, sent: Duration) {
        self.wait.take_if(|it| it.from < sent);
        if self.calls == 0 {
            self.first_call = sent;
        }
        self.last_call = self.last_call.max(sent);
        self.calls += 1;
        self.received += call.received;
        self.capacity = call.capacity;
        let left = call.minute_remaining.map(|left| left as usize);
        let left = left.or(call.capacity.map(|it| it.calls_now));
        let used = CALLS_A_MINUTE.saturating_sub(left.unwrap_or(CALLS_A_MINUTE));
        self.minute.record(interval, sent, used);
    }

    /// Whether all its streams have ended.
    pub(crate) fn is_done(&self) -> bool {
        self.streams > 0 && self.ended == self.streams
    }

    /// Whether a stream of it is being read.
    pub(crate) fn is_being_read(&self) -> bool {
        self.begun > self.ended
    }

    /// Estimates the time for this number of further calls, by the speed so far and the limit of 60
    /// calls a minute.
    fn time_for(&self, calls: u64) -> Duration {
        let busy = self.last_call.saturating_sub(self.first_call);
        let each = busy.as_secs_f64() / self.calls.max(1) as f64;
        let free = self.capacity.map_or(0, |it| it.calls_now) as u64;
        let by_limit = calls.saturating_sub(free) as f64;
        let seconds = (calls as f64 * each.min(1.0)).max(by_limit);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

/// An organisation whose streams have all ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OrganisationEnd {
    pub(crate) rows: u64,
    /// The number of its streams that failed.
    pub(crate) failed: usize,
    pub(crate) calls: u64,
    /// The number of calls that are left of its day, if Xero tells it.
    pub(crate) calls_today: Option<usize>,
    /// The number of organisations that are done, and of all.
    pub(crate) done: usize,
    pub(crate) all: usize,
}

impl Figures {
    /// Returns the index of an organisation. Adds it if it is new.
    fn index(&mut self, tenant: &TenantId) -> usize {
        if let Some(index) = self.indices.get(tenant) {
            return *index;
        }
        let index = self.organisations.len();
        self.indices.insert(tenant.clone(), index);
        self.organisations.push(OrganisationFigures::new());
        index
    }

    fn stream(&mut self, name: &str) -> &mut StreamFigures {
        let found = self.streams.iter().position(|it| it.name == name);
        let index = found.unwrap_or_else(|| {
            self.streams.push(StreamFigures::new(name));
            self.streams.len() - 1
        });
        &mut self.streams[index]
    }

    /// Returns the figures of a selected stream in an organisation. Without an organisation the stream
    /// belongs to the token, and has the figures of one organisation only.
    fn cell(&mut self, name: &str, tenant: Option<&TenantId>) -> Option<&mut Cell> {
        let index = tenant.map(|tenant| self.index(tenant));
        let stream = self.streams.iter_mut().find(|it| it.name == name)?;
        match index {
            Some(index) => stream.cells.get_mut(&index),
            None => stream.cells.values_mut().next(),
        }
    }

    /// Returns the wait in which an organisation is at `now`.
    pub(crate) fn wait_of(&self, organisation: usize, now: Duration) -> Option<&Wait> {
        let own = self.organisations[organisation].wait.as_ref();
        let waits = [own, self.wait_of_all.as_ref()].into_iter().flatten();
        waits.filter(|it| it.until > now).max_by_key(|it| it.until)
    }

    /// Returns the number of rows.
    pub(crate) fn rows(&self) -> u64 {
        self.streams.iter().map(|it| it.sum().rows).sum()
    }

    /// Returns the number of organisations that are done.
    pub(crate) fn done(&self) -> usize {
        self.organisations.iter().filter(|it| it.is_done()).count()
    }

    /// Estimates the time until the end, and whether streams with an unknown number of calls come on
    /// top. `None` if nothing is left.
    pub(crate) fn time_left(&self, now: Duration) -> Option<(Duration, bool)> {
        let mut left = vec![0; self.organisations.len()];
        let mut is_at_least = false;
        for stream in &self.streams {
            if stream.is_child() {
                continue; // its rows come with its parent
            }
            let is_costly = stream.stream.is_some_and(Stream::is_costly);
            for (index, cell) in stream.cells.iter().filter(|(_, it)| !it.is_over()) {
                left[*index] += cell.calls_left();
                is_at_least |= is_costly;
            }
        }
        let organisations = self.organisations.iter().enumerate();
        let times = organisations.map(|(index, organisation)| {
            let wait = self.wait_of(index, now).filter(|_| left[index] > 0);
            let wait = wait.map_or(Duration::ZERO, |it| it.until - now);
            organisation.time_for(left[index]).max(wait)
        });
        let longest = times.max().unwrap_or_default();
        let is_left = left.iter().any(|calls| *calls > 0);
        is_left.then_some((longest, is_at_least))
    }
}

impl SyncProgress {
    /// Creates the progress of a sync that begins now.
    pub(crate) fn new() -> SyncProgress {
        SyncProgress {
            start: Instant::now(),
            figures: Mutex::new(Figures {
                started: Utc::now(),
                ..Figures::default()
            }),
        }
    }

    /// Returns what `look` reads in the figures. It gets the time since the start.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Figures, Duration) -> T) -> T {
        let figures = self.figures();
        look(&figures, self.start.elapsed())
    }

    /// Returns the cost so far.
    pub(crate) fn usage(&self) -> Usage {
        self.figures().usage
    }

    /// Sets the names of the organisations.
    pub(crate) fn name_organisations(&self, tenants: &[Tenant]) {
        let mut figures = self.figures();
        for tenant in tenants {
            let index = figures.index(&tenant.id);
            let organisation = &mut figures.organisations[index];
            tenant.label().clone_into(&mut organisation.label);
            organisation.is_named = tenant.name.is_some();
        }
    }

    /// Adds a stream that is read in these organisations.
    pub(crate) fn plan<'t>(
        &self,
        stream: &'static Stream,
        tenants: impl IntoIterator<Item = &'t TenantId>,
    ) {
        let mut figures = self.figures();
        for tenant in tenants {
            let index = figures.index(tenant);
            figures.organisations[index].streams += 1;
            figures.stream(stream.name).cell(index);
        }
        figures.stream(stream.name).stream = Some(stream);
    }

    /// Records that a stream began.
    pub(crate) fn stream_began(&self, stream: &str) {
        self.figures().stream(stream).has_begun = true;
    }

    /// Records that a stream began in an organisation. `continues` is true if an earlier sync left a
    /// position.
    pub(crate) fn began(&self, stream: &str, tenant: &TenantId, continues: bool) {
        let mut figures = self.figures();
        if let Some(cell) = figures.cell(stream, Some(tenant)) {
            (cell.state, cell.continues) = (State::Reading, continues);
            let index = figures.index(tenant);
            figures.organisations[index].begun += 1;
        }
    }

    /// Records that a walk has passed this number of further rows of a list. `count` is `itemCount`
    /// of the page. Returns a new estimate of the rows in all organisations, if there is one.
    pub(crate) fn listed(
        &self,
        stream: &str,
        tenant: &TenantId,
        rows: u64,
        count: Option<u64>,
    ) -> Option<u64> {
        let mut figures = self.figures();
        let cell = figures.cell(stream, Some(tenant))?;
        cell.listed += rows;
        let is_first = cell.expected.is_none() && count.is_some();
        cell.expected = cell.expected.or(count);
        is_first.then(|| figures.stream(stream).new_estimate())?
    }

    /// Records that rows were written.
    pub(crate) fn wrote(&self, stream: &str, tenant: &TenantId, rows: u64, bytes: u64) {
        if let Some(cell) = self.figures().cell(stream, Some(tenant)) {
            cell.rows += rows;
            cell.bytes += bytes;
        }
    }

    /// Records that a stream ended in an organisation. Returns the organisation's figures if it was its
    /// last stream.
    pub(crate) fn ended(
        &self,
        stream: &str,
        tenant: &TenantId,
        is_complete: bool,
    ) -> Option<OrganisationEnd> {
        let mut figures = self.figures();
        let index = figures.index(tenant);
        figures.stream(stream).cell(index).state = match is_complete {
            true => State::Complete,
            false => State::Failed,
        };
        figures.organisations[index].ended += 1;
        let organisation = &figures.organisations[index];
        let cells = figures.streams.iter();
        let cells = cells.filter_map(|it| it.cells.get(&index));
        organisation.is_done().then(|| OrganisationEnd {
            rows: cells.clone().map(|it| it.rows).sum(),
            failed: cells.filter(|it| it.state == State::Failed).count(),
            calls: organisation.calls,
            calls_today: organisation.capacity.and_then(|it| it.calls_today),
            done: figures.done(),
            all: figures.organisations.len(),
        })
    }

    /// Records that a stream ended.
    pub(crate) fn stream_ended(&self, stream: &str, is_complete: bool) {
        self.figures().stream(stream).is_complete = Some(is_complete);
    }

    /// Records a failure of a stream, or of the whole sync.
    pub(crate) fn failed(&self, stream: Option<&str>, kind: Kind, text: String) {
        let mut figures = self.figures();
        if figures.failures.len() < MAX_FAILURES {
            let stream = stream.map(str::to_owned);
            figures.failures.push(FailureFigures { stream, kind, text });
        }
    }

    /// Records how the sync ended.
    pub(crate) fn end(&self, outcome: Outcome) {
        self.figures().outcome = outcome;
    }

    /// Records a call that ended.
    pub(crate) fn call_ended(&self, subject: Subject<'_>, call: &Call) {
        let sent = call.sent.saturating_duration_since(self.start);
        let mut figures = self.figures();
        let figures = &mut *figures;
        figures.usage.count_call(call);
        while let Some(factor) = figures.interval.growth(sent) {
            figures.interval = figures.interval.grown(factor);
            figures.calls.grow(factor);
            let organisations = figures.organisations.iter_mut();
            organisations.for_each(|it| it.minute.grow(factor));
        }
        figures.calls.count(figures.interval, sent);
        // A call that was sent after a wait began shows that the wait is over.
        figures.wait_of_all.take_if(|it| it.from < sent);
        if let Some(tenant) = subject.tenant {
            let index = figures.index(tenant);
            figures.organisations[index].call_ended(call, figures.interval, sent);
        }
        let is_page = matches!(call.status, Some(200..300 | 304));
        for (at, stream) in subject.streams.iter().enumerate() {
            if let Some(cell) = figures.cell(stream, subject.tenant) {
                cell.pages += u64::from(is_page);
                if at == 0 {
                    cell.calls += 1;
                    cell.received += call.received;
                }
            }
        }
    }

    /// Records that a request begins to wait.
    pub(crate) fn wait_started(
        &self,
        subject: Subject<'_>,
        wait: Duration,
        reason: WaitReason<'_>,
    ) {
        let now = self.start.elapsed();
        let mut figures = self.figures();
        figures.usage.count_wait(now, wait);
        let index = subject.tenant.map(|tenant| figures.index(tenant));
        let wait = figures.waits.start(index, reason, now, wait);
        let known = match wait.organisation {
            Some(index) => &mut figures.organisations[index].wait,
            None => &mut figures.wait_of_all,
        };
        let is_shorter = |it: &mut Wait| it.until < wait.until;
        if known.is_none() || known.take_if(is_shorter).is_some() {
            *known = Some(Wait { from: now, ..wait });
        }
    }

    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
