//! Limits the calls of one app: to each organisation, to all of them, and at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::memory::{CallRoom, Memory};
use crate::xero::rate_limit::budget::{Capacity, Quota};
use crate::xero::rate_limit::headers::{Limit, LimitHeaders, Scope};
use crate::xero::rate_limit::limiter::{Permit, RateLimiter};
use crate::xero::rate_limit::retry_after::{LimitError, WaitBounds};
use crate::xero::tenants::TenantId;

/// The rate limiters of one app.
///
/// A request about the token itself has no organisation. Such requests share a limiter like that of
/// an organisation, because Xero documents no limit for them. They also count for the app: Xero does
/// not exempt them, and to count one call too many costs nothing.
#[derive(Debug)]
pub(crate) struct RateLimiters {
    /// The minute of the app.
    app: Arc<RateLimiter>,
    organisations: Mutex<HashMap<Option<TenantId>, Arc<RateLimiter>>>,
    /// One permit for each call that may be in flight over all organisations.
    slots: Arc<Semaphore>,
    /// The memory for responses.
    memory: Memory,
    /// Number of an organisation's daily calls that are left to other programs.
    reserve: u32,
    /// Maximum duration of a wait after a 429. Tests against a local server shorten it.
    pause_cap: Duration,
}

/// The permit for one call, by the limits of its organisation and of the app.
#[derive(Debug)]
pub(crate) struct CallPermit {
    organisation: Permit,
    app: Permit,
    slot: Slot,
    /// The room for its response. Dropped once the response is received.
    room: CallRoom,
}

/// The place of a call among those in flight. The next call takes it when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot(
    #[expect(dead_code, reason = "dropping it frees the place for the next call")]
    Option<OwnedSemaphorePermit>,
);

impl CallPermit {
    /// Records that the call is sent now, and that it ends within `timeout`.
    pub(crate) fn sent(&mut self, timeout: Duration) {
        self.organisation.sent(timeout);
        self.app.sent(timeout);
    }

    /// Ends the call. `headers` are those of its response, if one came. The caller keeps the slot
    /// until the response is unpacked and parsed.
    pub(crate) fn ended(self, headers: Option<&LimitHeaders>) -> Slot {
        self.organisation.ended(headers);
        self.app.ended(headers);
        drop(self.room);
        self.slot
    }
}

