//! Rewrites one row of Xero's JSON into the data of a RECORD, byte by byte.
//!
//! Numbers keep all digits and fields keep their order. The code builds no JSON values. It removes
//! white space, because a line end inside a RECORD line would break the protocol. It copies strings
//! without changes, except those that [`value`] rewrites.

mod bounds;
mod dates;
mod escapes;
mod flags;
#[cfg(any(test, fuzzing))]
pub(crate) mod reference;

use std::borrow::Cow;

use memchr::memchr2;

use crate::xero::api::DateFields;
pub(crate) use bounds::{LARGEST_ROW, LimitExceeded, MOST_DIGITS};
pub(crate) use dates::{instant, ms_date};
pub(crate) use flags::Flags;

/// Fields whose numbers Xero sends as strings in some responses and as numbers in others. Examples
/// are "12.00" in the BatchPayment of a Payment, and "1000" in a BudgetBalance.
const NUMBERS_AS_TEXT: &[&[u8]] = &[
    b"Amount",
    b"ContentLength",
    b"DaysInPayrollYear",
    b"JournalNumber",
    b"ReceiptNumber",
    b"TotalAmount",
    b"UnitAmount",
];
/// Fields whose booleans Xero sends as strings in some responses ("false").
const BOOLEANS_AS_TEXT: &[&[u8]] = &[b"IsReconciled"];

/// The key before the first key of a row, and of strings in lists.
const NO_KEY: Cow<'static, [u8]> = Cow::Borrowed(b"");

/// Names of the fields that the walk needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyFields<'a> {
    /// The field that is unique within the list.
    pub(crate) key: &'a str,
    /// The cursor field, if the stream has one.
    pub(crate) cursor: Option<&'a str>,
    /// Fields that the connector writes itself. Xero's fields with these names are dropped, because
    /// names in a JSON object must be unique.
    pub(crate) ours: &'a [&'a str],
    /// Which fields hold dates.
    pub(crate) dates: DateFields,
}

/// The values of one row that the walk needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowKey {
    /// The value of the key field. `None` if the row lacks it.
    pub(crate) key: Option<Box<str>>,
    /// The cursor: milliseconds since the epoch, or a number such as JournalNumber.
    pub(crate) cursor: Option<i64>,
    /// `CreatedDateUTC`, or `CreatedDateUtc` of the Files API, in milliseconds since the epoch, if the row has it.
    pub(crate) created: Option<i64>,
    /// Flags that decide which document streams need a call.
    pub(crate) flags: Flags,
}

impl RowKey {
    /// Reads a member whose value is not a string. `value` begins the value, and may end with a
    /// comma. Of several members with one name the last one counts, as for every reader of JSON.
    fn bare(&mut self, name: &[u8], value: &[u8], fields: KeyFields<'_>) {
        if name == fields.key.as_bytes() {
            self.key = None;
        }
        if fields.cursor.is_some_and(|it| it.as_bytes() == name) {
            let number = (!fields.dates.is_instant(name)).then(|| number(value));
            self.cursor = number.flatten();
        }
        if is_creation(name) {
            self.created = None;
        }
        self.flags.bare(name, value);
    }

    /// Reads a member whose value is a string. `instant` is its time if it is one.
    fn text(
        &mut self,
        name: &[u8],
        text: Text<'_>,
        plain: &[u8],
        instant: Option<i64>,
        fields: KeyFields<'_>,
    ) {
        if name == fields.key.as_bytes() {
            // Two spellings of JSON are one key.
            self.key = std::str::from_utf8(&text.decoded()).ok().map(Into::into);
        }
        if fields.cursor.is_some_and(|it| it.as_bytes() == name) {
            self.cursor = match fields.dates.is_instant(name) {
                true => instant.filter(|millis| *millis > 0), // rows without a timestamp have 0 or less
                false => number(&text.decoded()),
            };
        }
        if is_creation(name) {
            self.created = instant;
        }
        self.flags.text(name, plain);
    }
}

