//! Reads and writes the files named on the command line.

mod lock;
mod replace;

use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Deserializer, Value};

use crate::excerpt::excerpt;
use crate::failure::Failure;
pub(crate) use lock::Lock;
pub(crate) use replace::{create, folder, prove_writable, replace, sync_folder};

/// Windows editors start a text with this mark. JSON does not allow it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads and parses a JSON file. `what` names its content in messages, such as "config". If the
/// file is not valid JSON, the error names the file and the line. The read runs on its own thread,
/// because a pipe without a writer must not block SIGTERM.
pub(crate) async fn read<T>(
    path: &Path,
    what: &str,
    parse: impl FnOnce(&[u8]) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let file = PathBuf::from(path);
    let read = tokio::task::spawn_blocking(|| std::fs::read(file)).await;
    let text = read.unwrap_or_else(|error| Err(io::Error::other(error)));
    let text = text.map_err(|error| unreadable(path, what, error))?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
    parse(text).map_err(|failure| invalid_json(path, what, text).unwrap_or(failure))
}

/// Explains why a text is not JSON and what to do. `None` if it consists of JSON values. A full
/// disk or a killed process leaves an empty or truncated file.
fn invalid_json(path: &Path, what: &str, text: &[u8]) -> Option<Failure> {
    let path = shown(path);
    let help = match what {
        "state" => {
            "Give a file with the states of an earlier sync, or omit --state to read everything from start_date."
        }
        "config" => {
            "Write the file again. The last CONTROL message that the connector printed contains the newest config."
        }
        "existing config" => "Delete it, or name another file with --config.",
        _ => "Write the file again.",
    };
    if text.trim_ascii().is_empty() {
        let sentence = format!("The {what} file {path} is empty. {help}");
        return Some(Failure::config(sentence));
    }
    let mut values = Deserializer::from_slice(text).into_iter::<Value>();
    let error = values.find_map(Result::err)?;
    let position = format!("line {}, column {}", error.line(), error.column());
    let mut sentence = format!("The {what} file {path} is not valid JSON: {position}.");
    if error.is_eof() {
        sentence += &format!(
            " It ends in the middle of a value, so the file was probably cut short. {help}"
        );
    }
    Some(Failure::config(sentence).because(error))
}

/// The variable that the connector's image sets. User 1000 of the container must be able to read
/// the mounted files whoever owns them, so their modes say nothing there.
const IN_IMAGE: &str = "AIRBYTE_ENTRYPOINT";

/// Returns whether users other than the owner may read a file. False for a pipe.
pub(crate) async fn is_open_to_others(path: &Path) -> bool {
    let found = tokio::fs::metadata(path).await;
    let is_open = found.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o044 != 0);
    is_open && !in_image()
}

/// Returns whether the process runs in the connector's image.
pub(crate) fn in_image() -> bool {
    std::env::var_os(IN_IMAGE).is_some()
}

/// Maximum length of a path in a message, in characters. Tokens are longer.
const LONGEST_PATH: usize = 200;

/// Returns whether the text is a path and not the content of a file with its secrets.
fn is_path(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.chars().count() <= LONGEST_PATH && !text.contains(['{', '"'])
}

/// Formats the path for a message.
pub(crate) fn shown(path: &Path) -> String {
    match is_path(path) {
        true => excerpt(&path.to_string_lossy()),
        false => "that was named".to_owned(),
    }
}

/// Returns the cause that the system gives, without the name of a temporary file.
pub(crate) fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    excerpt(text.split(" at path ").next().unwrap_or_default())
}

