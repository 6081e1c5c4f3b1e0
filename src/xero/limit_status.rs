//! Reports the waits for Xero's rate limits to the log and the layer above.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::xero::listener::{RequestListener, Subject, WaitReason};
use crate::xero::rate_limit::headers::{Limit, Scope};
use crate::xero::tenants::TenantId;

/// Minimum duration of a wait that is logged and shown as a status. Shorter waits are only counted.
pub(crate) const SHORTEST_REPORTED: Duration = Duration::from_secs(1);

/// Waits for the same limit whose ends are no further apart are one wait for the log.
const SAME_MOMENT: Duration = Duration::from_secs(5);

/// The waits of one request.
pub(crate) struct RateLimitStatus<'a> {
    listener: &'a dyn RequestListener,
    log: &'a WaitLog,
    subject: Subject<'a>,
    /// Whether the request is shown as waiting.
    is_shown: Cell<bool>,
}

impl<'a> RateLimitStatus<'a> {
    /// Creates the status of a request that has not waited yet.
    pub(crate) fn new(
        listener: &'a dyn RequestListener,
        log: &'a WaitLog,
        subject: Subject<'a>,
    ) -> RateLimitStatus<'a> {
        RateLimitStatus {
            listener,
            log,
            subject,
            is_shown: Cell::new(false),
        }
    }

    /// Reports a wait that begins now. Logs it, unless another request logged the same wait.
    pub(crate) fn wait_started(&self, limit: Limit, wait: Duration) {
        if self.is_new(limit, wait) {
            let seconds = wait.as_secs_f64();
            tracing::info!(
                stream = self.subject.streams.first(),
                "waiting {seconds:.0} s for Xero's limit of {}",
                limit.calls()
            );
        }
        self.show(limit, wait);
    }

    /// Reports a wait that begins now, after a 429. `log` writes its line, unless another request
    /// logged the same wait.
    pub(crate) fn refused(&self, limit: Limit, wait: Duration, log: impl FnOnce(Duration)) {
        if self.is_new(limit, wait) {
            log(wait);
        }
        self.show(limit, wait);
    }

    fn is_new(&self, limit: Limit, wait: Duration) -> bool {
        wait >= SHORTEST_REPORTED
            && self
                .log
                .is_new(self.subject.tenant, limit, Instant::now() + wait)
    }

    fn show(&self, limit: Limit, wait: Duration) {
        self.listener
            .wait_started(self.subject, wait, WaitReason::Limit(limit));
        if wait >= SHORTEST_REPORTED {
            self.is_shown.set(true);
        }
    }

    /// Reports that the request has its page. The platform shows a stream as waiting until its
    /// next record or status, and not every page holds a record.
    pub(crate) fn page_received(&self) {
        if self.is_shown.get() {
            self.listener.wait_ended(self.subject);
        }
    }
}

/// The waits that were logged last. Several requests often wait for the same limit, and one line says
/// so.
#[derive(Debug, Default)]
pub(crate) struct WaitLog(Mutex<HashMap<(Option<TenantId>, Limit), Instant>>);

impl WaitLog {
    /// Returns whether a wait until `until` has no line yet, and records that it has one now.
    fn is_new(&self, tenant: Option<&TenantId>, limit: Limit, until: Instant) -> bool {
        let tenant = match limit.scope() {
            Scope::Organisation => tenant.cloned(),
            Scope::App => None,
        };
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = logged.get(&(tenant.clone(), limit));
        let is_new = known.is_none_or(|known| {
            let apart = until.max(*known) - until.min(*known);
            apart > SAME_MOMENT
        });
        if is_new {
            logged.insert((tenant, limit), until);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_one_limit_until_about_the_same_moment_are_one_wait() {
        let (log, start) = (WaitLog::default(), Instant::now());
        let (a, b) = (TenantId::new("a"), TenantId::new("b"));
        for (tenant, limit, seconds, is_new) in [
            (Some(&a), Limit::Minute, 40, true),
            (Some(&a), Limit::Minute, 41, false),
            (Some(&a), Limit::Minute, 45, false),
            (Some(&a), Limit::Minute, 36, false),
            (Some(&a), Limit::Minute, 46, true),
            (Some(&b), Limit::Minute, 40, true),
            (None, Limit::Minute, 40, true),
            (Some(&a), Limit::Concurrent, 40, true),
            // The limit of the app holds for all organisations.
            (Some(&a), Limit::AppMinute, 40, true),
            (Some(&b), Limit::AppMinute, 41, false),
        ] {
            let until = start + Duration::from_secs(seconds);
            let found = log.is_new(tenant, limit, until);
            assert_eq!(found, is_new, "{tenant:?} {limit:?} {seconds}");
        }
    }
}
