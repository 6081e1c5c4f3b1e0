//! The files that the command line names.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Windows editors begin a text with this mark; JSON does not.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the file that holds the `what`, such as "config". On a thread of its
/// own: a pipe that nobody writes to must not keep SIGTERM from being heard.
pub(crate) async fn read(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    let file = PathBuf::from(path);
    let read = tokio::task::spawn_blocking(|| std::fs::read(file)).await;
    let text = read.unwrap_or_else(|error| Err(io::Error::other(error)));
    let text = text.map_err(|error| unreadable(path, what, error))?;
    Ok(match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(text) => text.to_vec(),
        None => text,
    })
}

/// Why a file could not be read, and what helps.
fn unreadable(path: &Path, what: &str, error: io::Error) -> Failure {
    let path = path.display();
    let sentence = match error.kind() {
        ErrorKind::NotFound => format!("The {what} file {path} does not exist."),
        ErrorKind::PermissionDenied => format!(
            "The {what} file {path} may not be read. In a container the connector runs as user 1000: the file, and the folders above it, must be readable by uid 1000."
        ),
        ErrorKind::IsADirectory => format!(
            "The {what} file {path} is a directory. Docker makes one where the file to be mounted does not exist."
        ),
        _ => format!("The {what} file {path} cannot be read."),
    };
    Failure::config(sentence).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_says_what_helps() {
        let path = Path::new("/secrets/config.json");
        for (kind, words) in [
            (ErrorKind::NotFound, "does not exist."),
            (ErrorKind::PermissionDenied, "must be readable by uid 1000."),
            (ErrorKind::IsADirectory, "is a directory. Docker makes one"),
            (ErrorKind::InvalidFilename, "cannot be read."),
        ] {
            let failure = unreadable(path, "config", kind.into());
            let sentence = failure.to_string();
            assert!(
                sentence.starts_with("The config file /secrets/config.json "),
                "{sentence}"
            );
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[tokio::test]
    async fn a_text_comes_without_its_byte_order_mark() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let file = folder.path().join("config.json");
        for text in ["{}", "\u{feff}{}"] {
            std::fs::write(&file, text).expect("a file for the test");
            assert_eq!(read(&file, "config").await.unwrap(), b"{}");
        }
        assert!(read(folder.path(), "config").await.is_err());
    }
}
