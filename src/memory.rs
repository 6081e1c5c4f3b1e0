//! Limits how many bytes of response bodies are in memory at the same time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Maximum size of a small body, in bytes. One larger body at a time is in memory.
pub(crate) const MAX_SMALL: usize = 8 << 20;

/// Maximum size of all small bodies together, in bytes.
const ALL_SMALL: usize = 16 << 20;

/// Maximum size of the bodies that are in memory as they were received, in bytes: those that wait to
/// be unpacked, and those that the calls in flight are expected to bring. The first call is always
/// allowed.
const ALL_RECEIVED: usize = 16 << 20;

/// The size of a body that the first calls of a stream are expected to bring, in bytes. A page of
/// 1,000 invoices has about as many.
const FIRST_EXPECTED: usize = 512 << 10;

/// Number of responses after which a stream's own sizes are known.
const FIRST_RESPONSES: usize = 16;

/// Number of responses of a stream whose sizes are remembered. Organisations that end their lists at
/// the same moment bring hundreds of empty pages before the next long ones.
const REMEMBERED_RESPONSES: usize = 256;

/// The memory of small bodies is counted in units of this number of bytes.
const UNIT: usize = 64 << 10;

/// The memory for bodies and the records made of them. All streams share it.
///
/// A body that was received stays packed until there is memory for it. Every wait for memory ends,
/// because the holder of a permit waits only for stdout and never for another response. A parsed
/// page waits for the earlier pages of its list, which are parsed as well. A page whose order in the
/// list is still unknown gives its permit back.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    received: Arc<Received>,
}

/// The bodies that are in memory as they were received.
#[derive(Debug)]
struct Received {
    counts: Mutex<Counts>,
    /// Notified when there may be room for another call.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Counts {
    /// The size of the bodies that wait to be unpacked.
    waiting: usize,
    /// The expected size of the bodies of the calls in flight.
    in_flight: usize,
    /// The sizes of the last bodies of each stream.
    sizes: HashMap<Option<&'static str>, VecDeque<usize>>,
}

impl Counts {
    /// Returns the size of the body that the next call of the stream is expected to bring: the
    /// largest of the last ones.
    fn expected(&self, stream: Option<&'static str>) -> usize {
        let sizes = self.sizes.get(&stream);
        let largest = sizes.and_then(|sizes| sizes.iter().max()).copied();
        let is_known = sizes.is_some_and(|sizes| sizes.len() >= FIRST_RESPONSES);
        let least = if is_known { 1 } else { FIRST_EXPECTED };
        largest.unwrap_or(least).max(least)
    }
}

/// The room for the response to one call. It is free again once the response is received.
#[derive(Debug)]
pub(crate) struct CallRoom {
    received: Arc<Received>,
    bytes: usize,
}

/// A body that waits to be unpacked. Dropping it ends the wait.
struct WaitingBody<'a> {
    received: &'a Received,
    bytes: usize,
}

impl Received {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the counts so that there may be room for another call.
    fn free(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts());
        self.changed.notify_waiters();
    }

    /// Counts a call of the stream if there is room for its response. Returns the size of the room.
    fn add_call(&self, stream: Option<&'static str>) -> Option<usize> {
        let mut counts = self.counts();
        let bytes = counts.expected(stream);
        let others = counts.waiting.saturating_add(counts.in_flight);
        let is_free = others == 0 || others.saturating_add(bytes) <= ALL_RECEIVED;
        is_free.then(|| {
            counts.in_flight += bytes;
            bytes
        })
    }
}

impl Drop for CallRoom {
    fn drop(&mut self) {
        self.received.free(|counts| counts.in_flight -= self.bytes);
    }
}

impl Drop for WaitingBody<'_> {
    fn drop(&mut self) {
        self.received.free(|counts| counts.waiting -= self.bytes);
    }
}

/// Keeps other bodies out of memory until its last clone is dropped.
#[derive(Clone, Debug)]
pub(crate) struct MemoryPermit(
    #[expect(dead_code, reason = "dropping it frees the memory for the next body")]
    Arc<OwnedSemaphorePermit>,
);

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            small: Arc::new(Semaphore::new(ALL_SMALL / UNIT)),
            large: Arc::new(Semaphore::new(1)),
            received: Arc::new(Received {
                counts: Mutex::default(),
                changed: Notify::new(),
            }),
        }
    }
}

