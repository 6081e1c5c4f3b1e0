//! Downloads files from Xero into a directory. A file is streamed to the disk, checked against the
//! length in Xero's list, and gets its name only once it is complete.
//!
//! - [`target`]: where each file goes.
//! - [`folder`]: the open folders of the directory.
//! - [`listed`]: a file in Xero's list.
//! - [`part`]: a file that is being downloaded.

mod folder;
mod listed;
mod part;
mod target;

use std::io;

pub(crate) use listed::ListedFile;
pub(crate) use target::{Directory, FileTarget};

use crate::xero::client::XeroClient;
use crate::xero::fault::RequestError;
use crate::xero::request::ApiRequest;
use part::{Part, Received};

/// A downloaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its length in bytes.
    pub(crate) size: u64,
    /// SHA-256 of its bytes as 64 digits in lower case.
    pub(crate) sha256: String,
}

/// Why a file was not downloaded.
#[derive(Debug)]
pub(crate) enum Unstored {
    /// The request failed.
    Call(RequestError),
    /// The file is larger than `attachments_max_megabytes` allows.
    TooLarge,
    /// The file could not be written.
    Disk(io::Error),
}

/// Returns the file if an earlier sync downloaded it. A file that another user could have written
/// does not count: it is downloaded again and replaced.
pub(crate) async fn existing(target: &FileTarget, listed: &ListedFile) -> Option<Stored> {
    let length = listed.length;
    let stored = on_a_thread(target, move |target| {
        let Some(mut file) = target.folder()?.own_file(&target.name)? else {
            return Ok(None);
        };
        let found = file.metadata()?.len();
        match length.is_none_or(|length| length == found) {
            true => part::digest(&mut file).map(Some),
            false => Ok(None),
        }
    });
    stored.await.ok().flatten()
}

/// Downloads a file. If the connection drops, the next attempt requests the missing bytes only. A
/// part that another process left is not used, because its end may never have reached the disk.
pub(crate) async fn fetch(
    client: &XeroClient,
    call: &ApiRequest<'_>,
    target: &FileTarget,
    listed: &ListedFile,
    largest: u64,
) -> Result<Stored, Unstored> {
    let part = on_a_thread(target, Part::begin).await;
    let part = part.map_err(Unstored::Disk)?;
    let receive = async |request| part.receive(request, listed.length, largest).await;
    let received = client.send(call, receive, async |_, received| received);
    let received = received.await;
    let result = match received {
        Ok(Received::Complete) => {
            let stored = on_a_thread(target, |target| part.settle(&target.name));
            return stored.await.map_err(Unstored::Disk);
        }
        Ok(Received::TooLarge) => Err(Unstored::TooLarge),
        Ok(Received::Disk(error)) => Err(Unstored::Disk(error)),
        Err(error) => Err(Unstored::Call(error)),
    };
    // If this fails, the next attempt removes the part.
    let _ = on_a_thread(target, |_| part.forget()).await;
    result
}

/// Runs file operations on another thread, so that a slow disk does not delay other requests.
async fn on_a_thread<T: Send + 'static>(
    target: &FileTarget,
    work: impl FnOnce(&FileTarget) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let target = target.clone();
    let done = tokio::task::spawn_blocking(move || work(&target)).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error)))
}
