//! The budget in virtual time, against servers that keep Xero's limits in one
//! way or the other: over generated schedules it never meets a limit of its own
//! making, and it is never slower than the plain rule.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use proptest::prelude::*;

use super::*;
use crate::cases::cases;

/// Microseconds since a beginning: virtual time is exact.
type Micros = u64;

const SECOND: Micros = 1_000_000;
const WINDOW: Micros = 60 * SECOND;
/// What a call takes at least; nothing is answered at once.
const LEAST: Micros = 1_000;

/// How a server counts a minute.
#[derive(Clone, Copy, Debug)]
enum Windows {
    /// Edges at this phase and every minute from there.
    Fixed(Micros),
    Rolling,
}

/// Everything that decides a run.
#[derive(Clone, Debug)]
struct Schedule {
    windows: Windows,
    /// What each call takes until its answer, and how much of it, in per mille, until
    /// the server counts it; used in turns.
    calls: Vec<(Micros, u64)>,
    total: usize,
    header: bool,
    /// When other programs call, in order; negative in the past of the run.
    others: Vec<i64>,
}

/// Xero's limits, counting at moments that the client does not see.
struct Server {
    windows: Windows,
    counted: Vec<i64>,
    in_flight: usize,
}

/// An answer's headers; an error says in how many seconds to come back.
type Counted = Result<u32, (Limit, Option<u64>)>;

impl Server {
    fn new(schedule: &Schedule) -> Server {
        Server {
            windows: schedule.windows,
            counted: Vec::new(),
            in_flight: 0,
        }
    }

    /// Counts a call at `at`, unless the minute is full.
    fn count(&mut self, at: i64) -> Counted {
        let window = WINDOW as i64;
        let begins = match self.windows {
            Windows::Fixed(phase) => at - (at - phase as i64).rem_euclid(window),
            Windows::Rolling => at - window + 1,
        };
        let used = self.counted.iter().filter(|then| **then >= begins);
        let used = used.count();
        if used >= CALLS_A_MINUTE {
            let oldest = self.counted[self.counted.len() - used];
            let free = match self.windows {
                Windows::Fixed(_) => begins + window - at,
                Windows::Rolling => oldest + window - at,
            };
            let seconds = (free as u64).div_ceil(SECOND);
            return Err((Limit::Minute, Some(seconds)));
        }
        self.counted.push(at);
        Ok((CALLS_A_MINUTE - used - 1) as u32)
    }
}

/// Who decides when a call goes out.
trait Rule {
    /// Nothing if it may go at `now`; otherwise when to ask again, or after an answer.
    fn ask(&mut self, now: Micros) -> Result<(), Option<Micros>>;
    fn answered(&mut self, sent: Micros, now: Micros, counted: Option<Counted>);
}

/// The plain rule in its simplest form, for comparison: a call counts until a
/// minute after its answer.
#[derive(Default)]
struct Plain {
    in_flight: usize,
    answered: Vec<Micros>,
}

impl Rule for Plain {
    fn ask(&mut self, now: Micros) -> Result<(), Option<Micros>> {
        self.answered.retain(|end| end + WINDOW > now);
        if self.in_flight == 5 {
            return Err(None);
        }
        if self.in_flight + self.answered.len() == 60 {
            return Err(self.answered.iter().min().map(|end| end + WINDOW));
        }
        self.in_flight += 1;
        Ok(())
    }

    fn answered(&mut self, _sent: Micros, now: Micros, _counted: Option<Counted>) {
        self.in_flight -= 1;
        self.answered.push(now);
    }
}

/// The budget, fed with what the server told.
struct Ours {
    budget: Budget,
    start: Instant,
}

impl Ours {
    fn at(&self, at: Micros) -> Instant {
        self.start + Duration::from_micros(at)
    }
}

impl Rule for Ours {
    fn ask(&mut self, now: Micros) -> Result<(), Option<Micros>> {
        match self.budget.ask(self.at(now)) {
            Leave::Granted => Ok(()),
            Leave::AfterAnswer => Err(None),
            Leave::At(at) => Err(Some((at - self.start).as_micros() as Micros)),
            other => panic!("the day is not at stake: {other:?}"),
        }
    }

