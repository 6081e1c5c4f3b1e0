//! Runs a sync of many organisations in virtual time, against a server that counts the calls of each
//! organisation and those of the app.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::time::{Duration, Instant};

use super::super::super::{Budget, CALLS_A_MINUTE, CALLS_AT_ONCE, Decision, Quota};
use super::super::run::Finish;
use super::super::server::{Counter, LEAST, Micros, Windows};
use crate::xero::rate_limit::headers::{Limit, LimitHeaders, Scope};
use crate::xero::rate_limit::retry_after::{self, WaitBounds};

/// The parameters of a sync.
#[derive(Clone, Debug)]
pub(crate) struct Sync {
    /// The windows of each organisation.
    pub(crate) organisations: Vec<Windows>,
    /// Number of calls to each organisation.
    pub(crate) pages: usize,
    /// The windows of the app, and its calls a minute.
    pub(crate) app: (Windows, usize),
    /// Maximum number of calls in flight over all organisations.
    pub(crate) at_once: usize,
    /// The duration of each call, and the share of it, in per mille, until the server counts the
    /// call. Used in turns.
    pub(crate) calls: Vec<(Micros, u64)>,
    pub(crate) header: bool,
    /// When other programs call other organisations of the app, in order.
    pub(crate) others: Vec<i64>,
}

/// What happens to a call that was sent.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The server counts a call.
    Counted {
        organisation: usize,
        sent: Micros,
        answer: Micros,
    },
    /// The response with these headers arrives.
    Answered {
        organisation: usize,
        sent: Micros,
        headers: usize,
    },
}

/// One organisation: its server, the client's budget, and the calls that are not sent yet.
struct Organisation {
    counter: Counter,
    budget: Budget,
    unsent: usize,
    is_started: bool,
}

/// The state of a run.
struct Run<'a> {
    sync: &'a Sync,
    start: Instant,
    now: Micros,
    organisations: Vec<Organisation>,
    app_counter: Counter,
    app: Budget,
    others: VecDeque<i64>,
    events: BinaryHeap<Reverse<(Micros, Event)>>,
    /// The headers of the responses.
    headers: Vec<LimitHeaders>,
    /// When waits for an organisation end, and waits for the app.
    wakes: BTreeSet<(Micros, Option<usize>)>,
    /// The calls with a permit of their organisation, and those of them with a slot.
    permitted: VecDeque<usize>,
    slotted: VecDeque<usize>,
    slots: usize,
    /// The organisations that may send a call since the last event.
    ready: BTreeSet<usize>,
    made: usize,
}

/// Runs a sync to its end. A refused call is repeated.
pub(crate) fn run(sync: &Sync) -> Finish {
    let organisation = |windows: &Windows| Organisation {
        counter: Counter::new(*windows, CALLS_A_MINUTE),
        budget: Budget::new(Quota::of_organisation(0)),
        unsent: sync.pages,
        is_started: false,
    };
    let (windows, calls_a_minute) = sync.app;
    let mut run = Run {
        sync,
        start: Instant::now(),
        now: 0,
        organisations: sync.organisations.iter().map(organisation).collect(),
        app_counter: Counter::new(windows, calls_a_minute),
        app: Budget::new(Quota {
            calls_a_minute,
            ..Quota::of_app()
        }),
        others: sync.others.iter().copied().collect(),
        events: BinaryHeap::new(),
        headers: Vec::new(),
        wakes: BTreeSet::new(),
        permitted: VecDeque::new(),
        slotted: VecDeque::new(),
        slots: sync.at_once,
        ready: (0..sync.organisations.len()).collect(),
        made: 0,
    };
    let (mut done, mut refused) = (0, 0);
    let total = sync.pages * sync.organisations.len();
    while done < total {
        run.send();
        let next = run.events.peek().map(|Reverse((at, _))| *at);
        if let Some((at, waiting)) = run.wakes.first().copied()
            && next.is_none_or(|next| at < next)
        {
            run.wakes.pop_first();
            run.now = at;
            run.ready.extend(waiting);
            continue;
        }
        let event = run.events.pop();
        let Reverse((at, event)) = event.expect("something is under way");
        run.now = at;
        match event {
            Event::Counted {
                organisation,
                sent,
                answer,
            } => run.count(organisation, sent, answer),
            Event::Answered {
                organisation,
                sent,
                headers,
            } => match run.answer(organisation, sent, headers) {
                true => done += 1,
                false => refused += 1,
            },
        }
    }
    Finish {
        at: run.now,
        refused,
    }
}