fn is_creation(name: &[u8]) -> bool {
    matches!(name, b"CreatedDateUTC" | b"CreatedDateUtc")
}

/// Appends a comma and the members of the object `row` to `out`, or nothing if it has no members.
pub(crate) fn append(
    row: &[u8],
    fields: KeyFields<'_>,
    out: &mut Vec<u8>,
) -> Result<RowKey, LimitExceeded> {
    out.push(b',');
    let before = out.len();
    let row_key = members(row, fields, out)?;
    if out.len() == before {
        out.pop();
    }
    Ok(row_key)
}

/// Appends the members of the object `row` to `out`, without the braces.
///
/// `row` must be a valid JSON object, which the parser of the envelope guarantees. A row that
/// exceeds a limit of destinations is an error.
pub(crate) fn members(
    row: &[u8],
    fields: KeyFields<'_>,
    out: &mut Vec<u8>,
) -> Result<RowKey, LimitExceeded> {
    if row.len() > LARGEST_ROW {
        return Err(LimitExceeded::Bytes);
    }
    let mut row_key = RowKey::default();
    // The current depth of brackets, the greatest depth so far, and the key of the next value.
    let (mut depth, mut deepest, mut key) = (0_usize, 0, NO_KEY);
    let mut rest = &row[1..row.len() - 1];
    let begin = out.len();
    while !rest.is_empty() {
        let (from, outer) = (out.len(), depth);
        let plain = structure(rest, &mut depth, &mut deepest, out);
        if plain > MOST_DIGITS && bounds::hold_long_number(&rest[..plain]) {
            return Err(LimitExceeded::Digits);
        }
        rest = &rest[plain..];
        if outer == 0
            && let [b':', value @ ..] = &out[from..]
            && !value.is_empty()
        {
            row_key.bare(&key, value, fields);
        }
        if rest.is_empty() {
            break;
        }
        let text = Text::at(rest);
        rest = &rest[text.quoted.len()..];
        if is_key(rest) {
            if depth == 0 && text.is_any_of(fields.ours) {
                rest = skip_member(rest);
                if rest.is_empty() && out[begin..].ends_with(b",") {
                    out.pop(); // no member follows the comma
                }
                continue;
            }
            key = text.plain();
            text.copy(out);
            continue;
        }
        // A string in a list has no key of its own.
        if out.last() != Some(&b':') {
            key = NO_KEY;
        }
        let plain = text.plain_value();
        let instant = value(&key, text, &plain, fields.dates, out);
        if depth == 0 {
            row_key.text(&key, text, &plain, instant, fields);
        }
    }
    match bounds::are_too_many(deepest) {
        false => Ok(row_key),
        true => Err(LimitExceeded::Levels),
    }
}

/// Appends the bytes before the next string without white space. Returns how many bytes it read.
fn structure(bytes: &[u8], depth: &mut usize, deepest: &mut usize, out: &mut Vec<u8>) -> usize {
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => return at,
            b' ' | b'\r' | b'\n' | b'\t' => continue,
            b'{' | b'[' => {
                *depth += 1;
                *deepest = (*deepest).max(*depth);
            }
            b'}' | b']' => *depth -= 1,
            _ => {}
        }
        out.push(byte);
    }
    bytes.len()
}

/// A JSON string in a row.
#[derive(Clone, Copy)]
struct Text<'a> {
    /// The string with its quotes.
    quoted: &'a [u8],
    escapes: bool,
    /// Whether an escape begins with `\u`, which may stand for any character.
    has_unicode_escapes: bool,
}

impl<'a> Text<'a> {
    /// Finds the string at the start of `bytes`, which begin with its opening quote.
    fn at(bytes: &'a [u8]) -> Text<'a> {
        let (mut end, mut escapes, mut has_unicode_escapes) = (1, false, false);
        while let Some(at) = memchr2(b'"', b'\\', &bytes[end..]) {
            end += at + 1;
            if bytes[end - 1] == b'"' {
                break;
            }
            has_unicode_escapes |= bytes[end] == b'u';
            (end, escapes) = (end + 1, true);
        }
        Text {
            quoted: &bytes[..end],
            escapes,
            has_unicode_escapes,
        }
    }

    fn inside(self) -> &'a [u8] {
        &self.quoted[1..self.quoted.len() - 1]
    }

