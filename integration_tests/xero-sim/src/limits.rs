//! Xero's four rate limits. Windows are fixed, not rolling, and start at another moment for each
//! organisation. Source: the developer documentation's page on API limits.

use std::collections::HashMap;

use crate::app::{AppId, Tier};
use crate::clock::Millis;
use crate::clock::{DAY, MINUTE, SECOND};
use crate::tenant::TenantId;

/// Calls in flight at once, for an app in an organisation.
const CONCURRENT: u32 = 5;
/// Calls a minute, for an app in an organisation.
const PER_MINUTE: u32 = 60;
/// Calls a minute, for an app over all organisations, unless a test lowers them.
const PER_APP_MINUTE: u32 = 10_000;

/// One of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Five calls in flight. Its 429 has no `Retry-After`.
    Concurrent,
    /// Sixty calls a minute.
    Minute,
    /// 1,000 or 5,000 calls a day.
    Day,
    /// 10,000 calls a minute over all organisations of the app. Its 429 has no `Retry-After`.
    AppMinute,
}

impl Limit {
    /// The value of `X-Rate-Limit-Problem`.
    pub const fn problem(self) -> &'static str {
        match self {
            Self::Concurrent => "concurrent",
            Self::Minute => "minute",
            Self::Day => "day",
            Self::AppMinute => "appminute",
        }
    }
}

/// The remaining calls after a call: the three headers of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remaining {
    pub(crate) day: u32,
    pub(crate) minute: u32,
    pub(crate) app_minute: u32,
}

/// A call over a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded {
    pub(crate) limit: Limit,
    /// Whole seconds until the window ends; only the limits of the minute and the day have it.
    pub(crate) retry_after: Option<i64>,
    pub(crate) remaining: Remaining,
}

/// A window of fixed length, and the calls counted in it.
#[derive(Clone, Copy, Debug)]
struct Window {
    length: Millis,
    phase: Millis,
    index: Millis,
    used: u32,
}

impl Window {
    fn new(length: Millis, phase: Millis) -> Self {
        Self {
            length,
            phase,
            index: Millis::MIN,
            used: 0,
        }
    }

    /// Forgets the calls of windows that are over.
    fn roll(&mut self, now: Millis) {
        let index = (now - self.phase).div_euclid(self.length);
        if index != self.index {
            self.index = index;
            self.used = 0;
        }
    }

    fn ends(&self) -> Millis {
        (self.index + 1) * self.length + self.phase
    }

    fn seconds_left(&self, now: Millis) -> i64 {
        (self.ends() - now + SECOND - 1).div_euclid(SECOND)
    }
}

#[derive(Debug)]
struct Counters {
    minute: Window,
    day: Window,
    in_flight: u32,
}

impl Counters {
    fn new(seed: u64) -> Self {
        let mut phases = fastrand::Rng::with_seed(seed);
        Self {
            minute: Window::new(MINUTE, phases.i64(0..MINUTE)),
            day: Window::new(DAY, phases.i64(0..DAY)),
            in_flight: 0,
        }
    }
}

impl Remaining {
    fn of(own: &Counters, app: &Window, tier: Tier, per_app_minute: u32) -> Self {
        Self {
            day: tier.daily_calls().saturating_sub(own.day.used),
            minute: PER_MINUTE.saturating_sub(own.minute.used),
            app_minute: per_app_minute.saturating_sub(app.used),
        }
    }
}

/// The caller: an app in an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Caller {
    pub(crate) app: AppId,
    pub(crate) tenant: TenantId,
}

/// All counters of the simulated Xero.
#[derive(Debug)]
pub(crate) struct Limits {
    callers: HashMap<Caller, Counters>,
    apps: HashMap<AppId, Window>,
    per_app_minute: u32,
    off: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            callers: HashMap::new(),
            apps: HashMap::new(),
            per_app_minute: PER_APP_MINUTE,
            off: false,
        }
    }
}

