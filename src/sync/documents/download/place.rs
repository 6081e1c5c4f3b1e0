//! Where files go. A name from Xero is data and never a path: files are named by their
//! ids, below the id of their document, and both are written anew from what was parsed.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

use super::ListedFile;
use super::folder::{self, Folder};
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
    /// The folder of the stream in it.
    folder: Arc<Folder>,
    /// Airbyte hands the files on, so that each record must say where its file lies.
    is_staging: bool,
    /// Bytes of the largest file that is downloaded.
    pub(crate) largest: u64,
}

/// Where one file goes.
#[derive(Clone, Debug)]
pub(crate) struct FileTarget {
    /// The file.
    pub(crate) path: PathBuf,
    /// The same below the directory, with slashes.
    pub(crate) relative: String,
    /// The folder of the stream.
    folder: Arc<Folder>,
    /// The folder of the file's document in it.
    document: String,
    /// The file's name in the folder of its document.
    pub(crate) name: String,
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
        let Some(downloads) = &config.download_attachments else {
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
        let modes = match is_staging {
            true => folder::SHARED,
            false => folder::PRIVATE,
        };
        let folder = Folder::in_directory(&root, FOLDER, modes);
        Ok(Some(Directory {
            folder: Arc::new(folder.map_err(|error| refused(&root, error))?),
            root,
            is_staging,
            largest: downloads.max_bytes,
        }))
    }

    /// Where a file of a document goes; none if one of the two ids is no GUID.
    pub(crate) fn place(&self, document: &str, listed: &ListedFile) -> Option<FileTarget> {
        let (document, name) = names(document, listed)?;
        let relative = format!("{FOLDER}/{document}/{name}");
        Some(FileTarget {
            path: self.root.join(&relative),
            relative,
            folder: self.folder.clone(),
            document,
            name,
            is_staged: self.is_staging,
        })
    }

    /// The directory did not take a file.
    pub(crate) fn refuses(&self, error: io::Error) -> Failure {
        refused(&self.root, error)
    }
}

impl FileTarget {
    /// The folder of the file's document, made if need be.
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

/// The name of the document's folder and the file's in it; none if one of the two ids is no GUID.
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
            assert_eq!(place(DOCUMENT, FILE, name), Some(expected), "{name:?}");
        }
    }

    #[test]
    fn every_spelling_of_an_id_is_one_place() {
        let usual = place(DOCUMENT, FILE, "x.pdf");
        for id in [
            FILE.to_uppercase(),
            format!("{{{FILE}}}"),
            FILE.replace('-', ""),
        ] {
            assert_eq!(place(DOCUMENT, &id, "x.pdf"), usual, "{id}");
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
