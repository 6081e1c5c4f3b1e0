//! When the next call to an organisation may go out. A plain value: the clock
//! is handed in, so every rule is tested without waiting.
//!
//! Xero allows 60 calls a minute and 5 at once for an app and organisation. It
//! calls its windows fixed today and called them rolling before; where they
//! begin it does not say. One rule holds under both: a call counts until a
//! minute after its answer, for it was counted no later than that.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::limits::Limits;

const MINUTE: Duration = Duration::from_secs(60);
const CALLS_A_MINUTE: usize = 60;
/// Calls that Xero takes at once from an app for one organisation.
pub(crate) const CALLS_AT_ONCE: usize = 5;

/// The calls of one organisation that may still count.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    in_flight: usize,
    /// When each call that may still count was answered, oldest first.
    answered: VecDeque<Instant>,
    /// What Xero said last, because other processes may spend the same minute.
    told: Option<Told>,
    /// A 429's wish: no call before this.
    closed_until: Option<Instant>,
    /// The day's calls are spent until then.
    spent_until: Option<Instant>,
}

/// `X-MinLimit-Remaining` over the answers since it last rose.
#[derive(Clone, Copy, Debug)]
struct Told {
    left: usize,
    /// The first of these answers. The window that they speak of began before
    /// it and so ends within a minute of it.
    first: Instant,
}

/// Whether a call may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// Now. The call counts from here on.
    Granted,
    /// Not before this instant.
    At(Instant),
    /// Once a call in flight is answered.
    AfterAnswer,
    /// Not today; calls return at this instant.
    Spent(Instant),
}

impl Budget {
    /// Asks leave for one call at `now`.
    pub(crate) fn ask(&mut self, now: Instant) -> Leave {
        if let Some(until) = self.spent_until.filter(|until| *until > now) {
            return Leave::Spent(until);
        }
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Leave::At(until);
        }
        self.forget(now);
        if self.in_flight >= CALLS_AT_ONCE {
            return Leave::AfterAnswer;
        }
        if self.in_flight + self.answered.len() >= CALLS_A_MINUTE {
            return match self.answered.front() {
                Some(oldest) => Leave::At(*oldest + MINUTE),
                None => Leave::AfterAnswer,
            };
        }
        if let Some(told) = self.told.filter(|told| told.left <= self.in_flight) {
            return match self.in_flight {
                0 => Leave::At(told.first + MINUTE),
                _ => Leave::AfterAnswer,
            };
        }
        self.in_flight += 1;
        Leave::Granted
    }

    /// Notes that a call ended at `now`, with the limits that its answer told;
    /// a call without an answer tells none.
    pub(crate) fn answered(&mut self, now: Instant, limits: &Limits) {
        self.in_flight -= 1;
        self.answered.push_back(now);
        let Some(left) = limits.minute_left.map(|left| left as usize) else {
            return;
        };
        // Answers overtake each other by as many as are in flight; a greater rise is a new window.
        let same = self.told.filter(|told| left <= told.left + CALLS_AT_ONCE);
        let first = same.map_or(now, |told| told.first);
        self.told = Some(Told { left, first });
    }

    /// Lets no call out before `until`.
    pub(crate) fn close(&mut self, until: Instant) {
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// Ends the day: no call before `until`.
    pub(crate) fn spend_day(&mut self, until: Instant) {
        self.spent_until = self.spent_until.max(Some(until));
    }

    fn forget(&mut self, now: Instant) {
        let over = |since: Instant| now.saturating_duration_since(since) >= MINUTE;
        while self.answered.front().is_some_and(|oldest| over(*oldest)) {
            self.answered.pop_front();
        }
        // What was told of a window that a 429 has closed ends when that opens again.
        let opened = self.closed_until;
        self.told = self
            .told
            .filter(|told| !over(told.first) && opened.is_none_or(|at| told.first >= at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(left: u32) -> Limits {
        Limits {
            minute_left: Some(left),
            ..Limits::default()
        }
    }

    fn second(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn sixty_calls_go_at_once_and_the_next_a_minute_after_the_first_answer() {
        let (mut budget, start) = (Budget::default(), Instant::now());
        for call in 0..60 {
            assert_eq!(budget.ask(start), Leave::Granted, "call {call}");
            budget.answered(second(start, 1), &Limits::default());
        }
        assert_eq!(budget.ask(second(start, 2)), Leave::At(second(start, 61)));
        assert_eq!(budget.ask(second(start, 61)), Leave::Granted);
    }

    #[test]
    fn five_calls_are_in_flight_and_no_more() {
        let (mut budget, start) = (Budget::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(budget.ask(start), Leave::Granted);
        }
        assert_eq!(budget.ask(start), Leave::AfterAnswer);
        budget.answered(start, &Limits::default());
        assert_eq!(budget.ask(start), Leave::Granted);
    }

    #[test]
    fn calls_that_others_spent_are_not_there() {
        let (mut budget, start) = (Budget::default(), Instant::now());
        assert_eq!(budget.ask(start), Leave::Granted);
        budget.answered(start, &told(1));
        assert_eq!(budget.ask(second(start, 1)), Leave::Granted);
        assert_eq!(budget.ask(second(start, 1)), Leave::AfterAnswer);
        budget.answered(second(start, 2), &told(0));
        assert_eq!(budget.ask(second(start, 2)), Leave::At(second(start, 60)));
        assert_eq!(budget.ask(second(start, 60)), Leave::Granted);
    }

    #[test]
    fn a_rise_of_what_is_left_begins_a_new_window() {
        let (mut budget, start) = (Budget::default(), Instant::now());
        for (at, left) in [(0, 3), (50, 40), (51, 0)] {
            assert_eq!(budget.ask(second(start, at)), Leave::Granted);
            budget.answered(second(start, at), &told(left));
        }
        assert_eq!(budget.ask(second(start, 61)), Leave::At(second(start, 110)));
    }

    #[test]
    fn a_closed_budget_opens_and_a_spent_day_says_when() {
        let (mut budget, start) = (Budget::default(), Instant::now());
        budget.close(second(start, 37));
        budget.close(second(start, 5));
        assert_eq!(budget.ask(start), Leave::At(second(start, 37)));
        assert_eq!(budget.ask(second(start, 37)), Leave::Granted);
        budget.spend_day(second(start, 9000));
        assert_eq!(
            budget.ask(second(start, 40)),
            Leave::Spent(second(start, 9000))
        );
    }
    #[test]
    fn a_429_that_says_when_to_come_back_is_taken_at_its_word() {
        let (mut budget, start) = (Budget::default(), Instant::now());
        assert_eq!(budget.ask(start), Leave::Granted);
        budget.answered(second(start, 1), &told(0));
        budget.close(second(start, 38));
        assert_eq!(budget.ask(second(start, 2)), Leave::At(second(start, 38)));
        assert_eq!(budget.ask(second(start, 38)), Leave::Granted);
        budget.answered(second(start, 39), &told(0));
        assert_eq!(budget.ask(second(start, 40)), Leave::At(second(start, 99)));
    }
}
