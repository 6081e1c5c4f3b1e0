//! A file that is being downloaded. Its bytes go into a temporary file in the same folder, which is
//! renamed once it is complete and synced to the disk. The file stays open until then, so that
//! nobody can exchange it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use aws_lc_rs::digest::{Context, SHA256};
use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::folder::Folder;
use super::{FileTarget, Stored};
use crate::xero::response::{self, Response, ResponseHead, TransportError};

/// Bytes per read of the digest.
const BLOCK: usize = 64 << 10;

/// The end of the name of an incomplete file.
const ENDING: &str = ".part";

/// The result of a response with a file.
#[derive(Debug)]
pub(crate) enum Received {
    /// The file is complete and synced to the disk.
    Complete,
    /// The file has more bytes than allowed.
    TooLarge,
    /// The file could not be written.
    Disk(io::Error),
}

/// The first bytes of a file.
#[derive(Debug)]
pub(crate) struct Part {
    folder: Folder,
    name: String,
    file: File,
}

impl Part {
    /// Creates an empty part for a file, under a random name. Removes the parts of the same file that
    /// killed processes left.
    pub(crate) fn begin(target: &FileTarget) -> io::Result<Part> {
        let folder = target.folder()?;
        for name in folder.names()? {
            if name.starts_with(&target.name) && name.ends_with(ENDING) {
                let _ = folder.remove(&name); // nothing depends on it
            }
        }
        let name = format!("{}.{:016x}{ENDING}", target.name, fastrand::u64(..));
        let file = folder.create(&name)?;
        Ok(Part { folder, name, file })
    }

    /// Removes the part.
    pub(crate) fn forget(self) -> io::Result<()> {
        self.folder.remove(&self.name)
    }

    /// Gives the complete file its name.
    pub(crate) fn settle(mut self, name: &str) -> io::Result<Stored> {
        let stored = digest(&mut self.file);
        let named = stored.and_then(|stored| {
            self.folder.rename(&self.name, name)?;
            Ok(stored)
        });
        if named.is_err() {
            let _ = self.forget();
        }
        named
    }

    /// Requests the missing bytes of the file and appends them. `length` is the length in Xero's list.
    /// `largest` is the maximum length.
    pub(crate) async fn receive(
        &self,
        request: RequestBuilder,
        length: Option<u64>,
        largest: u64,
    ) -> (
        Result<Response, TransportError>,
        Option<Result<Received, String>>,
    ) {
        let have = self.file.metadata().map_or(0, |found| found.len());
        let head = match response::open(request.headers(headers(have))).await {
            Ok(head) => head,
            Err(broken) => return (Err(broken), None),
        };
        let from = match head.status() {
            200 if !head.is_compressed() => 0,
            206 if !head.is_compressed() && begins_at(&head, have) => have,
            200 | 206 | 416 => {
                let why =
                    "the response holds another part of the file than the requested one".to_owned();
                let emptied = self.empty().await;
                let refused = emptied.map_or_else(|error| Ok(Received::Disk(error)), |_| Err(why));
                return (Ok(head.without_body(0)), Some(refused));
            }
            _ => return (head.read_error().await, None),
        };
        self.append(head, from, length, largest).await
    }

    async fn append(
        &self,
        mut head: ResponseHead,
        from: u64,
        length: Option<u64>,
        largest: u64,
    ) -> (
        Result<Response, TransportError>,
        Option<Result<Received, String>>,
    ) {
        let mut file = match self.open(from).await {
            Ok(file) => file,
            Err(error) => return (Ok(head.without_body(0)), Some(Ok(Received::Disk(error)))),
        };
        let mut size = from;
        let received = loop {
            let chunk = match head.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break end(&mut file, size, length).await,
                Err(broken) => match file.flush().await {
                    Ok(()) => return (Err(broken), None),
                    Err(error) => break Ok(Received::Disk(error)),
                },
            };
            size += chunk.len() as u64;
            if size > largest {
                break Ok(Received::TooLarge);
            }
            if let Err(error) = file.write_all(&chunk).await {
                break Ok(Received::Disk(error));
            }
        };
        // The next attempt cannot continue a file of the wrong length.
        let received = match received {
            Err(why) => match self.empty().await {
                Ok(()) => Err(why),
                Err(error) => Ok(Received::Disk(error)),
            },
            received => received,
        };
        (Ok(head.without_body(size - from)), Some(received))
    }

    /// Truncates the file to `from` bytes and returns it for appending.
    async fn open(&self, from: u64) -> io::Result<tokio::fs::File> {
        let mut file = tokio::fs::File::from_std(self.file.try_clone()?);
        file.set_len(from).await?;
        file.seek(SeekFrom::Start(from)).await?;
        Ok(file)
    }

    async fn empty(&self) -> io::Result<()> {
        self.open(0).await.map(drop)
    }
}

/// Checks the length of a file that ended after `size` bytes, and syncs it to the disk.
async fn end(
    file: &mut tokio::fs::File,
    size: u64,
    length: Option<u64>,
) -> Result<Received, String> {
    if let Some(length) = length.filter(|length| *length != size) {
        return Err(format!(
            "the response holds {size} bytes, but the file's ContentLength is {length}"
        ));
    }
    let ended = async {
        file.flush().await?;
        file.sync_all().await
    };
    Ok(ended
        .await
        .map_or_else(Received::Disk, |()| Received::Complete))
}

/// Returns the headers that request uncompressed bytes after the first `have` ones.
fn headers(have: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let range = HeaderValue::try_from(format!("bytes={have}-")).ok();
    headers.extend(range.filter(|_| have > 0).map(|range| (RANGE, range)));
    headers
}

/// Whether a 206 response continues after the first `have` bytes. Source: RFC 9110, 14.4.
fn begins_at(head: &ResponseHead, have: u64) -> bool {
    let range = head.headers().get(CONTENT_RANGE);
    let range = range.and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {have}-")))
}

/// Returns the size and SHA-256 of a file.
pub(crate) fn digest(file: &mut File) -> io::Result<Stored> {
    file.seek(SeekFrom::Start(0))?;
    let mut context = Context::new(&SHA256);
    let (mut block, mut size) = (vec![0; BLOCK], 0);
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            break;
        }
        size += read as u64;
        context.update(&block[..read]);
    }
    let digest = context.finish();
    let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    Ok(Stored {
        size,
        sha256: digits.collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::sync::documents::download::folder::PRIVATE;

    #[test]
    fn a_settled_file_has_its_name_and_its_digest() {
        let directory = tempfile::tempdir().expect("a folder for the test");
        let folder = Folder::in_directory(directory.path(), "d", PRIVATE).unwrap();
        let mut file = folder.create("x.part").unwrap();
        file.write_all(b"abc").unwrap();
        let part = Part {
            folder,
            name: "x.part".to_owned(),
            file,
        };
        let stored = part.settle("x.pdf").unwrap();
        // The example of FIPS 180-2, appendix B.1.
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((stored.size, stored.sha256.as_str()), (3, sha256));
        let path = directory.path().join("d");
        assert!(path.join("x.pdf").exists() && !path.join("x.part").exists());
    }
}