/// Explains why a file could not be read and what to do.
fn unreadable(path: &Path, what: &str, error: io::Error) -> Failure {
    if !is_path(path) {
        return Failure::config(format!(
            "The command line contains the {what} instead of the path of its file. Write the {what} to a file that only you can read, and give the path."
        ));
    }
    let path = shown(path);
    let sentence = match error.kind() {
        ErrorKind::NotFound => match what {
            "config" => {
                format!("The config file {path} does not exist. `xero-source login` writes one.")
            }
            _ => format!("The {what} file {path} does not exist."),
        },
        ErrorKind::PermissionDenied => format!(
            "The {what} file {path} cannot be read, because the connector lacks the permission. In a container it runs as user 1000, so the file and the folders above it must be readable by uid 1000."
        ),
        ErrorKind::IsADirectory => format!(
            "The {what} file {path} is a directory. Docker creates a directory if the file to mount does not exist."
        ),
        _ => format!("The {what} file {path} cannot be read."),
    };
    Failure::config(sentence).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_file_brings_a_sentence_with_help() {
        let path = Path::new("/secrets/config.json");
        for (kind, words) in [
            (
                ErrorKind::NotFound,
                "does not exist. `xero-source login` writes one.",
            ),
            (ErrorKind::PermissionDenied, "must be readable by uid 1000."),
            (ErrorKind::IsADirectory, "is a directory. Docker creates"),
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

    #[test]
    fn content_in_place_of_a_path_is_not_repeated() {
        let long = "eyJhbGciOi".repeat(30);
        for text in [r#"{"client_secret":"s3cret"}"#, long.as_str()] {
            for kind in [ErrorKind::NotFound, ErrorKind::InvalidFilename] {
                let failure = unreadable(Path::new(text), "config", kind.into()).to_string();
                assert!(failure.contains("instead of the path"), "{failure}");
                assert!(!failure.contains("s3cret") && !failure.contains("eyJh"));
            }
            let failure = invalid_json(Path::new(text), "config", b"").expect("it is empty");
            assert!(!failure.to_string().contains(text), "{failure}");
        }
    }

    #[test]
    fn an_empty_or_truncated_file_brings_a_sentence_with_help() {
        let path = Path::new("/files/it.json");
        for (what, text, words) in [
            (
                "state",
                "",
                "is empty. Give a file with the states of an earlier sync, or omit --state ",
            ),
            ("state", " \n\t", "is empty. Give a file with the states"),
            (
                "state",
                "{\"a\":1}\n{\"b\":",
                "is not valid JSON: line 2, column 5. It ends in the middle of a value, so the file was probably cut short. Give a file with the states",
            ),
            (
                "config",
                "",
                "is empty. Write the file again. The last CONTROL message",
            ),
            (
                "config",
                "{\"a\": \"b",
                "was probably cut short. Write the file again. The last CONTROL",
            ),
            (
                "existing config",
                "{\"a\":",
                "cut short. Delete it, or name another file with --config.",
            ),
            ("catalog", "", "is empty. Write the file again."),
            (
                "catalog",
                "{\"a\" 1}",
                "is not valid JSON: line 1, column 6.",
            ),
            ("state", "{}\n}\n{}", "is not valid JSON: line 2, column 1."),
        ] {
            let failure =
                invalid_json(path, what, text.as_bytes()).expect("the JSON is incomplete");
            let sentence = failure.to_string();
            let beginning = format!("The {what} file /files/it.json is ");
            assert!(sentence.starts_with(&beginning), "{text}: {sentence}");
            assert!(sentence.contains(words), "{text}: {sentence}");
        }
        for text in ["{}", "[]\n", "null", "{}\n{}\n", " 7 "] {
            assert!(
                invalid_json(path, "state", text.as_bytes()).is_none(),
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn the_byte_order_mark_is_removed() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let file = folder.path().join("config.json");
        for text in ["{}", "\u{feff}{}"] {
            std::fs::write(&file, text).expect("a file for the test");
            let read = read(&file, "config", |text| Ok(text.to_vec())).await;
            assert_eq!(read.unwrap(), b"{}");
        }
        let read = read(folder.path(), "config", |_| Ok(())).await;
        assert!(read.is_err());
    }

    #[tokio::test]
    async fn invalid_json_outranks_the_error_of_the_parser() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let file = folder.path().join("config.json");
        for (text, words) in [
            ("{}", "unexpected fields"),
            ("{", "is not valid JSON: line 1"),
        ] {
            std::fs::write(&file, text).expect("a file for the test");
            let read = read(&file, "config", |_| {
                Err::<(), _>(Failure::config("unexpected fields"))
            });
            let failure = read.await.expect_err("it is refused").to_string();
            assert!(failure.contains(words), "{failure}");
        }
    }
}
