//! A file on its way: bytes go into a file beside the place, which takes the place's
//! name once they are whole and on the disk.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use tokio::io::AsyncWriteExt;

use super::Stored;
use crate::http::{self, Broken, Head, Reply};

/// Bytes that are read at once for the digest.
const BLOCK: usize = 64 << 10;

/// What came of an answer with a file.
#[derive(Debug)]
pub(super) enum Received {
    /// All of it, and it is on the disk.
    Whole,
    /// More than files may have.
    TooLarge,
    /// The disk did not take it.
    Disk(io::Error),
}

/// The beginning of a file.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
}

impl Part {
    /// An empty one for the file at `path`.
    pub(super) fn begin(path: &Path) -> io::Result<Part> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let path = beside(path);
        File::create(&path)?;
        Ok(Part { path })
    }

    /// Removes what there is. If that fails too, the next attempt overwrites it.
    pub(super) async fn forget(self) {
        let _ = tokio::fs::remove_file(&self.path).await;
    }

    /// Sends the request for what is missing of the file, and appends what comes.
    /// `length` is what Xero tells of the whole, `largest` what it may have.
    pub(super) async fn receive(
        &self,
        request: RequestBuilder,
        length: Option<u64>,
        largest: u64,
    ) -> (Result<Reply, Broken>, Option<Result<Received, String>>) {
        let have = tokio::fs::metadata(&self.path).await;
        let have = have.map_or(0, |found| found.len());
        let head = match http::open(request.headers(headers(have))).await {
            Ok(head) => head,
            Err(broken) => return (Err(broken), None),
        };
        let from = match head.status() {
            200 if !head.is_packed() => 0,
            206 if !head.is_packed() && begins_at(&head, have) => have,
            200 | 206 | 416 => {
                let why = "another part of the file came than was asked for".to_owned();
                let emptied = self.empty().await;
                let refused = emptied.map_or_else(|error| Ok(Received::Disk(error)), |_| Err(why));
                return (Ok(head.without_body(0)), Some(refused));
            }
            _ => return (head.whole().await, None),
        };
        self.append(head, from, length, largest).await
    }

    async fn append(
        &self,
        mut head: Head,
        from: u64,
        length: Option<u64>,
        largest: u64,
    ) -> (Result<Reply, Broken>, Option<Result<Received, String>>) {
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
        // What is not as long as it should be is no beginning to go on from.
        let received = match received {
            Err(why) => match self.empty().await {
                Ok(()) => Err(why),
                Err(error) => Ok(Received::Disk(error)),
            },
            received => received,
        };
        (Ok(head.without_body(size - from)), Some(received))
    }

    async fn open(&self, from: u64) -> io::Result<tokio::fs::File> {
        let mut options = tokio::fs::OpenOptions::new();
        match from {
            0 => options.write(true).truncate(true),
            _ => options.append(true),
        };
        options.open(&self.path).await
    }

    async fn empty(&self) -> io::Result<()> {
        self.open(0).await.map(drop)
    }
}

/// Ends a file of `size` bytes.
async fn end(
    file: &mut tokio::fs::File,
    size: u64,
    length: Option<u64>,
) -> Result<Received, String> {
    if let Some(length) = length.filter(|length| *length != size) {
        return Err(format!(
            "{size} bytes came of a file that has {length} by its ContentLength"
        ));
    }
    let ended = async {
        file.flush().await?;
        file.sync_all().await
    };
    Ok(ended
        .await
        .map_or_else(Received::Disk, |()| Received::Whole))
}

/// Asks for the bytes as they are, from the first one that is missing on.
fn headers(have: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let range = HeaderValue::try_from(format!("bytes={have}-")).ok();
    headers.extend(range.filter(|_| have > 0).map(|range| (RANGE, range)));
    headers
}

/// Whether a 206 holds what follows on the bytes that are there. Source: RFC 9110, 14.4.
fn begins_at(head: &Head, have: u64) -> bool {
    let range = head.response.headers().get(CONTENT_RANGE);
    let range = range.and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {have}-")))
}

/// Where a file is before it is whole.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Gives a whole file its name, for good.
pub(super) fn settle(path: &Path) -> io::Result<Stored> {
    std::fs::rename(beside(path), path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    digest(path)
}

/// Size and SHA-256 of a file.
pub(super) fn digest(path: &Path) -> io::Result<Stored> {
    let (mut file, mut context) = (File::open(path)?, Context::new(&SHA256));
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
    use super::*;

    #[test]
    fn a_settled_file_has_its_name_and_its_digest() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("d").join("x.pdf");
        let part = Part::begin(&path).unwrap();
        std::fs::write(&part.path, "abc").unwrap();
        assert!(!path.exists());
        let stored = settle(&path).unwrap();
        // The example of FIPS 180-2, appendix B.1.
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((stored.size, stored.sha256.as_str()), (3, sha256));
        assert!(path.exists() && !part.path.exists());
    }
}
