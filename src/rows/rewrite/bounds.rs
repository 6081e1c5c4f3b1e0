//! What destinations refuse is refused before it reaches them: there it would end the sync of
//! every stream. Jackson, which Java destinations read with, takes strings of 20,000,000
//! characters and numbers of 1,000 digits; serde_json, as others do, takes 127 levels.

/// The largest row, in bytes.
pub(crate) const LARGEST_ROW: usize = 20_000_000;

/// The most digits of a number.
pub(crate) const MOST_DIGITS: usize = 300;

/// The most levels of a RECORD line.
const MOST_LEVELS: usize = 127;

/// The levels of a RECORD line around the members of a row.
const LEVELS_AROUND: usize = 3;

/// What of a row is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Beyond {
    /// Its bytes.
    #[error("a row is larger than 20 MB")]
    Row,
    /// Its levels.
    #[error("a row has values inside each other that make 128 levels or more of its record")]
    Levels,
    /// The digits of a number.
    #[error("a row has a number of more than 300 digits")]
    Digits,
}

/// Whether members that hold so many levels make a line of too many.
pub(crate) fn are_too_many(levels: usize) -> bool {
    levels > MOST_LEVELS - LEVELS_AROUND
}

/// Whether bytes outside strings hold a number with too many digits.
pub(crate) fn hold_long_number(bytes: &[u8]) -> bool {
    let is_inside = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
    let mut numbers = bytes.split(|byte| !is_inside(byte));
    numbers.any(|number| number.iter().filter(|it| it.is_ascii_digit()).count() > MOST_DIGITS)
}
