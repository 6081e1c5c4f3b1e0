//! The only owner of stdout.
//!
//! A thread of its own writes, so that a reader who is slow or stuck never
//! stalls the sockets. Pages of records hold a permit until they are written:
//! that is the back-pressure. Small messages never wait.

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

/// Pages that may wait for stdout. Each holds a few megabytes.
const PAGES_WAITING: usize = 2;
const BUFFER: usize = 256 * 1024;

/// Hands messages to the writer; clones share one stdout.
#[derive(Clone, Debug)]
pub(crate) struct Emitter {
    queue: UnboundedSender<Item>,
    /// A permit for each batch that may wait.
    room: Arc<Semaphore>,
    /// One permit, held while a config update is on its way.
    updates: Arc<Semaphore>,
    secrets: Secrets,
}

/// The secrets that no message for people may show.
#[derive(Clone, Debug, Default)]
struct Secrets(Arc<Mutex<Redaction>>);

impl Secrets {
    fn locked(&self) -> MutexGuard<'_, Redaction> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// MemoryPermit from before new tokens are asked for until they are written.
#[derive(Debug)]
pub(crate) struct Update(
    #[expect(dead_code, reason = "it is held, not used")] Option<OwnedSemaphorePermit>,
);

/// Finished RECORD lines of one stream and the state that covers them.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) stream: &'static str,
    /// Whole lines, each ended by a newline.
    pub(crate) lines: Vec<u8>,
    /// How many lines.
    pub(crate) records: u64,
    /// The `stream_state` to write behind them.
    pub(crate) state: Option<Value>,
}

/// The reader of stdout is gone; nothing more can be sent.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("stdout was closed by its reader")]
pub(crate) struct Closed;

#[derive(Debug)]
enum Item {
    Message(Message),
    Batch(Batch, OwnedSemaphorePermit, Option<MemoryPermit>),
    /// Answered once everything before it is written and flushed.
    Flush(oneshot::Sender<()>),
    Finish,
}

/// The writing thread.
pub(crate) struct Writer(JoinHandle<io::Result<()>>);

impl Writer {
    /// Waits until all that was sent is written; call [`Emitter::finish`] first.
    pub(crate) fn join(self) -> io::Result<()> {
        self.0
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the writing thread panicked")))
    }
}

/// Starts the thread that writes to `out`.
pub(crate) fn start(out: impl Write + Send + 'static) -> (Emitter, Writer) {
    let (queue, items) = mpsc::unbounded_channel();
    let secrets = Secrets::default();
    let hidden = secrets.clone();
    let out = BufWriter::with_capacity(BUFFER, out);
    let thread = std::thread::spawn(move || write(items, &hidden, out));
    let emitter = Emitter {
        queue,
        room: Arc::new(Semaphore::new(PAGES_WAITING)),
        updates: Arc::new(Semaphore::new(1)),
        secrets,
    };
    (emitter, Writer(thread))
}

impl Emitter {
    /// Keeps a secret out of what is said to people from now on: LOG, the errors of TRACE, and
    /// the answer to `check`. CONTROL carries tokens, and rows are Xero's.
    pub(crate) fn hide(&self, secret: &Secret) {
        self.secrets.locked().hide(secret);
    }

    /// Queues a message. A closed stdout is noticed by [`Emitter::closed`].
    pub(crate) fn send(&self, message: Message) {
        let _ = self.queue.send(Item::Message(message));
    }

    /// Queues records and their state; waits while too many pages are unwritten. `held` is the
    /// memory permit of a large response, kept until they are written.
    pub(crate) async fn batch(
        &self,
        batch: Batch,
        held: Option<MemoryPermit>,
    ) -> Result<(), Closed> {
        let permit = self.room.clone().acquire_owned().await;
        let permit = permit.map_err(|_| Closed)?;
        self.queue
            .send(Item::Batch(batch, permit, held))
            .map_err(|_| Closed)
    }

    /// Announces a config update, so that the process does not end before it.
    pub(crate) async fn update(&self) -> Update {
        Update(self.updates.clone().acquire_owned().await.ok())
    }

    /// Waits until no config update is on its way.
    pub(crate) async fn updated(&self) {
        drop(self.update().await);
    }

    /// Queues a message and waits until it has left the process.
    pub(crate) async fn deliver(&self, message: Message) -> Result<(), Closed> {
        self.send(message);
        match self.flush().await {
            true => Ok(()),
            false => Err(Closed),
        }
    }

    /// Waits until all that was queued has left the process; false if it cannot.
    pub(crate) async fn flush(&self) -> bool {
        let (done, flushed) = oneshot::channel();
        self.queue.send(Item::Flush(done)).is_ok() && flushed.await.is_ok()
    }

    /// Ends when nobody reads stdout any more.
    pub(crate) async fn closed(&self) {
        self.queue.closed().await;
    }

    /// Lets the writer end once the queue is written.
    pub(crate) fn finish(&self) {
        let _ = self.queue.send(Item::Finish);
    }
}

fn write(
    mut items: UnboundedReceiver<Item>,
    secrets: &Secrets,
    mut out: impl Write,
) -> io::Result<()> {
    // Records per stream since its last state: the protocol's recordCount.
    let mut uncounted: HashMap<&'static str, u64> = HashMap::new();
    while let Some(item) = items.blocking_recv() {
        match item {
            Item::Message(mut message) => {
                for words in message.words() {
                    secrets.locked().tidy(words);
                }
                line(&mut out, &message)?;
                if items.is_empty() {
                    out.flush()?;
                }
            }
            Item::Batch(batch, _permit, _room) => {
                out.write_all(&batch.lines)?;
                let count = uncounted.entry(batch.stream).or_default();
                *count += batch.records;
                if let Some(state) = batch.state {
                    let count = std::mem::take(count);
                    line(&mut out, &Message::state(batch.stream, state, count))?;
                    out.flush()?;
                }
            }
            Item::Flush(done) => {
                out.flush()?;
                let _ = done.send(());
            }
            Item::Finish => break,
        }
    }
    out.flush()
}

fn line(out: &mut impl Write, message: &Message) -> io::Result<()> {
    serde_json::to_writer(&mut *out, message)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests;
