//! Waits for Xero's limits, told to whoever watches: in the log, and as the status
//! of the stream.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{Message, StreamStatus, now_millis};
use crate::xero::rate_limit::usage::Tally;

/// Waits shorter than this are nobody's business.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// The waits of one call.
pub(crate) struct Waiting<'a> {
    emitter: &'a Emitter,
    tally: &'a Tally,
    /// Whose status tells of them.
    stream: Option<&'static str>,
    /// Whether the stream is shown as one that waits.
    shown: Cell<bool>,
}

impl<'a> Waiting<'a> {
    /// For a call that has not waited yet.
    pub(crate) fn new(
        emitter: &'a Emitter,
        tally: &'a Tally,
        stream: Option<&'static str>,
    ) -> Waiting<'a> {
        Waiting {
            emitter,
            tally,
            stream,
            shown: Cell::new(false),
        }
    }

    /// Tells of a wait that begins.
    pub(crate) fn tell(&self, wait: Duration) {
        self.tally.wait(Instant::now(), wait);
        if wait < WORTH_TELLING {
            return;
        }
        let seconds = wait.as_secs_f64();
        tracing::info!(
            stream = self.stream,
            "waiting {seconds:.0} s for Xero's limits"
        );
        if let Some(stream) = self.stream {
            let reset = now_millis() + wait.as_millis() as i64;
            self.emitter.send(Message::rate_limited(stream, reset));
            self.shown.set(true);
        }
    }

    /// Tells that the call has its page. The platform shows a stream as one that waits
    /// until its next record or status, and not every page holds a record.
    pub(crate) fn over(&self) {
        if let Some(stream) = self.stream.filter(|_| self.shown.get()) {
            let running = Message::status(stream, StreamStatus::Running);
            self.emitter.send(running);
        }
    }
}
