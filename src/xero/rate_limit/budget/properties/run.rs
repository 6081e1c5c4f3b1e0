//! Runs one schedule in virtual time, against a server that counts calls at times that the client
//! does not see.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::{CALLS_A_MINUTE, CALLS_AT_ONCE};
use super::server::{Counter, LEAST, Micros, SECOND, Windows};
use crate::xero::rate_limit::headers::Limit;

/// The parameters of a run.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) windows: Windows,
    /// The duration of each call, and the share of it, in per mille, until the server counts the
    /// call. Used in turns.
    pub(crate) calls: Vec<(Micros, u64)>,
    pub(crate) total: usize,
    pub(crate) header: bool,
    /// When other programs call, in order; negative in the past of the run.
    pub(crate) others: Vec<i64>,
}

/// Xero's limits for one organisation.
struct Server {
    minute: Counter,
    in_flight: usize,
}

/// The headers of a response. An error holds the seconds of `Retry-After`.
pub(crate) type Counted = Result<u32, (Limit, Option<u64>)>;

impl Server {
    /// Counts a call at `at`, unless the minute is full.
    fn count(&mut self, at: i64) -> Counted {
        let left = self.minute.left(at);
        let left = left.map_err(|seconds| (Limit::Minute, Some(seconds)))?;
        self.minute.count(at);
        Ok(left)
    }
}

/// Decides when a call is sent.
pub(crate) trait Rule {
    /// `Ok` if a call may be sent at `now`. Otherwise when to ask again; `None` means after a response.
    fn ask(&mut self, now: Micros) -> Result<(), Option<Micros>>;
    fn answered(&mut self, sent: Micros, now: Micros, counted: Option<Counted>);
}

/// The result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finish {
    pub(crate) at: Micros,
    pub(crate) refused: usize,
}

/// An event of a run: the server counts a call, and later answers it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Counted { sent: Micros, answer: Micros },
    Answered { sent: Micros, call: usize },
}

/// Runs a schedule to its end. A refused call is repeated.
pub(crate) fn run(schedule: &Schedule, rule: &mut impl Rule) -> Finish {
    let mut server = Server {
        minute: Counter::new(schedule.windows, CALLS_A_MINUTE),
        in_flight: 0,
    };
    let mut others = schedule.others.iter().copied().peekable();
    let mut events: BinaryHeap<Reverse<(Micros, Event)>> = BinaryHeap::new();
    let mut answers: Vec<Counted> = Vec::new();
    let (mut now, mut made, mut done, mut refused) = (0, 0, 0, 0);
    let mut closed = 0;
    loop {
        let mut wake = None;
        while done + server.in_flight < schedule.total {
            // As in a sync, the first call goes alone.
            if done == 0 && made > refused {
                break;
            }
            if let Err(at) = rule.ask(now) {
                wake = at;
                break;
            }
            let (takes, counted) = schedule.calls[made % schedule.calls.len()];
            let answer = now + takes.max(LEAST);
            let counted = now + takes.max(LEAST) * counted / 1000;
            let sent = now;
            events.push(Reverse((counted, Event::Counted { sent, answer })));
            (made, server.in_flight) = (made + 1, server.in_flight + 1);
            assert!(server.in_flight <= CALLS_AT_ONCE, "too many at once");
            assert!(now >= closed, "a refusal is not obeyed");
        }
        let next = events.peek().map(|Reverse((at, _))| *at);
        if let Some(wake) = wake.filter(|wake| next.is_none_or(|next| *wake < next)) {
            assert!(wake > now, "a wait for the past");
            now = wake;
            continue;
        }
        let Some(Reverse((at, event))) = events.pop() else {
            panic!("nothing is under way and nothing may go out");
        };
        now = at;
        match event {
            Event::Counted { sent, answer } => {
                while others
                    .next_if(|other| *other <= now as i64)
                    .is_some_and(|other| {
                        // Others ask at their own risk.
                        let _ = server.count(other);
                        true
                    })
                {}
                answers.push(server.count(now as i64));
                let call = answers.len() - 1;
                events.push(Reverse((answer, Event::Answered { sent, call })));
            }
            Event::Answered { sent, call } => {
                server.in_flight -= 1;
                match answers[call] {
                    Ok(_) => done += 1,
                    Err((_, hint)) => {
                        refused += 1;
                        closed = closed.max(now + hint.unwrap_or_default() * SECOND);
                    }
                }
                let has_headers = answers[call].is_err() || schedule.header;
                rule.answered(sent, now, has_headers.then_some(answers[call]));
                if done == schedule.total {
                    return Finish { at: now, refused };
                }
            }
        }
    }
}
