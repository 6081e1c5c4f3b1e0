//! Converts response bytes into RECORD lines. All functions here are pure.

use crate::xero::fault::ParseError;

pub(crate) mod children;
pub(crate) mod contacts;
pub(crate) mod document_lines;
pub(crate) mod documents;
pub(crate) mod envelope;
pub(crate) mod page;
pub(crate) mod record_lines;
pub(crate) mod reports;
pub(crate) mod rewrite;

impl From<rewrite::LimitExceeded> for ParseError {
    fn from(limit: rewrite::LimitExceeded) -> ParseError {
        ParseError::Oversized(limit.to_string())
    }
}
