//! Parses JSON from outside. A serde error quotes the value that has the wrong type. The value may
//! be a token or a salary, so only the class and the position of the error are kept.

use std::fmt;

use serde::Deserialize;
use serde_json::error::Category;

/// The class and the position of an error in a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misread {
    what: &'static str,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Parses a text of one JSON value.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Misread> {
    Ok(serde_json::from_slice(text)?)
}

impl From<serde_json::Error> for Misread {
    fn from(error: serde_json::Error) -> Misread {
        Misread::from(&error)
    }
}

impl From<&serde_json::Error> for Misread {
    fn from(error: &serde_json::Error) -> Misread {
        Misread {
            what: match error.classify() {
                Category::Syntax => "invalid JSON",
                Category::Eof => "the JSON ends too soon",
                Category::Data => "unexpected JSON",
                Category::Io => "unreadable",
            },
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Misread { what, line, column } = self;
        write!(f, "{what} at line {line}, column {column}")
    }
}

impl std::error::Error for Misread {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_only_its_class_and_position() {
        for (text, words) in [
            (r#"["secret"]"#, "unexpected JSON at line 1, column 9"),
            ("\n7", "unexpected JSON at line 2, column 1"),
            ("[1", "the JSON ends too soon at line 1, column 2"),
            ("[secret]", "invalid JSON at line 1, column 2"),
        ] {
            let misread = read::<Vec<u8>>(text.as_bytes()).unwrap_err();
            assert_eq!(misread.to_string(), words, "{text}");
        }
    }
}
