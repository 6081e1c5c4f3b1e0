//! When the next call to an organisation may go out. A plain value: the clock
//! is handed in, so every rule is tested without waiting.
//!
//! Xero allows 60 calls a minute and 5 at once for an app and organisation. It
//! calls its windows fixed today and called them rolling before; where they
//! begin it does not say. Two rules hold under both, and the kinder one decides:
//! a call counts until a minute after its answer, for it was counted no later
//! than that; and what an answer says is left is there, less the calls that may
//! have been counted after it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::xero::rate_limit::headers::{DAY, Limit, LimitHeaders};
use crate::xero::rate_limit::remaining::{Left, Place, Told};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const CALLS_A_MINUTE: usize = 60;
/// Calls that Xero takes at once from an app for one organisation.
pub(crate) const CALLS_AT_ONCE: usize = 5;
/// From the first time that five were too many: another program has one, too.
const CALLS_AT_ONCE_BESIDE_OTHERS: usize = 4;

/// So many of the last answers are asked what they said was left.
const HEARD: usize = 2 * CALLS_AT_ONCE;

/// The calls of one organisation that may still count.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Calls of the day that are left to others.
    reserve: usize,
    at_once: usize,
    in_flight: usize,
    /// When each call of the last two minutes was answered, oldest first: one
    /// counts for a minute, but an answer also counts those before its sending.
    answered: VecDeque<Instant>,
    /// What the last answers said is left of the minute.
    heard: VecDeque<Heard>,
    /// What Xero said of the minute.
    minute: Option<Told>,
    /// What Xero said of the day.
    day: Option<Left>,
    /// No call before this.
    closed_until: Option<Instant>,
    /// The day's calls are spent until then.
    spent_until: Option<Instant>,
    /// How often in a row, and when last, a call met a limit. Calls that were under way
    /// at once meet it together.
    refusals: u32,
    refused: Option<Instant>,
    /// A limit was met and Xero did not say until when: calls go one by one until one gets through.
    probing: bool,
    latency: Duration,
}

/// What one answer said is left of the minute.
#[derive(Clone, Copy, Debug)]
struct Heard {
    sent: Instant,
    left: usize,
}

/// Whether a call may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Now. The call counts from here on.
    Granted,
    /// Not before this instant.
    At(Instant),
    /// Once a call in flight is answered.
    AfterAnswer,
    /// Not today; calls return at this instant.
    DaySpent(Instant),
    /// Not today: the calls that are left, so many, are reserved.
    Reserved(usize),
}

/// What an organisation's limits have room for at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// Calls that could go out, some after others, without a wait for a minute or a day to end.
    pub(crate) calls_now: usize,
    /// Calls that the day has left for this program, as far as Xero told.
    pub(crate) calls_today: Option<usize>,
    /// How long a call takes from its sending to its whole answer, smoothed; zero before the first.
    pub(crate) latency: Duration,
}

impl Budget {
    /// A budget that leaves `reserve` calls of the day to others.
    pub(crate) fn new(reserve: u32) -> Budget {
        Budget {
            reserve: reserve as usize,
            at_once: CALLS_AT_ONCE,
            in_flight: 0,
            answered: VecDeque::new(),
            heard: VecDeque::new(),
            minute: None,
            day: None,
            closed_until: None,
            spent_until: None,
            refusals: 0,
            refused: None,
            probing: false,
            latency: Duration::ZERO,
        }
    }

