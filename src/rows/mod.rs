//! Response bytes in, RECORD lines out.

use crate::xero::fault::ParseError;

pub(crate) mod children;
pub(crate) mod documents;
pub(crate) mod envelope;
pub(crate) mod lines;
pub(crate) mod page;
pub(crate) mod reports;
pub(crate) mod rewrite;

impl From<rewrite::Beyond> for ParseError {
    fn from(beyond: rewrite::Beyond) -> ParseError {
        ParseError::Oversized(beyond.to_string())
    }
}
