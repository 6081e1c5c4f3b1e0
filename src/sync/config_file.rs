//! Reads and writes the config file, one process at a time.

use std::path::Path;
use std::time::Duration;

use chrono::Utc;

use crate::config::Config;
use crate::failure::Failure;
use crate::files::{self, Lock};

/// How long a process waits for another one that renews the tokens.
const LOCK_PATIENCE: Duration = Duration::from_secs(120);

/// Waits until no other process exchanges tokens of a config in the same folder. The lock is that of
/// the folder, because the file itself is replaced.
pub(crate) async fn lock(path: &Path) -> Result<Lock, Failure> {
    let folder = files::folder(&path.canonicalize().unwrap_or_else(|_| path.to_path_buf()));
    let lock = Lock::of(&folder, LOCK_PATIENCE).await.map_err(|error| {
        Failure::config(format!(
            "The folder of the config file {} cannot be locked, so no new tokens were requested: another run might spend the same refresh token.",
            files::shown(path)
        ))
        .because(error)
    })?;
    lock.ok_or_else(|| {
        Failure::transient(format!(
            "Another process has been renewing the tokens of a config in the folder of {} for two minutes. Try again when it has ended.",
            files::shown(path)
        ))
    })
}

/// Reads and checks a config.
pub(crate) async fn read(path: &Path) -> Result<Config, Failure> {
    files::read(path, "config", |text| Config::parse(text, Utc::now())).await
}

/// Replaces the config file on a thread of its own, because a disk may be slow.
pub(crate) async fn write(path: &Path, text: String) -> std::io::Result<()> {
    let path = path.to_path_buf();
    let written = tokio::task::spawn_blocking(move || files::replace(&path, text.as_bytes())).await;
    written.unwrap_or_else(|error| Err(std::io::Error::other(error)))
}