    /// Returns the string in the form in which names, dates and flags are compared. Of the escapes
    /// only `\u` may be part of them, besides the slashes of a date.
    fn plain(self) -> Cow<'a, [u8]> {
        match self.has_unicode_escapes {
            true => self.decoded(),
            false => Cow::Borrowed(self.inside()),
        }
    }

    /// Returns a value in the form in which dates and flags are compared. There, a backslash is the
    /// escape of a slash. A value with a backslash of its own is neither.
    fn plain_value(self) -> Cow<'a, [u8]> {
        match self.plain() {
            Cow::Owned(text) if text.contains(&b'\\') => Cow::Borrowed(self.inside()),
            plain => plain,
        }
    }

    /// Returns the characters of the string. As in the rewritten row, U+FFFD replaces a lone
    /// surrogate.
    fn decoded(self) -> Cow<'a, [u8]> {
        let characters = |text: &[u8]| serde_json::from_slice::<String>(text).ok();
        let decoded = match self.escapes {
            false => None,
            true => characters(self.quoted).or_else(|| {
                let mut paired = Vec::new();
                escapes::paired(self.quoted, &mut paired);
                characters(&paired)
            }),
        };
        match decoded {
            Some(text) => Cow::Owned(text.into_bytes()),
            None => Cow::Borrowed(self.inside()),
        }
    }

    /// Whether the string is one of these names, with or without escapes.
    fn is_any_of(self, names: &[&str]) -> bool {
        let text = self.decoded();
        names.iter().any(|name| name.as_bytes() == &*text)
    }

    fn copy(self, out: &mut Vec<u8>) {
        match self.escapes {
            false => out.extend_from_slice(self.quoted),
            true => escapes::paired(self.quoted, out),
        }
    }
}

/// Whether the string before `rest` is a key.
fn is_key(rest: &[u8]) -> bool {
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// Skips the value of a member whose key ends before `rest`. Returns the bytes after its comma, or
/// nothing after the last member.
fn skip_member(rest: &[u8]) -> &[u8] {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' => at += Text::at(&rest[at..]).quoted.len() - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return &rest[at + 1..],
            _ => {}
        }
        at += 1;
    }
    &[]
}

/// Parses `123` or `123,`.
fn number(value: &[u8]) -> Option<i64> {
    let digits = value.strip_suffix(b",").unwrap_or(value);
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Appends one string value. Returns its instant in milliseconds if the value is a date.
fn value(
    key: &[u8],
    text: Text<'_>,
    plain: &[u8],
    fields: DateFields,
    out: &mut Vec<u8>,
) -> Option<i64> {
    let date = dates::read(key, plain, fields);
    match date {
        Some(date) => date.write(out),
        None => match bare(key, text) {
            Some(bare) => out.extend_from_slice(&bare),
            None => text.copy(out),
        },
    }
    date.map(|date| date.millis)
}

/// Returns the number or boolean in a string, if Xero sends the field as a string in some responses.
fn bare<'a>(key: &[u8], text: Text<'a>) -> Option<Cow<'a, [u8]>> {
    let is_bare = match key {
        key if NUMBERS_AS_TEXT.contains(&key) => is_number as fn(&[u8]) -> bool,
        key if BOOLEANS_AS_TEXT.contains(&key) => is_boolean,
        _ => return None,
    };
    Some(text.decoded()).filter(|text| is_bare(text))
}

fn is_boolean(text: &[u8]) -> bool {
    matches!(text, b"true" | b"false")
}

/// Whether `text` is a single JSON number of acceptable length.
fn is_number(text: &[u8]) -> bool {
    text.len() <= MOST_DIGITS
        && text.trim_ascii() == text
        && serde_json::from_slice::<f64>(text).is_ok()
}

#[cfg(test)]
mod tests;
