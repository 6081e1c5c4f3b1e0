//! Tests the errors of texts that are not JSON objects.

use super::*;

#[test]
fn a_text_that_is_not_an_object_is_an_error() {
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