/// When the minutes of an app start. It follows from the client id, so that a world does not
/// depend on when its apps are registered.
fn app_phase(app: &AppId) -> Millis {
    let bytes = app.as_str().bytes();
    let seed = bytes.fold(0_u64, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(byte.into())
    });
    fastrand::Rng::with_seed(seed).i64(0..MINUTE)
}

/// The current minute of an app.
fn app_window<'a>(
    apps: &'a mut HashMap<AppId, Window>,
    app: &AppId,
    now: Millis,
) -> &'a mut Window {
    let new = || Window::new(MINUTE, app_phase(app));
    let window = apps.entry(app.clone()).or_insert_with(new);
    window.roll(now);
    window
}

impl Limits {
    /// Lowers or raises the calls a minute of every app over all organisations.
    pub(crate) fn app_minute(&mut self, calls: u32) {
        self.per_app_minute = calls;
    }

    /// Turns every limit off.
    pub(crate) fn disable(&mut self) {
        self.off = true;
    }

    /// Counts a call unless it exceeds a limit; a refused call costs nothing. The organisation's
    /// `seed` decides when its windows start.
    pub(crate) fn admit(
        &mut self,
        caller: &Caller,
        tier: Tier,
        seed: u64,
        now: Millis,
    ) -> Result<Remaining, Exceeded> {
        let (off, per_app_minute) = (self.off, self.per_app_minute);
        let (own, app) = self.counted(caller, seed, now);
        let exceeded = if off {
            None
        } else if own.day.used >= tier.daily_calls() {
            Some((Limit::Day, Some(own.day.seconds_left(now))))
        } else if own.minute.used >= PER_MINUTE {
            Some((Limit::Minute, Some(own.minute.seconds_left(now))))
        } else if app.used >= per_app_minute {
            Some((Limit::AppMinute, None))
        } else if own.in_flight >= CONCURRENT {
            Some((Limit::Concurrent, None))
        } else {
            None
        };
        if exceeded.is_none() {
            own.in_flight += 1;
            if !off {
                own.minute.used += 1;
                own.day.used += 1;
                app.used += 1;
            }
        }

        let remaining = Remaining::of(own, app, tier, per_app_minute);
        match exceeded {
            None => Ok(remaining),
            Some((limit, retry_after)) => Err(Exceeded {
                limit,
                retry_after,
                remaining,
            }),
        }
    }

    /// Returns the remaining calls of a caller without counting a call.
    pub(crate) fn remaining(
        &mut self,
        caller: &Caller,
        tier: Tier,
        seed: u64,
        now: Millis,
    ) -> Remaining {
        let per_app_minute = self.per_app_minute;
        let (own, app) = self.counted(caller, seed, now);
        Remaining::of(own, app, tier, per_app_minute)
    }

    /// Returns the remaining calls of an app in its minute without counting a call.
    pub(crate) fn app_remaining(&mut self, app: &AppId, now: Millis) -> u32 {
        let per_app_minute = self.per_app_minute;
        let window = app_window(&mut self.apps, app, now);
        per_app_minute.saturating_sub(window.used)
    }

    /// Returns the calls counted in the current windows of the caller and of the app.
    fn counted(&mut self, caller: &Caller, seed: u64, now: Millis) -> (&mut Counters, &mut Window) {
        let app = app_window(&mut self.apps, &caller.app, now);
        let own = self
            .callers
            .entry(caller.clone())
            .or_insert_with(|| Counters::new(seed));
        own.minute.roll(now);
        own.day.roll(now);
        (own, app)
    }

    /// Ends an admitted call.
    pub(crate) fn release(&mut self, caller: &Caller) {
        let counters = self.callers.get_mut(caller);
        counters
            .expect("only admitted calls are released")
            .in_flight -= 1;
    }

    /// Counts calls of other programs with this app in the organisation's current day.
    pub(crate) fn spend_day(&mut self, caller: &Caller, seed: u64, calls: u32, now: Millis) {
        let own = self
            .callers
            .entry(caller.clone())
            .or_insert_with(|| Counters::new(seed));
        own.day.roll(now);
        own.day.used += calls;
    }
}

#[cfg(test)]
mod tests;
