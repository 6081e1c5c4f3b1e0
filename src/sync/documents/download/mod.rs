//! The bytes of files, from Xero into a directory: streamed and never held whole, checked
//! against the length that Xero tells, and in their place only once they are whole.
//!
//! `place` decides where files go, `folder` holds their folders open, `listed` reads what Xero
//! tells of one, `part` takes the bytes in, and this file makes a call of it.

mod folder;
mod listed;
mod part;
mod place;

use std::io;

pub(crate) use listed::ListedFile;
pub(crate) use place::{Directory, FileTarget};

use crate::xero::client::XeroClient;
use crate::xero::fault::RequestError;
use crate::xero::request::ApiRequest;
use part::{Part, Received};

/// A file in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its length in bytes.
    pub(crate) size: u64,
    /// SHA-256 of its bytes as 64 digits in lower case.
    pub(crate) sha256: String,
}

/// Why a file is not in its place.
#[derive(Debug)]
pub(crate) enum Unstored {
    /// Xero did not give it.
    Call(RequestError),
    /// It turned out larger than files may be.
    TooLarge,
    /// The directory did not take it.
    Disk(io::Error),
}

/// The file as it lies in its place, if it was brought there before. It counts only where
/// nobody else could have put it there; another is downloaded again and replaced.
pub(crate) async fn existing(place: &FileTarget, listed: &ListedFile) -> Option<Stored> {
    let length = listed.length;
    let stored = on_a_thread(place, move |place| {
        let Some(mut file) = place.folder()?.own_file(&place.name)? else {
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

/// Brings a file into its place by one call. Where the connection drops, the next attempt
/// goes on from there, if Xero lets it. What another process left half done is not
/// gone on with: its end may never have reached the disk.
pub(crate) async fn fetch(
    client: &XeroClient,
    call: &ApiRequest<'_>,
    place: &FileTarget,
    listed: &ListedFile,
    largest: u64,
) -> Result<Stored, Unstored> {
    let part = on_a_thread(place, Part::begin).await;
    let part = part.map_err(Unstored::Disk)?;
    let receive = async |request| part.receive(request, listed.length, largest).await;
    let received = client.send(call, receive).await;
    let stored = match received {
        Ok(Received::Whole) => {
            let stored = on_a_thread(place, |place| part.settle(&place.name));
            return stored.await.map_err(Unstored::Disk);
        }
        Ok(Received::TooLarge) => Err(Unstored::TooLarge),
        Ok(Received::Disk(error)) => Err(Unstored::Disk(error)),
        Err(trouble) => Err(Unstored::Call(trouble)),
    };
    // If that fails too, the next attempt removes it.
    let _ = on_a_thread(place, |_| part.forget()).await;
    stored
}

/// Disks may be slow, and the calls of others must go on meanwhile.
async fn on_a_thread<T: Send + 'static>(
    place: &FileTarget,
    work: impl FnOnce(&FileTarget) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let place = place.clone();
    let done = tokio::task::spawn_blocking(move || work(&place)).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error)))
}