    fn answered(&mut self, sent: Micros, now: Micros, counted: Option<Counted>) {
        let mut limits = Limits::default();
        match counted {
            None => {}
            Some(Ok(left)) => limits.minute_left = Some(left),
            Some(Err((limit, hint))) => {
                limits.refused = Some(limit);
                limits.retry_after = hint.map(Duration::from_secs);
                limits.minute_left = Some(0);
            }
        }
        let (sent, now) = (self.at(sent), self.at(now));
        self.budget.answered(sent, now, &limits);
        if let Some(pause) = limits.retry_after {
            self.budget.close(now + pause);
        }
    }
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Finish {
    at: Micros,
    refused: usize,
}

/// What happens next in a run, in the order of time: a call is counted, then answered.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Counted { sent: Micros, answer: Micros },
    Answered { sent: Micros, call: usize },
}

/// Runs a schedule to its end. A refused call is made again.
fn run(schedule: &Schedule, rule: &mut impl Rule) -> Finish {
    let mut server = Server::new(schedule);
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
                let told = answers[call].is_err() || schedule.header;
                rule.answered(sent, now, told.then_some(answers[call]));
                if done == schedule.total {
                    return Finish { at: now, refused };
                }
            }
        }
    }
}

fn ours(schedule: &Schedule) -> Finish {
    let mut rule = Ours {
        budget: Budget::new(0),
        start: Instant::now(),
    };
    run(schedule, &mut rule)
}

fn windows() -> impl Strategy<Value = Windows> {
    prop_oneof![(0..WINDOW).prop_map(Windows::Fixed), Just(Windows::Rolling)]
}

/// Latencies around one of those that matter, or all over the range.
fn calls() -> impl Strategy<Value = Vec<(Micros, u64)>> {
    let around = prop_oneof![
        Just(0),
        Just(50_000),
        Just(SECOND),
        Just(3 * SECOND),
        Just(4_500_000),
        0..8 * SECOND,
    ];
    let jitter = prop_oneof![Just(0), 0..4 * SECOND];
    let counted = prop_oneof![Just(0..=0_u64), Just(1000..=1000), Just(0..=1000)];
    (around, jitter, counted).prop_flat_map(|(around, jitter, counted)| {
        let takes = around..=(around + jitter).min(8 * SECOND);
        proptest::collection::vec((takes, counted), 97)
    })
}

/// A schedule of which nobody else's calls are part.
fn alone() -> impl Strategy<Value = Schedule> {
    let total = prop_oneof![Just(40_usize), Just(61), Just(130), Just(300), 1..400_usize];
    (windows(), calls(), total, any::<bool>()).prop_map(|(windows, calls, total, header)| {
        Schedule {
            windows,
            calls,
            total,
            header,
            others: Vec::new(),
        }
    })
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn alone_no_limit_is_met_and_the_plain_rule_is_no_faster(schedule in alone()) {
        let (plain, ours) = (run(&schedule, &mut Plain::default()), ours(&schedule));
        prop_assert_eq!(ours.refused, 0);
        prop_assert!(ours.at <= plain.at, "{:?} but plainly {:?}", ours, plain);
    }

    #[test]
    fn what_others_spent_before_is_not_run_into(
        schedule in alone(),
        before in proptest::collection::vec(-(WINDOW as i64)..0, 0..60),
    ) {
        let mut others = before;
        others.sort();
        let schedule = Schedule { others, header: true, ..schedule };
        let ours = ours(&schedule);
        prop_assert_eq!(ours.refused, 0);
    }

    #[test]
    fn beside_others_a_refusal_is_obeyed_and_the_end_comes(
        schedule in alone(),
        every in 2 * SECOND..20 * SECOND,
    ) {
        let ends = 4000 * SECOND;
        let others = (1..ends / every).map(|nth| (nth * every) as i64).collect();
        let schedule = Schedule { others, ..schedule };
        // They take half of the calls at most, and this process a fifth at least.
        let minutes = 4 + schedule.total as u64 / 12;
        let ours = ours(&schedule);
        prop_assert!(ours.at <= minutes * WINDOW, "{:?}", ours);
    }
}

#[test]
fn the_reference_figures_hold() {
    for (takes, seconds) in [(0, 240), (1, 257), (3, 292)] {
        let schedule = Schedule {
            windows: Windows::Fixed(17 * SECOND),
            calls: vec![(takes * SECOND, 500)],
            total: 300,
            header: true,
            others: Vec::new(),
        };
        let ours = ours(&schedule);
        assert_eq!(ours.refused, 0);
        let (low, high) = ((seconds - 1) * SECOND, (seconds + 1) * SECOND);
        assert!((low..=high).contains(&ours.at), "{takes} s: {ours:?}");
    }
}
