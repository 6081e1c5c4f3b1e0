//! Locks a file or a folder, so that one process at a time works with it. The lock ends with the process.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use tokio::time::{Instant, sleep};

/// Pause between two attempts to get a lock.
const PAUSE: Duration = Duration::from_millis(20);

/// A lock, held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the open file holds the lock")] File);

impl Lock {
    /// Locks a file or a folder that exists. Returns `None` if another process still has the lock
    /// after `patience`.
    pub(crate) async fn of(path: &Path, patience: Duration) -> io::Result<Option<Lock>> {
        let end = Instant::now() + patience;
        loop {
            match Lock::now(path)? {
                None if Instant::now() < end => sleep(PAUSE).await,
                lock => return Ok(lock),
            }
        }
    }

    /// Locks a file or a folder that exists. Returns `None` if another process has the lock.
    pub(crate) fn now(path: &Path) -> io::Result<Option<Lock>> {
        let file = File::open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Lock(file))),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lock_is_free_again_once_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let lock = || Lock::of(folder.path(), Duration::ZERO);
        let first = lock().await.expect("the folder can be opened");
        assert!(first.is_some());
        assert!(lock().await.expect("the folder can be opened").is_none());
        drop(first);
        assert!(lock().await.expect("the folder can be opened").is_some());
    }
}