impl Memory {
    /// Waits for the memory that a body of `length` bytes takes once it is unpacked. `received` is its
    /// size as it arrived, which is already in memory. The longest waiting body comes first.
    pub(crate) async fn acquire(&self, length: usize, received: usize) -> Option<MemoryPermit> {
        self.received.counts().waiting += received;
        let _waiting = WaitingBody {
            received: &self.received,
            bytes: received,
        };
        let (bodies, units) = match length <= MAX_SMALL {
            true => (&self.small, length.div_ceil(UNIT).max(1)),
            false => (&self.large, 1),
        };
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let permit = bodies.clone().acquire_many_owned(units).await;
        permit.ok().map(|permit| MemoryPermit(Arc::new(permit)))
    }

    /// Records the size of a body that was received for the stream.
    pub(crate) fn count_received(&self, stream: Option<&'static str>, received: usize) {
        self.received.free(|counts| {
            let sizes = counts.sizes.entry(stream).or_default();
            sizes.push_back(received.min(MAX_SMALL));
            if sizes.len() > REMEMBERED_RESPONSES {
                sizes.pop_front();
            }
        });
    }

    /// Waits until there is room for the response to one more call of the stream.
    pub(crate) async fn room_for_call(&self, stream: Option<&'static str>) -> CallRoom {
        loop {
            // Subscribes before it looks, so that no change in between is missed.
            let changed = self.received.changed.notified();
            if let Some(bytes) = self.received.add_call(stream) {
                let received = self.received.clone();
                return CallRoom { received, bytes };
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn small_bodies_share_their_memory_and_large_ones_come_one_by_one() {
        let memory = Memory::default();
        let now = |length| memory.acquire(length, 0).now_or_never().flatten();
        let large = now(MAX_SMALL + 1).expect("the first one");
        assert!(now(200 << 20).is_none(), "one at a time");
        let small = [now(MAX_SMALL), now(MAX_SMALL - UNIT), now(UNIT - 1)];
        assert!(small.iter().all(Option::is_some));
        assert!(now(0).is_none(), "every body takes a unit");
        let [first, second, third] = small;
        let copy = third.clone();
        drop(third);
        assert!(now(1).is_none(), "a copy is left");
        drop(copy);
        assert!(now(1).is_some());
        drop((first, second, large));
        assert!(now(MAX_SMALL).is_some() && now(usize::MAX).is_some());
    }

    #[test]
    fn calls_are_sent_while_there_is_room_for_their_responses() {
        let memory = Memory::default();
        let call = || memory.room_for_call(Some("invoices")).now_or_never();
        let first: Vec<_> = std::iter::from_fn(call).collect();
        assert_eq!(first.len(), ALL_RECEIVED / FIRST_EXPECTED);
        let mut waiting = Box::pin(memory.room_for_call(None));
        assert!((&mut waiting).now_or_never().is_none());
        drop(first);
        assert!((&mut waiting).now_or_never().is_some(), "it was notified");
        // Small bodies make room for many calls, and a large one leaves room for few.
        for (bodies, size, calls) in [
            (FIRST_RESPONSES, 1_024, ALL_RECEIVED / 1_024),
            (1, 4 << 20, 4),
            (1, 1 << 30, 2),
            (REMEMBERED_RESPONSES, 1_024, ALL_RECEIVED / 1_024),
        ] {
            (0..bodies).for_each(|_| memory.count_received(Some("invoices"), size));
            let sent: Vec<_> = std::iter::from_fn(call).collect();
            assert_eq!(sent.len(), calls, "{bodies} bodies of {size}");
        }
        // Bodies that wait take the room of calls.
        let held = memory.acquire(usize::MAX, 0).now_or_never();
        let mut large = Box::pin(memory.acquire(usize::MAX, ALL_RECEIVED));
        assert!(held.is_some() && (&mut large).now_or_never().is_none());
        assert!(call().is_none());
        drop(large);
        assert!(call().is_some(), "a body that was given up waits no longer");
    }
}
