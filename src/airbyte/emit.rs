//! Sends messages to their output: stdout for a verb of the protocol.
//!
//! A separate thread writes, so that a slow reader never stalls the network. Each batch of records
//! holds a permit until it is written, which limits the number of batches in memory. Small messages
//! need no permit.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::airbyte::protocol::Message;
use crate::airbyte::redact::Redaction;
use crate::memory::MemoryPermit;
use crate::secret::Secret;

/// Maximum number of batches that wait for stdout. Each takes a few megabytes.
const MAX_WAITING_BATCHES: usize = 2;
/// Size of the buffer before stdout, in bytes.
const BUFFER: usize = 256 * 1024;

/// Sends messages to the writing thread. All clones share one stdout.
#[derive(Clone, Debug)]
pub(crate) struct Emitter {
    queue: UnboundedSender<Item>,
    /// One permit for each batch that may wait.
    batch_permits: Arc<Semaphore>,
    /// One permit, held while a config update is in progress.
    updates: Arc<Semaphore>,
    secrets: Secrets,
}

/// The secrets that messages for people must not contain.
#[derive(Clone, Debug, Default)]
struct Secrets(Arc<Mutex<Redaction>>);

impl Secrets {
    fn locked(&self) -> MutexGuard<'_, Redaction> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The permit for a config update. It is held from before new tokens are requested until they are
/// written.
#[derive(Debug)]
pub(crate) struct Update(
    #[expect(dead_code, reason = "it is held, not used")] Option<OwnedSemaphorePermit>,
);

/// RECORD lines of one stream, and the state that covers them.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) stream: &'static str,
    /// Complete lines, each with its newline.
    pub(crate) lines: Vec<u8>,
    /// Number of lines.
    pub(crate) records: u64,
    /// The `stream_state` to write after them.
    pub(crate) state: Option<Value>,
}

impl Batch {
    /// A state without records.
    pub(crate) fn of_state(stream: &'static str, state: Value) -> Batch {
        Batch {
            stream,
            lines: Vec::new(),
            records: 0,
            state: Some(state),
        }
    }
}

/// The error after the reader closed stdout.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("stdout was closed by its reader")]
pub(crate) struct Closed;

/// A place in the queue for one batch of records. It is free again once they are written.
#[derive(Debug)]
pub(crate) struct Place(
    #[expect(dead_code, reason = "dropping it frees the place")] OwnedSemaphorePermit,
);

#[derive(Debug)]
enum Item {
    Message(Message),
    Batch(Batch, Option<Place>, Option<MemoryPermit>),
    /// Answered after everything before it is written and flushed.
    Flush(oneshot::Sender<()>),
    Finish {
        is_interrupted: bool,
    },
}

/// Where the writing thread writes to.
pub(crate) trait Output: Send + 'static {
    /// Writes a message.
    fn message(&mut self, message: &Message) -> io::Result<()>;

    /// Writes records, and then their state.
    fn batch(&mut self, batch: Batch) -> io::Result<()>;

    /// Passes on what the output has buffered.
    fn flush(&mut self) -> io::Result<()>;

    /// Ends the output. `is_interrupted` tells whether a signal ended the verb.
    fn finish(&mut self, _is_interrupted: bool) -> io::Result<()> {
        self.flush()
    }
}

/// Writes each message as one line of the protocol.
pub(crate) struct ProtocolLines<W: Write> {
    out: BufWriter<W>,
    /// The protocol's `recordCount`: the records of each stream since its last state.
    record_counts: HashMap<&'static str, u64>,
}

/// The writing thread.
pub(crate) struct Writer(JoinHandle<io::Result<()>>);

impl Writer {
    /// Waits until everything sent is written. Call [`Emitter::finish`] first.
    pub(crate) fn join(self) -> io::Result<()> {
        self.0
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the writing thread panicked")))
    }
}

/// Starts the thread that writes to `output`.
pub(crate) fn start(output: impl Output) -> (Emitter, Writer) {
    let (queue, items) = mpsc::unbounded_channel();
    let secrets = Secrets::default();
    let hidden = secrets.clone();
    let thread = std::thread::spawn(move || write(items, &hidden, output));
    let emitter = Emitter {
        queue,
        batch_permits: Arc::new(Semaphore::new(MAX_WAITING_BATCHES)),
        updates: Arc::new(Semaphore::new(1)),
        secrets,
    };
    (emitter, Writer(thread))
}

