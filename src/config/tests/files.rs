//! From the file to the JSON object, and what can be wrong on the way.

use super::*;

#[test]
fn a_text_that_is_no_object_is_refused() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "The config is not valid JSON: line 1, column 0."),
        (
            b"{\"client_secret\":\n  \"s3cr3t\",\n}",
            "The config is not valid JSON: line 3, column 1.",
        ),
        (
            b"\"s3cr3t\"",
            "The config must be a JSON object, not a string.",
        ),
        (b"[]", "The config must be a JSON object, not an array."),
        (b"null", "The config must be a JSON object, not null."),
    ];
    for (text, expected) in cases {
        let failure = Config::parse(text, now()).expect_err("no object");
        assert_eq!(
            (failure.kind, failure.to_string()),
            (Kind::Config, expected.to_owned())
        );
        assert!(!failure.internal().contains("s3cr3t"));
    }
}

#[test]
fn a_file_that_cannot_be_read_says_what_helps() {
    let path = Path::new("/secrets/config.json");
    let cases = [
        (
            ErrorKind::NotFound,
            "The config file /secrets/config.json does not exist.",
        ),
        (
            ErrorKind::PermissionDenied,
            "The config file /secrets/config.json may not be read. In a container the connector runs as user 1000: the file, and the folders above it, must be readable by uid 1000.",
        ),
        (
            ErrorKind::IsADirectory,
            "The config file /secrets/config.json is a directory. Docker makes one where the file to be mounted does not exist.",
        ),
        (
            ErrorKind::InvalidFilename,
            "The config file /secrets/config.json cannot be read.",
        ),
    ];
    for (kind, expected) in cases {
        let failure = unreadable(path, kind.into());
        assert_eq!(
            (failure.kind, failure.to_string()),
            (Kind::Config, expected.to_owned())
        );
    }
}

#[test]
fn a_config_is_read_from_its_file() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("config.json");
    std::fs::write(&file, with(json!({})).to_string()).expect("a file for the test");
    assert!(Config::read(&file, now()).is_ok());
    let failure = Config::read(folder.path(), now()).expect_err("a directory");
    assert!(failure.to_string().contains("is a directory"), "{failure}");
}
