//! Reads the files named on the command line.

use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Deserializer, Value};

use crate::excerpt::excerpt;
use crate::failure::Failure;

/// Windows editors start a text with this mark. JSON does not allow it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the JSON file that holds the `what`, such as "config", and parses it. If the file is not
/// valid JSON, the error names the file and the line. The read runs on its own thread, because a
/// pipe without a writer must not block SIGTERM.
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

/// Explains why a text is not JSON and what to do. `None` if it consists of JSON values. A file is
/// empty or truncated if the disk was full or the process ended during the write.
fn invalid_json(path: &Path, what: &str, text: &[u8]) -> Option<Failure> {
    let path = shown(path);
    let help = match what {
        "state" => {
            "Give the states of an earlier sync. Without --state everything is read from start_date on."
        }
        "config" => {
            "Write it anew; the last CONTROL message that the connector printed holds the newest one."
        }
        _ => "Write it anew.",
    };
    if text.trim_ascii().is_empty() {
        let sentence = format!("The {what} file {path} is empty. {help}");
        return Some(Failure::config(sentence));
    }
    let mut values = Deserializer::from_slice(text).into_iter::<Value>();
    let error = values.find_map(Result::err)?;
    let place = format!("line {}, column {}", error.line(), error.column());
    let mut sentence = format!("The {what} file {path} is not valid JSON: {place}.");
    if error.is_eof() {
        sentence += &format!(" It ends in the middle of a value, as if cut short. {help}");
    }
    Some(Failure::config(sentence).because(error))
}

/// Set in the connector's image. There, files are mounted for user 1000 whoever owns them, so
/// others must be able to read them. The container protects the files.
const IN_IMAGE: &str = "AIRBYTE_ENTRYPOINT";

/// Returns whether users other than the owner may read a file. False for a pipe.
pub(crate) async fn is_open_to_others(path: &Path) -> bool {
    let found = tokio::fs::metadata(path).await;
    let is_open = found.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o044 != 0);
    is_open && std::env::var_os(IN_IMAGE).is_none()
}

/// Maximum length of a path in a message, in characters. Tokens are longer.
const LONGEST_PATH: usize = 200;

/// Returns whether the text is a path and not the content of a file with its secrets.
fn is_path(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.chars().count() <= LONGEST_PATH && !text.contains(['{', '"'])
}

/// Formats the path for a message.
fn shown(path: &Path) -> String {
    match is_path(path) {
        true => excerpt(&path.to_string_lossy()),
        false => "that was named".to_owned(),
    }
}

/// Explains why a file could not be read and what to do.
fn unreadable(path: &Path, what: &str, error: io::Error) -> Failure {
    if !is_path(path) {
        return Failure::config(format!(
            "The {what} was given in place of the path of its file. Write it to a file that only you can read, and give the path."
        ));
    }
    let path = shown(path);
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

    #[test]
    fn what_is_no_path_is_not_repeated() {
        let long = "eyJhbGciOi".repeat(30);
        for text in [r#"{"client_secret":"s3cret"}"#, long.as_str()] {
            for kind in [ErrorKind::NotFound, ErrorKind::InvalidFilename] {
                let failure = unreadable(Path::new(text), "config", kind.into()).to_string();
                assert!(failure.contains("in place of the path"), "{failure}");
                assert!(!failure.contains("s3cret") && !failure.contains("eyJh"));
            }
            let failure = invalid_json(Path::new(text), "config", b"").expect("it is empty");
            assert!(!failure.to_string().contains(text), "{failure}");
        }
    }

    #[test]
    fn a_file_that_is_empty_or_cut_short_says_what_helps() {
        let path = Path::new("/files/it.json");
        for (what, text, words) in [
            (
                "state",
                "",
                "is empty. Give the states of an earlier sync. Without --state ",
            ),
            ("state", " \n\t", "is empty. Give the states"),
            (
                "state",
                "{\"a\":1}\n{\"b\":",
                "is not valid JSON: line 2, column 5. It ends in the middle of a value, as if cut short. Give the states",
            ),
            (
                "config",
                "",
                "is empty. Write it anew; the last CONTROL message",
            ),
            (
                "config",
                "{\"a\": \"b",
                "as if cut short. Write it anew; the last CONTROL",
            ),
            ("catalog", "", "is empty. Write it anew."),
            (
                "catalog",
                "{\"a\" 1}",
                "is not valid JSON: line 1, column 6.",
            ),
            ("state", "{}\n}\n{}", "is not valid JSON: line 2, column 1."),
        ] {
            let failure = invalid_json(path, what, text.as_bytes()).expect("no whole JSON");
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
    async fn a_text_comes_without_its_byte_order_mark() {
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
    async fn a_text_that_is_no_json_is_told_from_one_of_another_form() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let file = folder.path().join("config.json");
        for (text, words) in [("{}", "another form"), ("{", "is not valid JSON: line 1")] {
            std::fs::write(&file, text).expect("a file for the test");
            let read = read(&file, "config", |_| {
                Err::<(), _>(Failure::config("another form"))
            });
            let failure = read.await.expect_err("it is refused").to_string();
            assert!(failure.contains(words), "{failure}");
        }
    }
}
