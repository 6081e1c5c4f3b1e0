//! Where files go. A name from Xero is data and never a path: files are named by their
//! ids, below the id of their document, and both are written anew from what was parsed.

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::Listed;
use crate::config::Config;
use crate::failure::Failure;

/// Where Airbyte's platform mounts the directory from which a destination takes files.
const STAGING: &str = "/staging/files";
/// The variable that names another one.
const STAGING_VARIABLE: &str = "AIRBYTE_STAGING_DIRECTORY";
/// The folder of the stream in either directory.
const FOLDER: &str = "attachments";
/// Letters and digits of the longest extension that is kept.
const LONGEST_EXTENSION: usize = 10;

/// The directory that files go into.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    /// Airbyte hands the files on, so that each record must say where its file lies.
    is_staging: bool,
    /// Bytes of the largest file that is downloaded.
    pub(crate) largest: u64,
}

/// Where one file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file.
    pub(crate) path: PathBuf,
    /// The same below the directory, with slashes.
    pub(crate) relative: String,
    /// Whether the record must tell Airbyte of it.
    pub(crate) is_staged: bool,
}

impl Directory {
    /// The directory for a stream whose configured catalog says of files what
    /// `include_files` says; none if no files are to be downloaded.
    pub(crate) fn choose(
        config: &Config,
        include_files: Option<bool>,
    ) -> Result<Option<Directory>, Failure> {
        let Some(downloads) = &config.downloads else {
            return Ok(None);
        };
        let (root, is_staging) = match (&downloads.directory, include_files) {
            (Some(own), _) => (own.clone(), false),
            (None, Some(true)) => (staging(), true),
            (None, Some(false)) => return Ok(None),
            (None, None) => {
                return Err(Failure::config(
                    "download_attachments is on, but there is no place for the files: set attachments_directory, or let Airbyte copy the files of the stream attachments to a destination that takes files (include_files in the configured catalog).",
                ));
            }
        };
        let directory = Directory {
            root,
            is_staging,
            largest: downloads.largest,
        };
        let folder = directory.root.join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(|error| directory.refuses(error))?;
        Ok(Some(directory))
    }

    /// Where a file of a document goes; none if one of the two ids is no GUID.
    pub(crate) fn place(&self, document: &str, listed: &Listed) -> Option<Place> {
        let document = Uuid::try_parse(document).ok()?;
        let id = Uuid::try_parse(listed.id.as_deref()?).ok()?;
        let mut relative = format!("{FOLDER}/{document}/{id}");
        if let Some(extension) = listed.name.as_deref().and_then(extension) {
            relative.push('.');
            relative.push_str(&extension);
        }
        Some(Place {
            path: self.root.join(&relative),
            relative,
            is_staged: self.is_staging,
        })
    }

    /// The directory did not take a file.
    pub(crate) fn refuses(&self, error: std::io::Error) -> Failure {
        Failure::config(format!(
            "The files of documents cannot be written to {}: {}. Is there room, and may the connector (uid 1000 in its image) write there?",
            self.root.display(),
            error.kind()
        ))
        .because(error)
    }
}

fn staging() -> PathBuf {
    let named = std::env::var_os(STAGING_VARIABLE).filter(|path| !path.is_empty());
    named.map_or_else(|| Path::new(STAGING).to_path_buf(), PathBuf::from)
}

/// The extension of a file's name in lower case, if it is harmless.
fn extension(name: &str) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    let is_safe = (1..=LONGEST_EXTENSION).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_safe.then(|| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "00000000-0000-4000-8000-00000000000A";
    const FILE: &str = "11111111-0000-4000-8000-00000000000b";

    fn place(document: &str, id: &str, name: &str) -> Option<String> {
        let directory = Directory {
            root: "/d".into(),
            is_staging: false,
            largest: 1,
        };
        let listed = Listed {
            id: Some(id.to_owned()),
            name: Some(name.to_owned()),
            ..Listed::default()
        };
        let place = directory.place(document, &listed)?;
        assert_eq!(place.path, Path::new("/d").join(&place.relative));
        Some(place.relative)
    }

    #[test]
    fn files_are_named_by_their_ids_whatever_they_are_called() {
        let base = format!("attachments/{}/{FILE}", DOCUMENT.to_lowercase());
        for (name, extension) in [
            ("contract.pdf", ".pdf"),
            ("SCAN.JPeG", ".jpeg"),
            ("archive.tar.gz", ".gz"),
            ("../../etc/passwd", ""),
            ("../../etc/x.pdf", ".pdf"),
            ("x.p/df", ""),
            ("x.pdf\0", ""),
            ("x.\u{202e}fdp", ""),
            ("x.abcdefghijk", ""),
            ("x.", ""),
            (".htaccess", ".htaccess"),
            ("", ""),
            ("CON", ""),
        ] {
            let expected = format!("{base}{extension}");
            assert_eq!(place(DOCUMENT, FILE, name), Some(expected), "{name:?}");
        }
    }

    #[test]
    fn ids_that_are_none_have_no_place() {
        for id in ["", "7", "../../etc/passwd", "/etc/passwd", "a\0b"] {
            assert_eq!(place(DOCUMENT, id, "x.pdf"), None, "{id:?}");
            assert_eq!(place(id, FILE, "x.pdf"), None, "{id:?}");
        }
    }
}
