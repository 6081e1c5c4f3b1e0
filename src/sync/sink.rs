//! Writes the records and states of one stream, and its status RUNNING. [`super::statuses`] sends the
//! first and the last status.

use serde_json::Value;

use crate::airbyte::emit::{Batch, Closed, Emitter};
use crate::airbyte::protocol::{Message, StreamStatus};
use crate::failure::Failure;
use crate::memory::MemoryPermit;
use crate::rows::record_lines::Records;
use crate::streams::Stream;

/// Writes the records and states of one stream.
#[derive(Debug)]
pub(crate) struct Sink<'a> {
    emitter: &'a Emitter,
    pub(crate) stream: &'static Stream,
    /// Records written since the sink was made or last restarted.
    pub(crate) rows: u64,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(emitter: &'a Emitter, stream: &'static Stream) -> Sink<'a> {
        Sink {
            emitter,
            stream,
            rows: 0,
        }
    }

    /// Counts rows from zero again. The next record then follows a RUNNING status.
    pub(crate) fn restart(&mut self) {
        self.rows = 0;
    }

    /// Writes records, and then the state that covers them. `held` is the memory permit of their
    /// response, which is kept until they are written.
    ///
    /// Waits while earlier records are being written to stdout.
    pub(crate) async fn write(
        &mut self,
        Records { lines, count }: Records,
        state: Option<Value>,
        held: Option<MemoryPermit>,
    ) -> Result<(), Closed> {
        if count == 0 && state.is_none() {
            return Ok(());
        }
        if self.rows == 0 && count > 0 {
            let running = Message::status(self.stream.name, StreamStatus::Running);
            self.emitter.send(running);
        }
        self.rows += count;
        let batch = Batch {
            stream: self.stream.name,
            lines,
            records: count,
            state,
        };
        self.emitter.batch(batch, held).await
    }
}

/// The failure of a stream after stdout was closed.
pub(crate) fn closed(closed: Closed) -> Failure {
    Failure::system("The records could not be written to stdout.").because(closed)
}
