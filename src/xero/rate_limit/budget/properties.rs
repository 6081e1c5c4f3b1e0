//! Runs the budget in virtual time against servers that implement Xero's limits in different ways.
//! In generated schedules the budget never causes a 429, and it is never slower than counting our
//! own calls alone.

mod app;
mod run;
mod server;

use proptest::prelude::*;

use super::*;
use crate::cases::cases;
use run::{Counted, Finish, Rule, Schedule, run};
use server::{Micros, SECOND, WINDOW, Windows};

/// The simplest rule, for comparison: a call counts until a minute after its response.
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

/// The budget, with the headers of the server.
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
        match self.budget.decide(self.at(now)) {
            Decision::Granted => Ok(()),
            Decision::AfterAnswer => Err(None),
            Decision::At(at) => Err(Some((at - self.start).as_micros() as Micros)),
            other => panic!("the day is not at stake: {other:?}"),
        }
    }

    fn answered(&mut self, sent: Micros, now: Micros, counted: Option<Counted>) {
        let mut limits = LimitHeaders::default();
        match counted {
            None => {}
            Some(Ok(left)) => limits.minute_remaining = Some(left),
            Some(Err((limit, hint))) => {
                limits.refused_by = Some(limit);
                limits.retry_after = hint.map(Duration::from_secs);
                limits.minute_remaining = Some(0);
            }
        }
        let (sent, now) = (self.at(sent), self.at(now));
        self.budget.answered(sent, now, &limits);
        if let Some(pause) = limits.retry_after {
            self.budget.close(now + pause);
        }
    }
}

fn ours(schedule: &Schedule) -> Finish {
    let mut rule = Ours {
        budget: Budget::new(Quota::of_organisation(0)),
        start: Instant::now(),
    };
    run(schedule, &mut rule)
}

fn windows() -> impl Strategy<Value = Windows> {
    prop_oneof![(0..WINDOW).prop_map(Windows::Fixed), Just(Windows::Rolling)]
}

/// Latencies around values at the edges of the rules, or anywhere in the range.
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

/// A schedule without calls of other programs.
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
    fn without_other_programs_no_429_occurs_and_the_simple_rule_is_not_faster(schedule in alone()) {
        let (plain, ours) = (run(&schedule, &mut Plain::default()), ours(&schedule));
        prop_assert_eq!(ours.refused, 0);
        prop_assert!(ours.at <= plain.at, "{:?} but plainly {:?}", ours, plain);
    }

    #[test]
    fn calls_that_other_programs_made_before_cause_no_429(
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
    fn beside_other_programs_a_sync_ends_in_time(
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
