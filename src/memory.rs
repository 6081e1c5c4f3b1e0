//! Limits how many bytes of response bodies are unpacked at the same time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Maximum size of a small body, in bytes. One larger body at a time is in memory.
pub(crate) const MAX_SMALL: usize = 8 << 20;

/// Maximum size of all small bodies together, in bytes.
const ALL_SMALL: usize = 16 << 20;

/// The memory of small bodies is counted in units of this number of bytes.
const UNIT: usize = 64 << 10;

/// The memory for bodies and the records made of them. All streams share it.
///
/// A body that was received stays packed until there is memory for it. The holder of a permit waits
/// only for stdout and never for another response, so every wait for memory ends: a page that was
/// parsed waits for the pages before it of its list, which are parsed as well, and then for stdout.
/// A page whose order in the list is still unknown gives its permit back.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
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
        }
    }
}

impl Memory {
    /// Waits for the memory of a body of this length. Bodies get it in the order in which they came.
    pub(crate) async fn acquire(&self, length: usize) -> Option<MemoryPermit> {
        let (bodies, units) = match length <= MAX_SMALL {
            true => (&self.small, length.div_ceil(UNIT).max(1)),
            false => (&self.large, 1),
        };
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let permit = bodies.clone().acquire_many_owned(units).await;
        permit.ok().map(|permit| MemoryPermit(Arc::new(permit)))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn small_bodies_share_their_memory_and_large_ones_come_one_by_one() {
        let memory = Memory::default();
        let now = |length| memory.acquire(length).now_or_never().flatten();
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
}
