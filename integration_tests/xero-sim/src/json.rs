//! Writes JSON the way Xero does: indented, CRLF line ends, escaped slashes.

/// A JSON document under construction.
pub struct Json {}
