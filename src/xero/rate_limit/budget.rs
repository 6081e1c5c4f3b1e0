//! Decides when the next call to an organisation may be sent. Pure: the caller passes the time.
//!
//! Xero allows 60 calls a minute and 5 at once for an app and organisation. Its documentation calls
//! the windows fixed today and called them rolling before, and does not say where they begin. Two
//! estimates of the free calls hold for both kinds, and the higher one decides:
//!
//! - Own count: a call counts until a minute after its response, because Xero counted it before it
//!   sent the response.
//! - Header: the calls that the last response says are left, less the calls that Xero may have
//!   counted after it.
//!
//! A third estimate limits both while other programs spend calls of the same minute.
//!
//! Simulated syncs of 600 calls show that each estimate is needed. Without our own count, no call is
//! sent to a server without headers. Without the header, a sync beside another program takes up to
//! 6 % longer and causes about twice as many 429s. Without the third, the property tests find 429s
//! that this process caused, and a sync beside bursts of another program causes up to five times as
//! many 429s.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::xero::rate_limit::headers::{DAY, Limit, LimitHeaders};
use crate::xero::rate_limit::remaining::{MinuteWindow, Remaining, ResponseContext};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const CALLS_A_MINUTE: usize = 60;
/// Calls that Xero accepts at once for an app and organisation.
pub(crate) const CALLS_AT_ONCE: usize = 5;
/// Calls at once after five were refused, because another program makes one as well.
const CALLS_AT_ONCE_WITH_OTHERS: usize = 4;

/// The calls of one organisation that Xero may still count.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Calls of the day that are left to other programs.
    reserve: usize,
    at_once: usize,
    in_flight: usize,
    /// When the response to each call of the last two minutes arrived, oldest first. A call counts
    /// for one minute, but a response also counts calls from before it was requested.
    answered: VecDeque<Instant>,
    /// What the last response said about the minute.
    last_header: Option<MinuteHeader>,
    /// The current minute, according to Xero.
    minute: Option<MinuteWindow>,
    /// The current day, according to Xero.
    day: Option<Remaining>,
    /// No call may be sent before this time.
    closed_until: Option<Instant>,
    /// The calls of the day are spent until this time.
    spent_until: Option<Instant>,
    /// The number of 429s in a row, and when the last one arrived. Calls that were under way at the
    /// same time count once.
    refusals: u32,
    last_refusal: Option<Instant>,
    /// A 429 came without `Retry-After`. One call at a time is sent until one succeeds.
    probing: bool,
    latency: Duration,
}

/// `X-MinLimit-Remaining` of one response.
#[derive(Clone, Copy, Debug)]
struct MinuteHeader {
    sent: Instant,
    remaining: usize,
}

/// Whether a call may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Now. The call counts from this moment.
    Granted,
    /// Not before this time.
    At(Instant),
    /// After the end of a call that is under way.
    AfterAnswer,
    /// The calls of the day are spent until this time.
    DaySpent(Instant),
    /// The calls that are left of the day, this number, are reserved.
    Reserved(usize),
}

/// What the limits of an organisation allow at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// Calls that need not wait for the end of a minute or a day.
    pub(crate) calls_now: usize,
    /// Calls that are left of the day for this program. `None` if Xero did not say.
    pub(crate) calls_today: Option<usize>,
    /// The smoothed time from sending a call to its complete response. Zero before the first one.
    pub(crate) latency: Duration,
}

impl Budget {
    /// A budget that leaves `reserve` calls of the day to other programs.
    pub(crate) fn new(reserve: u32) -> Budget {
        Budget {
            reserve: reserve as usize,
            at_once: CALLS_AT_ONCE,
            in_flight: 0,
            answered: VecDeque::new(),
            last_header: None,
            minute: None,
            day: None,
            closed_until: None,
            spent_until: None,
            refusals: 0,
            last_refusal: None,
            probing: false,
            latency: Duration::ZERO,
        }
    }

