//! Reports the waits for Xero's rate limits to the log, the usage and the layer above.

use std::cell::Cell;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use crate::xero::rate_limit::usage::Usage;
use crate::xero::tenants::TenantId;

/// Minimum duration of a wait that is reported. Shorter waits are only counted.
const SHORTEST_REPORTED: Duration = Duration::from_secs(1);

/// A request that waits for a limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting<'a> {
    /// The streams that need its response.
    pub(crate) streams: &'a [&'static str],
    /// Its organisation. `None` for a request about the token itself.
    pub(crate) tenant: Option<&'a TenantId>,
}

/// Receives the waits of requests. The layer above implements it.
pub(crate) trait RateLimitListener: Debug + Send + Sync {
    /// A request begins to wait.
    fn wait_started(&self, waiting: Waiting<'_>, wait: Duration);

    /// The request that waited has its page.
    fn wait_ended(&self, waiting: Waiting<'_>);
}

/// The waits of one request.
pub(crate) struct RateLimitStatus<'a> {
    listener: &'a dyn RateLimitListener,
    usage: &'a Usage,
    waiting: Waiting<'a>,
    /// Whether the request is shown as waiting.
    is_shown: Cell<bool>,
}

impl<'a> RateLimitStatus<'a> {
    /// Creates the status of a request that has not waited yet.
    pub(crate) fn new(
        listener: &'a dyn RateLimitListener,
        usage: &'a Usage,
        waiting: Waiting<'a>,
    ) -> RateLimitStatus<'a> {
        RateLimitStatus {
            listener,
            usage,
            waiting,
            is_shown: Cell::new(false),
        }
    }

    /// Reports a wait that begins now.
    pub(crate) fn wait_started(&self, wait: Duration) {
        self.usage.count_wait(Instant::now(), wait);
        if wait < SHORTEST_REPORTED {
            return;
        }
        let seconds = wait.as_secs_f64();
        tracing::info!(
            stream = self.waiting.streams.first(),
            "waiting {seconds:.0} s for Xero's limits"
        );
        self.listener.wait_started(self.waiting, wait);
        self.is_shown.set(true);
    }

    /// Reports that the request has its page. The platform shows a stream as waiting until its
    /// next record or status, and not every page holds a record.
    pub(crate) fn page_received(&self) {
        if self.is_shown.get() {
            self.listener.wait_ended(self.waiting);
        }
    }
}