impl Run<'_> {
    fn at(&self, at: Micros) -> Instant {
        self.start + Duration::from_micros(at)
    }

    fn micros(&self, at: Instant) -> Micros {
        // A wait ends when the time is over, not before.
        let nanos = (at - self.start).as_nanos();
        nanos.div_ceil(1_000) as Micros
    }

    /// Sends the calls that may be sent now: first a permit of the organisation, then a slot, then a
    /// permit of the app.
    fn send(&mut self) {
        let now = self.at(self.now);
        loop {
            while let Some(at) = self.ready.pop_first() {
                self.permit(at, now);
            }
            while self.slots > 0
                && let Some(at) = self.permitted.pop_front()
            {
                self.slots -= 1;
                self.slotted.push_back(at);
            }
            let Some(at) = self.slotted.front().copied() else {
                return;
            };
            match self.app.decide(now) {
                Decision::Granted => {}
                Decision::AfterAnswer => return,
                Decision::At(until) => {
                    let until = self.micros(until);
                    self.wakes.insert((until, None));
                    return;
                }
                other => panic!("the app has no day: {other:?}"),
            }
            self.slotted.pop_front();
            let organisation = &mut self.organisations[at];
            if !organisation.budget.is_open(now) {
                organisation.budget.unsent();
                organisation.unsent += 1;
                self.app.unsent();
                self.slots += 1;
                self.ready.insert(at);
                continue;
            }
            let (takes, counted) = self.sync.calls[self.made % self.sync.calls.len()];
            self.made += 1;
            let takes = takes.max(LEAST);
            let counted = self.now + takes * counted / 1000;
            let event = Event::Counted {
                organisation: at,
                sent: self.now,
                answer: self.now + takes,
            };
            self.events.push(Reverse((counted, event)));
        }
    }

    /// Takes permits for the unsent calls of an organisation.
    fn permit(&mut self, at: usize, now: Instant) {
        let organisation = &mut self.organisations[at];
        // As in a walk, the first call goes alone.
        let unanswered = self.sync.pages - organisation.unsent;
        let calls = match (organisation.is_started, unanswered) {
            (true, _) => organisation.unsent,
            (false, 0) => 1,
            (false, _) => 0,
        };
        for _ in 0..calls {
            match organisation.budget.decide(now) {
                Decision::Granted => {
                    organisation.unsent -= 1;
                    self.permitted.push_back(at);
                }
                Decision::AfterAnswer => return,
                Decision::At(until) => {
                    let until = self.micros(until);
                    self.wakes.insert((until, Some(at)));
                    return;
                }
                other => panic!("the day is not at stake: {other:?}"),
            }
        }
    }

    /// The server counts a call, unless a minute is full.
    fn count(&mut self, at: usize, sent: Micros, answer: Micros) {
        let now = self.now as i64;
        while let Some(other) = self.others.pop_front_if(|other| *other <= now) {
            // Others ask at their own risk.
            if self.app_counter.left(other).is_ok() {
                self.app_counter.count(other);
            }
        }
        let organisation = &mut self.organisations[at];
        let mut headers = LimitHeaders::default();
        match (organisation.counter.left(now), self.app_counter.left(now)) {
            (_, Err(_)) => {
                headers.refused_by = Some(Limit::AppMinute);
                headers.app_minute_remaining = Some(0);
            }
            (Err(seconds), Ok(_)) => {
                headers.refused_by = Some(Limit::Minute);
                headers.minute_remaining = Some(0);
                headers.retry_after = Some(Duration::from_secs(seconds));
            }
            (Ok(left), Ok(app_left)) => {
                organisation.counter.count(now);
                self.app_counter.count(now);
                if self.sync.header {
                    headers.minute_remaining = Some(left);
                    headers.app_minute_remaining = Some(app_left);
                }
            }
        }
        let event = Event::Answered {
            organisation: at,
            sent,
            headers: self.headers.len(),
        };
        self.headers.push(headers);
        self.events.push(Reverse((answer, event)));
    }

    /// The response arrives. Returns `false` if it refuses the call.
    fn answer(&mut self, at: usize, sent: Micros, headers: usize) -> bool {
        let (sent, now) = (self.at(sent), self.at(self.now));
        let (organisation, headers) = (&mut self.organisations[at], &self.headers[headers]);
        let in_flight = organisation.budget.in_flight;
        assert!(in_flight <= CALLS_AT_ONCE, "{in_flight} calls at once");
        organisation.budget.answered(sent, now, headers);
        organisation.is_started = true;
        self.app.answered(sent, now, headers);
        self.slots += 1;
        self.ready.insert(at);
        let Some(limit) = headers.refused_by else {
            return true;
        };
        organisation.unsent += 1;
        let budget = match limit.scope() {
            Scope::Organisation => &mut organisation.budget,
            Scope::App => &mut self.app,
        };
        let bounds = WaitBounds {
            max_refusals: u32::MAX,
            longest_wait: Duration::MAX,
            time_left: Duration::MAX,
        };
        let wait = retry_after::wait(budget.refusals(), limit, headers, bounds, 0.5);
        budget.close(now + wait.expect("there is time"));
        false
    }
}
