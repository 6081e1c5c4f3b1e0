//! Turns one row of Xero's JSON into the data of a RECORD, bytes to bytes.
//!
//! Numbers keep the digits that Xero sent, fields keep their order, and no value
//! is built per row. White space goes, because Xero indents and a line end
//! inside a RECORD line would break the protocol. Strings are copied as they
//! are, but for [`value`]'s few exceptions.

mod bounds;
mod dates;
mod escapes;
mod flags;

use memchr::memchr2;

pub(crate) use bounds::{Beyond, LARGEST_ROW, MOST_DIGITS};
pub(crate) use dates::{instant, ms_date};
pub(crate) use flags::Flags;

/// Numbers that Xero sends as text in some places ("12.00" in a BatchPayment
/// inside a Payment, "1000" in a BudgetBalance) and as numbers in others.
const NUMBERS_AS_TEXT: &[&[u8]] = &[
    b"Amount",
    b"ContentLength",
    b"JournalNumber",
    b"ReceiptNumber",
    b"TotalAmount",
    b"UnitAmount",
];
/// The same for truth values ("false").
const BOOLEANS_AS_TEXT: &[&[u8]] = &[b"IsReconciled"];

/// Which fields of a row the walk goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyFields<'a> {
    /// The primary key.
    pub(crate) key: &'a str,
    /// The cursor, if the stream has one.
    pub(crate) cursor: Option<&'a str>,
    /// KeyFields that the connector writes itself: the row's own of these names are left out,
    /// because a name must stand in a JSON object once.
    pub(crate) ours: &'a [&'a str],
}

/// What the walk goes by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowKey {
    /// The primary key's value; none where the row lacks it.
    pub(crate) key: Option<Box<str>>,
    /// The cursor: milliseconds since the epoch, or a number such as JournalNumber.
    pub(crate) cursor: Option<i64>,
    /// `CreatedDateUTC`, where the row has it, milliseconds since the epoch.
    pub(crate) created: Option<i64>,
    /// What a document says about what hangs on it.
    pub(crate) flags: Flags,
}

/// Appends the members of the object `row` to `out`, without the braces.
///
/// `row` must be a valid JSON object; the envelope's parser has seen to that. A row that is
/// beyond what destinations take is an error.
pub(crate) fn members(
    row: &[u8],
    fields: KeyFields<'_>,
    out: &mut Vec<u8>,
) -> Result<RowKey, Beyond> {
    if row.len() > LARGEST_ROW {
        return Err(Beyond::Row);
    }
    let mut marks = RowKey::default();
    // How many brackets are open and were at most, and the key of the value that comes next.
    let (mut depth, mut deepest, mut key) = (0_usize, 0, &b""[..]);
    let mut rest = &row[1..row.len() - 1];
    let begin = out.len();
    while !rest.is_empty() {
        let (from, outer) = (out.len(), depth);
        let plain = structure(rest, &mut depth, &mut deepest, out);
        if plain > MOST_DIGITS && bounds::hold_long_number(&rest[..plain]) {
            return Err(Beyond::Digits);
        }
        rest = &rest[plain..];
        let counts = |cursor: &str| cursor.as_bytes() == key && !cursor.ends_with("UTC");
        if depth == 0 && fields.cursor.is_some_and(counts) {
            marks.cursor = marks.cursor.or_else(|| number_in(&out[from..]));
        }
        if outer == 0 {
            marks.flags.plain(key, &out[from..]);
        }
        if rest.is_empty() {
            break;
        }
        let text = Text::at(rest);
        rest = &rest[text.quoted.len()..];
        if is_key(rest) {
            if depth == 0 && text.is_any_of(fields.ours) {
                rest = behind_member(rest);
                if rest.is_empty() && out[begin..].ends_with(b",") {
                    out.pop(); // nothing follows the comma
                }
                continue;
            }
            key = text.inside();
            text.copy(out);
            continue;
        }
        // A text in a list has no key of its own.
        if out.last() != Some(&b':') {
            key = b"";
        }
        let instant = value(key, text, out);
        if depth == 0 && key == fields.key.as_bytes() {
            marks.key = std::str::from_utf8(text.inside()).ok().map(Into::into);
        }
        if depth == 0 {
            marks.flags.text(key, text.inside());
        }
        if depth == 0 && instant.is_some() && key == b"CreatedDateUTC" {
            marks.created = instant;
        }
        if depth == 0 && fields.cursor.is_some_and(|cursor| cursor.as_bytes() == key) {
            marks.cursor = if key.ends_with(b"UTC") {
                instant.filter(|millis| *millis > 0) // rows without a real stamp show 0 or less
            } else {
                std::str::from_utf8(text.inside())
                    .ok()
                    .and_then(|text| text.parse().ok())
            };
        }
    }
    match bounds::are_too_many(deepest) {
        false => Ok(marks),
        true => Err(Beyond::Levels),
    }
}

/// Appends what stands before the next string, without its white space, and
/// returns how far that was.
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

/// A JSON string as it stands in a row.
#[derive(Clone, Copy)]
struct Text<'a> {
    /// With its quotes.
    quoted: &'a [u8],
    escapes: bool,
}

impl<'a> Text<'a> {
    /// The string at whose opening quote `bytes` begins.
    fn at(bytes: &'a [u8]) -> Text<'a> {
        let (mut end, mut escapes) = (1, false);
        while let Some(at) = memchr2(b'"', b'\\', &bytes[end..]) {
            end += at + 1;
            if bytes[end - 1] == b'"' {
                break;
            }
            (end, escapes) = (end + 1, true);
        }
        let quoted = &bytes[..end];
        Text { quoted, escapes }
    }

    fn inside(self) -> &'a [u8] {
        &self.quoted[1..self.quoted.len() - 1]
    }

    /// Whether it spells one of these names, with escapes or without.
    fn is_any_of(self, names: &[&str]) -> bool {
        match self.escapes {
            false => names.iter().any(|name| name.as_bytes() == self.inside()),
            true => serde_json::from_slice::<String>(self.quoted)
                .is_ok_and(|name| names.contains(&name.as_str())),
        }
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

/// What stands behind the member whose key ends where `rest` begins; nothing behind the last.
fn behind_member(rest: &[u8]) -> &[u8] {
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

/// Reads `:123,` or `:123`.
fn number_in(plain: &[u8]) -> Option<i64> {
    let digits = plain.strip_prefix(b":")?;
    let digits = digits.strip_suffix(b",").unwrap_or(digits);
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Writes one text value and returns the instant that it stands for, if any.
fn value(key: &[u8], text: Text<'_>, out: &mut Vec<u8>) -> Option<i64> {
    let inside = text.inside();
    let date = dates::read(key, inside);
    match date {
        Some(date) => date.write(out),
        None if (NUMBERS_AS_TEXT.contains(&key) && is_number(inside))
            || (BOOLEANS_AS_TEXT.contains(&key) && matches!(inside, b"true" | b"false")) =>
        {
            out.extend_from_slice(inside);
        }
        None => text.copy(out),
    }
    date.map(|date| date.millis)
}

/// Whether `text` is one number and nothing else, and no longer than numbers may be.
fn is_number(text: &[u8]) -> bool {
    text.len() <= MOST_DIGITS
        && text.trim_ascii() == text
        && serde_json::from_slice::<f64>(text).is_ok()
}

#[cfg(test)]
mod tests;
