//! Decides where files go. A name from Xero never becomes part of a path: a file is named by its id,
//! in a folder named by the id of its document. Both ids are parsed and formatted again.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

use super::ListedFile;
use super::folder::{self, Folder};
use crate::config::Config;
use crate::failure::Failure;
use crate::streams::Stream;

/// The directory that Airbyte's platform mounts for files on their way to a destination.
const STAGING: &str = "/staging/files";
/// The environment variable that names another directory.
const STAGING_VARIABLE: &str = "AIRBYTE_STAGING_DIRECTORY";
/// Maximum length of an extension.
const LONGEST_EXTENSION: usize = 10;

/// The directory for files.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    /// The folder of the stream in it, and its name, which is that of the stream.
    folder: Arc<Folder>,
    name: &'static str,
    /// Whether Airbyte moves the files on. Each record then names its file.
    is_staging: bool,
    /// Maximum size of a file in bytes.
    pub(crate) largest: u64,
}

/// The path of one file.
#[derive(Clone, Debug)]
pub(crate) struct FileTarget {
    /// The absolute path.
    pub(crate) path: PathBuf,
    /// The path below the directory, with slashes.
    pub(crate) relative: String,
    /// The folder of the stream.
    folder: Arc<Folder>,
    /// The folder of the file's document in it.
    document: String,
    /// The file's name in the folder of its document.
    pub(crate) name: String,
    /// Whether the record must name the file for Airbyte.
    pub(crate) is_staged: bool,
}

impl Directory {
    /// Opens the directory for the files of a stream. `include_files` is the setting of the configured
    /// catalog. Returns `None` if no files are downloaded.
    pub(crate) fn choose(
        stream: &'static Stream,
        config: &Config,
        include_files: Option<bool>,
    ) -> Result<Option<Directory>, Failure> {
        let Some(downloads) = &config.download_attachments else {
            return Ok(None);
        };
        let (root, is_staging) = match (&downloads.directory, include_files) {
            (Some(own), _) => (own.clone(), false),
            (None, Some(true)) => (staging(), true),
            (None, Some(false)) => return Ok(None),
            (None, None) => {
                return Err(Failure::config(format!(
                    "download_attachments is on, but there is no place for the files: set attachments_directory, or let Airbyte copy the files of the stream {} to a destination that takes files (include_files in the configured catalog).",
                    stream.name
                )));
            }
        };
        let modes = match is_staging {
            true => folder::SHARED,
            false => folder::PRIVATE,
        };
        let folder = Folder::in_directory(&root, stream.name, modes);
        Ok(Some(Directory {
            folder: Arc::new(folder.map_err(|error| refused(&root, error))?),
            name: stream.name,
            root,
            is_staging,
            largest: downloads.max_bytes,
        }))
    }

    /// Returns the path for a file of a document. Returns `None` if one of the two ids is not a GUID.
    pub(crate) fn target(&self, document: &str, listed: &ListedFile) -> Option<FileTarget> {
        let (document, name) = names(document, listed)?;
        let relative = format!("{}/{document}/{name}", self.name);
        Some(FileTarget {
            path: self.root.join(&relative),
            relative,
            folder: self.folder.clone(),
            document,
            name,
            is_staged: self.is_staging,
        })
    }

    /// The failure of a stream whose file could not be written.
    pub(crate) fn to_failure(&self, error: io::Error) -> Failure {
        refused(&self.root, error)
    }
}

impl FileTarget {
    /// Opens the folder of the file's document, and creates it if it is missing.
    pub(crate) fn folder(&self) -> io::Result<Folder> {
        self.folder.folder(&self.document)
    }
}

fn refused(root: &Path, error: io::Error) -> Failure {
    let root = root.display();
    Failure::config(match error.kind() {
        ErrorKind::NotADirectory => format!(
            "The files of documents cannot be written to {root}: a link or a file is where a folder should be, and links are not followed. Remove it."
        ),
        kind => format!(
            "The files of documents cannot be written to {root}: {kind}. Is there room, and may the connector (uid 1000 in its image) write there?"
        ),
    })
    .because(error)
}

/// Returns the names of the document's folder and of the file. Returns `None` if one of the two ids
/// is not a GUID.
fn names(document: &str, listed: &ListedFile) -> Option<(String, String)> {
    let document = Uuid::try_parse(document).ok()?;
    let id = Uuid::try_parse(listed.id.as_deref()?).ok()?;
    let name = match listed.name.as_deref().and_then(extension) {
        Some(extension) => format!("{id}.{extension}"),
        None => id.to_string(),
    };
    Some((document.to_string(), name))
}

fn staging() -> PathBuf {
    let named = std::env::var_os(STAGING_VARIABLE).filter(|path| !path.is_empty());
    named.map_or_else(|| Path::new(STAGING).to_path_buf(), PathBuf::from)
}

/// Returns the extension of a file name in lower case, if it has only ASCII letters and digits.
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

    fn path(document: &str, id: &str, name: &str) -> Option<String> {
        let listed = ListedFile {
            id: Some(id.to_owned()),
            name: Some(name.to_owned()),
            ..ListedFile::default()
        };
        let (document, name) = names(document, &listed)?;
        Some(format!("{document}/{name}"))
    }

    #[test]
    fn files_are_named_by_their_ids_whatever_they_are_called() {
        let base = format!("{}/{FILE}", DOCUMENT.to_lowercase());
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
            assert_eq!(path(DOCUMENT, FILE, name), Some(expected), "{name:?}");
        }
    }

    #[test]
    fn every_spelling_of_an_id_is_one_path() {
        let usual = path(DOCUMENT, FILE, "x.pdf");
        for id in [
            FILE.to_uppercase(),
            format!("{{{FILE}}}"),
            FILE.replace('-', ""),
        ] {
            assert_eq!(path(DOCUMENT, &id, "x.pdf"), usual, "{id}");
        }
    }

    #[test]
    fn an_id_that_is_no_guid_has_no_path() {
        for id in ["", "7", "../../etc/passwd", "/etc/passwd", "a\0b"] {
            assert_eq!(path(DOCUMENT, id, "x.pdf"), None, "{id:?}");
            assert_eq!(path(id, FILE, "x.pdf"), None, "{id:?}");
        }
    }
}
