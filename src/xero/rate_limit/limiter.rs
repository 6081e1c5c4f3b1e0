//! Limits the rate of the calls that share a budget: those to one organisation, or all of an app.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::xero::rate_limit::budget::{Budget, Capacity, Decision, Quota};
use crate::xero::rate_limit::headers::{Limit, LimitHeaders};
use crate::xero::rate_limit::retry_after::{self, LimitError, WaitBounds};

/// Grants permits for calls as the budget allows, and decides how long a 429 waits.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    budget: Mutex<Budget>,
    /// Notified when a call ends.
    call_ended: Notify,
    /// Maximum duration of a wait after a 429. Tests against a local server shorten it.
    pause_cap: Duration,
}

/// The permit for one call. If it is dropped during the call, the call counts until its timeout,
/// because Xero still processes it.
#[derive(Debug)]
pub(crate) struct Permit {
    limiter: Arc<RateLimiter>,
    sent: Instant,
    state: CallState,
}

/// The state of a call.
#[derive(Debug)]
enum CallState {
    /// The call was not sent.
    Unsent,
    /// The call is in flight. It ends at the latest this long after it was sent.
    InFlight(Duration),
    /// A response came with these headers.
    Answered(LimitHeaders),
    /// No response came. Xero may have counted the call.
    Lost,
}

impl Permit {
    /// Records that the call is sent now, and that it ends within `timeout`.
    pub(crate) fn sent(&mut self, timeout: Duration) {
        self.sent = Instant::now();
        self.state = CallState::InFlight(timeout);
    }

    /// Ends the call. `headers` are those of its response, if one came.
    pub(crate) fn ended(mut self, headers: Option<&LimitHeaders>) {
        self.state = headers.map_or(CallState::Lost, |headers| {
            CallState::Answered(headers.clone())
        });
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let now = Instant::now();
        match &self.state {
            CallState::Answered(headers) => {
                self.limiter.budget().answered(self.sent, now, headers);
            }
            CallState::Unsent => self.limiter.budget().unsent(),
            CallState::Lost => self.limiter.budget().lost(now),
            CallState::InFlight(timeout) => {
                let (limiter, until) = (self.limiter.clone(), self.sent + *timeout);
                // Without a runtime the process ends, and no call follows.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(async move {
                        tokio::time::sleep_until(until.into()).await;
                        limiter.budget().lost(Instant::now());
                        limiter.call_ended.notify_waiters();
                    });
                }
                return;
            }
        }
        self.limiter.call_ended.notify_waiters();
    }
}

impl RateLimiter {
    /// Creates a limiter with all calls of its quota.
    pub(crate) fn new(quota: Quota, pause_cap: Duration) -> RateLimiter {
        RateLimiter {
            budget: Mutex::new(Budget::new(quota)),
            call_ended: Notify::new(),
            pause_cap,
        }
    }

    /// Waits for a permit. Fails if a single wait would last `longest` or more. Calls `wait_started`
    /// with the duration of each wait for a rate limit.
    pub(crate) async fn acquire(
        self: &Arc<RateLimiter>,
        longest: Duration,
        wait_started: impl Fn(Duration),
    ) -> Result<Permit, LimitError> {
        loop {
            let now = Instant::now();
            // Subscribes before the decision, so that no end of a call in between is missed.
            let call_ended = self.call_ended.notified();
            let decision = self.budget().decide(now);
            match decision {
                Decision::Granted => {
                    return Ok(Permit {
                        limiter: self.clone(),
                        sent: now,
                        state: CallState::Unsent,
                    });
                }
                Decision::DaySpent(until) => return Err(LimitError::DaySpent(until - now)),
                Decision::Reserved(left) => return Err(LimitError::Reserved(left)),
                Decision::AfterAnswer => call_ended.await,
                Decision::At(until) if until - now >= longest => {
                    return Err(LimitError::StillLimited);
                }
                Decision::At(until) => {
                    wait_started(until - now);
                    tokio::time::sleep_until(until.into()).await;
                }
            }
        }
    }

    /// Waits after a 429 that `limit` caused, if `bounds` allow it. Calls `wait_started` with the
    /// duration of the wait.
    ///
    /// A minute limit holds for all calls of the limiter. The limiter then blocks them without
    /// waiting itself and returns `true`: the next `acquire` waits, and this wait is already
    /// reported.
    pub(crate) async fn wait_after_refusal(
        &self,
        limit: Limit,
        headers: &LimitHeaders,
        bounds: WaitBounds,
        wait_started: impl FnOnce(Duration),
    ) -> Result<bool, LimitError> {
        let refusals = self.budget().refusals();
        let wait = retry_after::wait(refusals, limit, headers, bounds, fastrand::f64())?;
        wait_started(wait);
        let pause = wait.min(self.pause_cap);
        match limit {
            Limit::Minute | Limit::AppMinute => {
                self.budget().close(Instant::now() + pause);
                Ok(true)
            }
            Limit::Concurrent | Limit::Day => {
                tokio::time::sleep(pause).await;
                Ok(false)
            }
        }
    }

    /// Returns whether a call with a permit may still be sent.
    pub(crate) fn is_open(&self) -> bool {
        self.budget().is_open(Instant::now())
    }

    /// Returns what the limits allow now.
    pub(crate) fn capacity(&self) -> Capacity {
        self.budget().capacity(Instant::now())
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Creates a limiter with five calls in flight. Each call ends within `timeout`.
    async fn five_under_way(timeout: Duration) -> (Arc<RateLimiter>, Vec<Permit>) {
        let limiter = Arc::new(RateLimiter::new(Quota::of_organisation(0), Duration::MAX));
        let mut permits = Vec::new();
        for _ in 0..5 {
            let mut permit = limiter
                .acquire(MINUTE, |_| {})
                .await
                .expect("the day is new");
            permit.sent(timeout);
            permits.push(permit);
        }
        assert!(limiter.acquire(MINUTE, |_| {}).now_or_never().is_none());
        (limiter, permits)
    }

    #[tokio::test]
    async fn a_call_that_was_dropped_counts_until_its_time_is_over() {
        let (limiter, permits) = five_under_way(MINUTE).await;
        drop(permits);
        tokio::task::yield_now().await;
        assert!(limiter.acquire(MINUTE, |_| {}).now_or_never().is_none());

        let (limiter, permits) = five_under_way(Duration::ZERO).await;
        drop(permits);
        limiter
            .acquire(MINUTE, |_| {})
            .await
            .expect("their time is over");
    }

    #[tokio::test]
    async fn a_call_that_ended_or_was_never_sent_frees_its_slot_at_once() {
        let (limiter, mut permits) = five_under_way(MINUTE).await;
        permits.pop().expect("there are five").ended(None);
        let unsent = limiter.acquire(MINUTE, |_| {}).now_or_never();
        drop(unsent.expect("one has ended"));
        let next = limiter.acquire(MINUTE, |_| {}).now_or_never();
        assert!(next.is_some(), "one never went out");
    }
}