    /// Asks leave for one call at `now`.
    pub(crate) fn decide(&mut self, now: Instant) -> Decision {
        if let Some(until) = self.spent_until.filter(|until| *until > now) {
            return Decision::DaySpent(until);
        }
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Decision::At(until);
        }
        self.forget(now);
        let at_once = if self.probing { 1 } else { self.at_once };
        if self.in_flight >= at_once {
            return Decision::AfterAnswer;
        }
        if self.free_today() == 0 {
            match self.in_flight {
                // With none left and none reserved, one call asks when they return.
                0 if self.reserve == 0 => {}
                0 => return Decision::Reserved(self.day.map_or(0, |left| left.calls)),
                _ => return Decision::AfterAnswer,
            }
        }
        if self.free_by_own_count(now).max(self.free_as_heard(now)) == 0 {
            return match self.counting(now).next() {
                Some(oldest) => Decision::At(*oldest + MINUTE),
                None => Decision::AfterAnswer,
            };
        }
        if let Some(told) = self.minute.filter(|_| self.free_as_told(now) == 0) {
            return match self.in_flight {
                0 => Decision::At(told.first + MINUTE),
                _ => Decision::AfterAnswer,
            };
        }
        self.in_flight += 1;
        Decision::Granted
    }

    /// Notes that the call of `sent` was answered at `now`, and what its answer told of the limits.
    pub(crate) fn answered(&mut self, sent: Instant, now: Instant, limits: &LimitHeaders) {
        let beside = self.answered.iter().filter(|end| **end > sent).count();
        let place = Place {
            sent,
            heard: now,
            beside: self.in_flight + beside,
            own: self.in_flight + self.counting(sent).count(),
        };
        self.ended(now);
        if let Some(calls) = limits.minute_left {
            let left = calls as usize;
            self.heard.push_back(Heard { sent, left });
            self.heard.drain(..self.heard.len().saturating_sub(HEARD));
        }
        match limits.day_left {
            Some(calls) => self.day = Some(Left::then(self.day, calls as usize, place)),
            None => self.day.iter_mut().for_each(Left::spend),
        }
        match limits.minute_left {
            Some(calls) => self.minute = Some(Told::then(self.minute, calls as usize, place)),
            None => self.spend_minute(),
        }
        // Calls that were under way when a limit was met do not tell how it went on.
        let later = self.refused.is_none_or(|last| sent > last);
        match limits.refused {
            Some(limit) => {
                if later {
                    (self.refusals, self.refused) = (self.refusals + 1, Some(now));
                }
                self.refuse(limit, limits.retry_after, now);
            }
            None => {
                if later {
                    (self.refusals, self.probing) = (0, false);
                }
                let took = now.saturating_duration_since(sent);
                self.latency = match self.latency {
                    Duration::ZERO => took,
                    before => (3 * before + took) / 4,
                };
            }
        }
    }

    /// Notes that a call ended at `now` without an answer. Xero may have counted it all the same.
    pub(crate) fn lost(&mut self, now: Instant) {
        self.ended(now);
        self.day.iter_mut().for_each(Left::spend);
        self.spend_minute();
    }

    /// Lets no call out before `until`.
    pub(crate) fn close(&mut self, until: Instant) {
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// How often in a row a limit was met.
    pub(crate) fn refusals(&self) -> u32 {
        self.refusals
    }

    /// What there is room for at `now`.
    pub(crate) fn capacity(&mut self, now: Instant) -> Capacity {
        self.forget(now);
        let shut = |until: Option<Instant>| until.is_some_and(|until| until > now);
        let calls_now = match shut(self.spent_until) || shut(self.closed_until) || self.probing {
            true => 0,
            false => self
                .free_by_own_count(now)
                .max(self.free_as_heard(now))
                .min(self.free_as_told(now))
                .min(self.free_today()),
        };
        Capacity {
            calls_now,
            calls_today: self.day.map(|_| self.free_today()),
            latency: self.latency,
        }
    }

    fn ended(&mut self, now: Instant) {
        self.in_flight -= 1;
        self.answered.push_back(now);
    }

    fn spend_minute(&mut self) {
        let minute = self.minute.iter_mut();
        minute.for_each(|told| told.left.spend());
    }

    fn refuse(&mut self, limit: Limit, hint: Option<Duration>, now: Instant) {
        match limit {
            Limit::Concurrent => self.at_once = CALLS_AT_ONCE_BESIDE_OTHERS,
            Limit::Minute | Limit::AppMinute => self.probing = hint.is_none(),
            Limit::Day => self.spent_until = self.spent_until.max(Some(now + hint.unwrap_or(DAY))),
        }
    }

    /// When each call was answered that may count at `at`, oldest first.
    fn counting(&self, at: Instant) -> impl Iterator<Item = &Instant> {
        let over = move |end: &&Instant| at.saturating_duration_since(**end) >= MINUTE;
        self.answered.iter().skip_while(over)
    }

    /// Calls that the plain rule allows.
    fn free_by_own_count(&self, now: Instant) -> usize {
        CALLS_A_MINUTE.saturating_sub(self.in_flight + self.counting(now).count())
    }

    /// Calls that the last answers allow: what one said is left, less the calls that
    /// Xero may have counted after it. A new window shows first in these.
    fn free_as_heard(&self, now: Instant) -> usize {
        let recent = |heard: &&Heard| now.saturating_duration_since(heard.sent) < MINUTE;
        let free = |heard: &Heard| {
            let ends = self.answered.iter().rev();
            // The answer itself is among them.
            let later = ends.take_while(|end| **end >= heard.sent).count();
            (heard.left + 1).saturating_sub(self.in_flight + later)
        };
        self.heard
            .iter()
            .filter(recent)
            .map(free)
            .max()
            .unwrap_or(0)
    }

    /// Calls that others leave. Where nobody else spends, the plain rule knows better:
    /// it does not count calls in flight twice.
    fn free_as_told(&self, now: Instant) -> usize {
        let told = self.minute.filter(|told| told.others(now));
        told.map_or(CALLS_A_MINUTE, |told| {
            told.left.calls.saturating_sub(self.in_flight)
        })
    }

    /// Calls that the day allows, as far as it is known.
    fn free_today(&self) -> usize {
        let left = self.day.map_or(usize::MAX, |left| left.calls);
        left.saturating_sub(self.in_flight + self.reserve)
    }

    fn forget(&mut self, now: Instant) {
        let over = |since: Instant, long: Duration| now.saturating_duration_since(since) >= long;
        while self
            .answered
            .front()
            .is_some_and(|oldest| over(*oldest, 2 * MINUTE))
        {
            self.answered.pop_front();
        }
        // What was told of a window that a 429 has closed ends when that opens again.
        let opened = self.closed_until;
        self.minute = self
            .minute
            .filter(|told| !over(told.first, MINUTE) && opened.is_none_or(|at| told.first >= at));
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod properties;
