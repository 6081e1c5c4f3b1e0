//! Rejects rows that destinations cannot parse. Such a row would end the sync of every stream.
//!
//! Java destinations parse with Jackson, which accepts strings of up to 20,000,000 characters and
//! numbers of up to 1,000 digits. serde_json and other parsers accept 127 levels of nesting.

/// Maximum size of a row, in bytes.
pub(crate) const LARGEST_ROW: usize = 20_000_000;

/// Maximum number of digits in a number.
pub(crate) const MOST_DIGITS: usize = 300;

/// Maximum levels of nesting in a RECORD line.
const MOST_LEVELS: usize = 127;

/// Levels of a RECORD line around the members of a row.
const LEVELS_AROUND: usize = 3;

/// The limit that a row exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LimitExceeded {
    /// The row has more than `LARGEST_ROW` bytes.
    #[error("a row is larger than 20 MB")]
    Bytes,
    /// The RECORD line has more than `MOST_LEVELS` levels.
    #[error("a row is nested too deeply: its record would have 128 levels or more")]
    Levels,
    /// A number has more than `MOST_DIGITS` digits.
    #[error("a row has a number of more than 300 digits")]
    Digits,
}

/// Whether a row with this many levels exceeds the limit for its RECORD line.
pub(crate) fn are_too_many(levels: usize) -> bool {
    levels > MOST_LEVELS - LEVELS_AROUND
}

/// Whether the bytes, which are outside strings, contain a number with too many digits.
pub(crate) fn hold_long_number(bytes: &[u8]) -> bool {
    let is_inside = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
    let mut numbers = bytes.split(|byte| !is_inside(byte));
    numbers.any(|number| number.iter().filter(|it| it.is_ascii_digit()).count() > MOST_DIGITS)
}
