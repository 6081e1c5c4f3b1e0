//! Limits how many large response bodies are in memory at the same time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Issues the only permit for large bodies. All streams share it, so one large body is in memory at
/// a time.
#[derive(Clone, Debug)]
pub(crate) struct LargeBodies(Arc<Semaphore>);

/// Keeps other large bodies out of memory until its last clone is dropped.
#[derive(Clone, Debug)]
pub(crate) struct MemoryPermit(
    #[expect(dead_code, reason = "dropping it frees the memory for the next body")]
    Arc<OwnedSemaphorePermit>,
);

impl Default for LargeBodies {
    fn default() -> LargeBodies {
        LargeBodies(Arc::new(Semaphore::new(1)))
    }
}

impl LargeBodies {
    /// Waits for the permit. Its holder waits only for stdout and never for another response, so
    /// the wait always ends.
    pub(crate) async fn acquire(&self) -> Option<MemoryPermit> {
        let permit = self.0.clone().acquire_owned().await;
        permit.ok().map(|permit| MemoryPermit(Arc::new(permit)))
    }
}