impl Emitter {
    /// Removes a secret from all later LOG, TRACE ERROR and CONNECTION_STATUS messages. CONTROL
    /// must carry tokens, and RECORD lines carry Xero's data unchanged.
    pub(crate) fn hide(&self, secret: &Secret) {
        self.secrets.locked().hide(secret);
    }

    /// Removes the hidden secrets from a text that is shown elsewhere than on stdout.
    pub(crate) fn without_secrets(&self, mut text: String) -> String {
        self.secrets.locked().clean(&mut text);
        text
    }

    /// Queues a message. [`Emitter::closed`] reports a closed stdout.
    pub(crate) fn send(&self, message: Message) {
        let _ = self.queue.send(Item::Message(message));
    }

    /// Waits for a place while too many batches are unwritten.
    pub(crate) async fn place(&self) -> Result<Place, Closed> {
        let permit = self.batch_permits.clone().acquire_owned().await;
        permit.map(Place).map_err(|_| Closed)
    }

    /// Queues records and their state. Records need a place; a state alone needs none. `held` is the
    /// memory permit of their response, kept until they are written.
    pub(crate) fn batch(
        &self,
        batch: Batch,
        place: Option<Place>,
        held: Option<MemoryPermit>,
    ) -> Result<(), Closed> {
        let item = Item::Batch(batch, place, held);
        self.queue.send(item).map_err(|_| Closed)
    }

    /// Starts a config update. The process does not end before the update is dropped.
    pub(crate) async fn update(&self) -> Update {
        Update(self.updates.clone().acquire_owned().await.ok())
    }

    /// Waits until no config update is in progress.
    pub(crate) async fn updated(&self) {
        drop(self.update().await);
    }

    /// Queues a message and waits until it is written to stdout.
    pub(crate) async fn deliver(&self, message: Message) -> Result<(), Closed> {
        self.send(message);
        match self.flush().await {
            true => Ok(()),
            false => Err(Closed),
        }
    }

    /// Waits until everything queued is written to stdout. Returns false if that is impossible.
    pub(crate) async fn flush(&self) -> bool {
        let (done, flushed) = oneshot::channel();
        self.queue.send(Item::Flush(done)).is_ok() && flushed.await.is_ok()
    }

    /// Waits until the reader has closed stdout.
    pub(crate) async fn closed(&self) {
        self.queue.closed().await;
    }

    /// Lets the writing thread end after the queue is written. `is_interrupted` tells whether a signal
    /// ended the verb.
    pub(crate) fn finish(&self, is_interrupted: bool) {
        let _ = self.queue.send(Item::Finish { is_interrupted });
    }
}

/// Writes the items of the queue until its end.
fn write(
    mut items: UnboundedReceiver<Item>,
    secrets: &Secrets,
    mut output: impl Output,
) -> io::Result<()> {
    while let Some(item) = items.blocking_recv() {
        match item {
            Item::Message(mut message) => {
                for text in message.human_texts() {
                    secrets.locked().clean(text);
                }
                output.message(&message)?;
                if items.is_empty() {
                    output.flush()?;
                }
            }
            Item::Batch(batch, _place, _memory) => output.batch(batch)?,
            Item::Flush(done) => {
                output.flush()?;
                let _ = done.send(());
            }
            Item::Finish { is_interrupted } => return output.finish(is_interrupted),
        }
    }
    output.finish(false)
}

impl<W: Write> ProtocolLines<W> {
    pub(crate) fn new(out: W) -> ProtocolLines<W> {
        ProtocolLines {
            out: BufWriter::with_capacity(BUFFER, out),
            record_counts: HashMap::new(),
        }
    }
}

impl<W: Write + Send + 'static> Output for ProtocolLines<W> {
    fn message(&mut self, message: &Message) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, message)?;
        self.out.write_all(b"\n")
    }

    fn batch(&mut self, batch: Batch) -> io::Result<()> {
        self.out.write_all(&batch.lines)?;
        let count = self.record_counts.entry(batch.stream).or_default();
        *count += batch.records;
        if let Some(state) = batch.state {
            let count = std::mem::take(count);
            self.message(&Message::state(batch.stream, state, count))?;
            self.out.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