impl RateLimiters {
    /// Creates the limiters. `reserve` of the daily calls of each organisation are left to other
    /// programs. At most `at_once` calls are in flight over all organisations. `memory` is that of
    /// their responses.
    pub(crate) fn new(
        reserve: u32,
        at_once: u32,
        pause_cap: Duration,
        memory: Memory,
    ) -> RateLimiters {
        let at_once = usize::try_from(at_once).unwrap_or(Semaphore::MAX_PERMITS);
        RateLimiters {
            app: Arc::new(RateLimiter::new(Quota::of_app(), pause_cap)),
            organisations: Mutex::default(),
            slots: Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS))),
            memory,
            reserve,
            pause_cap,
        }
    }

    /// Waits for a permit for a call of the stream. Fails if a single wait would last `longest` or
    /// more. Calls `wait_started` with each rate limit that it waits for, and the duration of the wait.
    ///
    /// A call takes its slot after the permit of its organisation, so that an organisation that waits
    /// takes no slot from the others. It takes the permit of the app last, so that the app counts
    /// only calls that are sent at once.
    pub(crate) async fn acquire(
        &self,
        tenant: Option<&TenantId>,
        stream: Option<&'static str>,
        longest: Duration,
        wait_started: impl Fn(Limit, Duration),
    ) -> Result<CallPermit, LimitError> {
        let limiter = self.of(tenant);
        let for_organisation = |wait| wait_started(Limit::Minute, wait);
        let for_app = |wait| wait_started(Limit::AppMinute, wait);
        loop {
            let organisation = limiter.acquire(longest, for_organisation).await?;
            // Every call reports that it waits for the app, and not only those with a slot.
            drop(self.app.acquire(longest, for_app).await?);
            let slot = Slot(self.slots.clone().acquire_owned().await.ok());
            let room = self.memory.room_for_call(stream).await;
            let app = self.app.acquire(longest, for_app).await?;
            // A 429 may have closed the organisation meanwhile.
            if limiter.is_open() {
                return Ok(CallPermit {
                    organisation,
                    app,
                    slot,
                    room,
                });
            }
        }
    }

    /// Waits after a 429 that `limit` caused, as [`RateLimiter::wait_after_refusal`] does.
    pub(crate) async fn wait_after_refusal(
        &self,
        tenant: Option<&TenantId>,
        limit: Limit,
        headers: &LimitHeaders,
        bounds: WaitBounds,
        wait_started: impl FnOnce(Duration),
    ) -> Result<bool, LimitError> {
        let limiter = match limit.scope() {
            Scope::Organisation => self.of(tenant),
            Scope::App => self.app.clone(),
        };
        let waited = limiter.wait_after_refusal(limit, headers, bounds, wait_started);
        waited.await
    }

    /// Returns what the limits of an organisation and of the app allow now.
    pub(crate) fn capacity(&self, tenant: &TenantId) -> Capacity {
        let organisation = self.of(Some(tenant)).capacity();
        let calls_now = organisation.calls_now.min(self.app.capacity().calls_now);
        Capacity {
            calls_now,
            ..organisation
        }
    }

    /// Returns the limiter of an organisation, or of the requests about the token itself.
    fn of(&self, tenant: Option<&TenantId>) -> Arc<RateLimiter> {
        let mut limiters = self
            .organisations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let quota = Quota::of_organisation(self.reserve);
            Arc::new(RateLimiter::new(quota, self.pause_cap))
        };
        limiters.entry(tenant.cloned()).or_insert_with(new).clone()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn tenant(id: &str) -> Option<TenantId> {
        Some(TenantId::new(id))
    }

    /// The permit of a call to this organisation, if it need not wait.
    fn now(limiters: &RateLimiters, tenant: &Option<TenantId>) -> Option<CallPermit> {
        let permit = limiters.acquire(tenant.as_ref(), None, MINUTE, |_, _| {});
        permit.now_or_never().transpose().expect("the day is new")
    }

    async fn refuse(limiters: &RateLimiters, tenant: &Option<TenantId>, limit: Limit) {
        let mut permit = now(limiters, tenant).expect("nothing is spent");
        permit.sent(MINUTE);
        let headers = LimitHeaders {
            refused_by: Some(limit),
            retry_after: Some(MINUTE / 2),
            ..LimitHeaders::default()
        };
        permit.ended(Some(&headers));
        let bounds = WaitBounds {
            max_refusals: 2,
            longest_wait: MINUTE,
            time_left: MINUTE,
        };
        let waited = limiters.wait_after_refusal(tenant.as_ref(), limit, &headers, bounds, |_| {});
        assert_eq!(waited.await, Ok(true), "the next call waits");
    }

    #[tokio::test]
    async fn the_minute_of_the_app_holds_for_all_and_that_of_an_organisation_for_itself() {
        let (a, b) = (tenant("a"), tenant("b"));
        for (limit, first, others) in [
            (Limit::Minute, false, true),
            (Limit::AppMinute, false, false),
        ] {
            let limiters = RateLimiters::new(0, 1, Duration::MAX, Memory::default());
            refuse(&limiters, &a, limit).await;
            for (tenant, may_call) in [(&a, first), (&b, others), (&None, others)] {
                let permit = now(&limiters, tenant);
                assert_eq!(permit.is_some(), may_call, "{limit:?} {tenant:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_call_that_waits_for_the_app_is_not_sent_to_an_organisation_that_was_closed_meanwhile()
     {
        let (a, b) = (tenant("a"), tenant("b"));
        let limiters = RateLimiters::new(0, 2, Duration::from_millis(1), Memory::default());
        let mut first = now(&limiters, &a).expect("nothing is spent");
        first.sent(MINUTE);
        refuse(&limiters, &b, Limit::AppMinute).await;
        let mut second = std::pin::pin!(limiters.acquire(a.as_ref(), None, MINUTE, |_, _| {}));
        assert!(second.as_mut().now_or_never().is_none(), "the app waits");
        let spent = LimitHeaders {
            refused_by: Some(Limit::Day),
            retry_after: Some(60 * MINUTE),
            ..LimitHeaders::default()
        };
        first.ended(Some(&spent));
        let refused = second.await.expect_err("the calls of the day are spent");
        assert!(matches!(refused, LimitError::DaySpent(_)), "{refused:?}");
    }

    #[tokio::test]
    async fn every_call_reports_that_it_waits_for_the_app() {
        let (a, b) = (tenant("a"), tenant("b"));
        let limiters = RateLimiters::new(0, 1, Duration::MAX, Memory::default());
        refuse(&limiters, &a, Limit::AppMinute).await;
        let (sender, reports) = std::sync::mpsc::channel();
        let acquire = |tenant| {
            let sender = sender.clone();
            limiters.acquire(tenant, None, MINUTE, move |limit, _| {
                sender.send(limit).expect("the test listens");
            })
        };
        // There is one slot for both calls.
        let mut first = std::pin::pin!(acquire(a.as_ref()));
        let mut second = std::pin::pin!(acquire(b.as_ref()));
        assert!(first.as_mut().now_or_never().is_none(), "the app waits");
        assert!(second.as_mut().now_or_never().is_none(), "the app waits");
        let reports: Vec<_> = reports.try_iter().collect();
        assert_eq!(reports, [Limit::AppMinute, Limit::AppMinute]);
    }
}