    /// Decides about one call at `now`.
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
                // If no call is left and none reserved, one call finds out when they return.
                0 if self.reserve == 0 => {}
                0 => return Decision::Reserved(self.day.map_or(0, |left| left.calls)),
                _ => return Decision::AfterAnswer,
            }
        }
        if self.free_by_own_count(now).max(self.free_by_headers(now)) == 0 {
            return match self.counting(now).next() {
                Some(oldest) => Decision::At(*oldest + MINUTE),
                None => Decision::AfterAnswer,
            };
        }
        if let Some(window) = self.minute.filter(|_| self.free_beside_others(now) == 0) {
            return match self.in_flight {
                0 => Decision::At(window.first + MINUTE),
                _ => Decision::AfterAnswer,
            };
        }
        self.in_flight += 1;
        Decision::Granted
    }

    /// Notes the response, at `now`, to the call that was sent at `sent`.
    pub(crate) fn answered(&mut self, sent: Instant, now: Instant, headers: &LimitHeaders) {
        let ended = self.answered.iter().filter(|end| **end > sent).count();
        let context = ResponseContext {
            sent,
            received: now,
            concurrent: self.in_flight + ended,
            own: self.in_flight + self.counting(sent).count(),
        };
        self.ended(now);
        match headers.day_remaining {
            Some(calls) => self.day = Some(Remaining::after(self.day, calls as usize, context)),
            None => self.day.iter_mut().for_each(Remaining::count_call),
        }
        match headers.minute_remaining {
            Some(calls) => {
                let remaining = calls as usize;
                self.last_header = Some(MinuteHeader { sent, remaining });
                self.minute = Some(MinuteWindow::after(self.minute, remaining, context));
            }
            None => self.count_in_minute(),
        }
        // The outcome of calls that were under way at the refusal says nothing about the time after.
        let later = self.last_refusal.is_none_or(|last| sent > last);
        match headers.refused_by {
            Some(limit) => {
                if later {
                    (self.refusals, self.last_refusal) = (self.refusals + 1, Some(now));
                }
                self.refuse(limit, headers.retry_after, now);
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

    /// Notes that a call ended at `now` without a response. Xero may have counted it.
    pub(crate) fn lost(&mut self, now: Instant) {
        self.ended(now);
        self.day.iter_mut().for_each(Remaining::count_call);
        self.count_in_minute();
    }

    /// Allows no call before `until`.
    pub(crate) fn close(&mut self, until: Instant) {
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// The number of 429s in a row.
    pub(crate) fn refusals(&self) -> u32 {
        self.refusals
    }

    /// What the limits allow at `now`.
    pub(crate) fn capacity(&mut self, now: Instant) -> Capacity {
        self.forget(now);
        let shut = |until: Option<Instant>| until.is_some_and(|until| until > now);
        let calls_now = match shut(self.spent_until) || shut(self.closed_until) || self.probing {
            true => 0,
            false => self
                .free_by_own_count(now)
                .max(self.free_by_headers(now))
                .min(self.free_beside_others(now))
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

    fn count_in_minute(&mut self) {
        let minute = self.minute.iter_mut();
        minute.for_each(|window| window.remaining.count_call());
    }

    fn refuse(&mut self, limit: Limit, hint: Option<Duration>, now: Instant) {
        match limit {
            Limit::Concurrent => self.at_once = CALLS_AT_ONCE_WITH_OTHERS,
            Limit::Minute | Limit::AppMinute => self.probing = hint.is_none(),
            Limit::Day => self.spent_until = self.spent_until.max(Some(now + hint.unwrap_or(DAY))),
        }
    }

    /// Returns when the response to each call arrived that may count at `at`, oldest first.
    fn counting(&self, at: Instant) -> impl Iterator<Item = &Instant> {
        let over = move |end: &&Instant| at.saturating_duration_since(**end) >= MINUTE;
        self.answered.iter().skip_while(over)
    }

    /// The free calls by our own count.
    fn free_by_own_count(&self, now: Instant) -> usize {
        CALLS_A_MINUTE.saturating_sub(self.in_flight + self.counting(now).count())
    }

    /// The free calls by the header of the last response: the calls that it says are left, less
    /// the calls that Xero may have counted after it. A new window shows here first.
    fn free_by_headers(&self, now: Instant) -> usize {
        let is_current =
            |header: &MinuteHeader| now.saturating_duration_since(header.sent) < MINUTE;
        self.last_header.filter(is_current).map_or(0, |header| {
            let ends = self.answered.iter().rev();
            // This response is one of them.
            let later = ends.take_while(|end| **end >= header.sent).count();
            (header.remaining + 1).saturating_sub(self.in_flight + later)
        })
    }

    /// The free calls while other programs spend calls of the same minute. Without them our own
    /// count is better, because it does not count calls under way twice.
    fn free_beside_others(&self, now: Instant) -> usize {
        let shared = self.minute.filter(|window| window.is_shared(now));
        shared.map_or(CALLS_A_MINUTE, |window| {
            window.remaining.calls.saturating_sub(self.in_flight)
        })
    }

    /// The free calls of the day, as far as Xero said.
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
        // After a 429 the window that it closed says nothing about the next one.
        let opened = self.closed_until;
        self.minute = self.minute.filter(|window| {
            !over(window.first, MINUTE) && opened.is_none_or(|at| window.first >= at)
        });
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod properties;
