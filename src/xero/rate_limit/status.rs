//! Reports the waits for Xero's rate limits to the log, the usage and the layer above.

use std::cell::Cell;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use crate::xero::rate_limit::usage::Usage;

/// Minimum duration of a wait that is reported. Shorter waits are only counted.
const SHORTEST_REPORTED: Duration = Duration::from_secs(1);

/// Receives the waits of a stream. The layer above implements it.
pub(crate) trait RateLimitListener: Debug + Send + Sync {
    /// A request of `stream` begins to wait.
    fn wait_started(&self, stream: &'static str, wait: Duration);

    /// The request that waited has its page.
    fn wait_ended(&self, stream: &'static str);
}

/// The waits of one request.
pub(crate) struct RateLimitStatus<'a> {
    listener: &'a dyn RateLimitListener,
    usage: &'a Usage,
    /// The stream whose status shows the waits.
    stream: Option<&'static str>,
    /// Whether the stream is shown as waiting.
    is_shown: Cell<bool>,
}

impl<'a> RateLimitStatus<'a> {
    /// Creates the status of a request that has not waited yet.
    pub(crate) fn new(
        listener: &'a dyn RateLimitListener,
        usage: &'a Usage,
        stream: Option<&'static str>,
    ) -> RateLimitStatus<'a> {
        RateLimitStatus {
            listener,
            usage,
            stream,
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
            stream = self.stream,
            "waiting {seconds:.0} s for Xero's limits"
        );
        if let Some(stream) = self.stream {
            self.listener.wait_started(stream, wait);
            self.is_shown.set(true);
        }
    }

    /// Reports that the request has its page. The platform shows a stream as waiting until its
    /// next record or status, and not every page holds a record.
    pub(crate) fn page_received(&self) {
        if let Some(stream) = self.stream.filter(|_| self.is_shown.get()) {
            self.listener.wait_ended(stream);
        }
    }
}
