//! Turns one row of Xero's JSON into the data of a RECORD, bytes to bytes.
//!
//! Numbers keep the digits that Xero sent, fields keep their order, and no value
//! is built per row. White space goes, because Xero indents and a line end
//! inside a RECORD line would break the protocol. Strings are copied as they
//! are, but for [`value`]'s few exceptions.

mod escapes;

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use memchr::{memchr, memchr2};

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
pub(crate) struct Fields<'a> {
    /// The primary key.
    pub(crate) key: &'a str,
    /// The cursor, if the stream has one.
    pub(crate) cursor: Option<&'a str>,
}

/// What the walk goes by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// The primary key's value; none where the row lacks it.
    pub(crate) key: Option<Box<str>>,
    /// The cursor: milliseconds since the epoch, or a number such as JournalNumber.
    pub(crate) cursor: Option<i64>,
}

/// Appends the members of the object `row` to `out`, without the braces.
///
/// `row` must be a valid JSON object; the envelope's parser has seen to that.
pub(crate) fn members(row: &[u8], fields: Fields<'_>, out: &mut Vec<u8>) -> Marks {
    let row = &row[1..row.len() - 1];
    let mut marks = Marks::default();
    // How many brackets are open, and the key of the value that comes next.
    let (mut depth, mut key) = (0_usize, &b""[..]);
    let mut rest = row;
    while !rest.is_empty() {
        let quote = memchr(b'"', rest).unwrap_or(rest.len());
        let plain = &rest[..quote];
        let from = out.len();
        for &byte in plain {
            match byte {
                b' ' | b'\r' | b'\n' | b'\t' => continue,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            out.push(byte);
        }
        let counts = |cursor: &str| cursor.as_bytes() == key && !cursor.ends_with("UTC");
        if depth == 0 && fields.cursor.is_some_and(counts) {
            marks.cursor = marks.cursor.or_else(|| number_in(&out[from..]));
        }
        rest = &rest[quote..];
        if rest.is_empty() {
            break;
        }
        let text = string(rest);
        rest = &rest[text.len() + 2..];
        if is_key(rest) {
            key = text;
            quoted(text, out);
            continue;
        }
        // A text in a list has no key of its own.
        if out.last() != Some(&b':') {
            key = b"";
        }
        let instant = value(key, text, out);
        if depth == 0 && key == fields.key.as_bytes() {
            marks.key = std::str::from_utf8(text).ok().map(Into::into);
        }
        if depth == 0 && fields.cursor.is_some_and(|cursor| cursor.as_bytes() == key) {
            marks.cursor = if key.ends_with(b"UTC") {
                instant.filter(|millis| *millis > 0) // rows without a real stamp show 0 or less
            } else {
                std::str::from_utf8(text)
                    .ok()
                    .and_then(|text| text.parse().ok())
            };
        }
    }
    marks
}

/// The inside of the string at whose opening quote `bytes` begins.
fn string(bytes: &[u8]) -> &[u8] {
    let mut end = 1;
    while let Some(at) = memchr2(b'"', b'\\', &bytes[end..]) {
        end += at;
        if bytes[end] == b'"' {
            break;
        }
        end += 2;
    }
    &bytes[1..end]
}

/// Whether the string before `rest` is a key.
fn is_key(rest: &[u8]) -> bool {
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// Reads `:123,` or `:123`.
fn number_in(plain: &[u8]) -> Option<i64> {
    let digits = plain.strip_prefix(b":")?;
    let digits = digits.strip_suffix(b",").unwrap_or(digits);
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    match memchr(b'\\', text) {
        None => out.extend_from_slice(text),
        Some(_) => escapes::paired(text, out),
    }
    out.push(b'"');
}

/// Writes one text value and returns the instant that it stands for, if any.
///
/// Xero's rule for dates: the milliseconds are UTC. Under a key that ends in
/// `UTC` they are an instant; under any other they are midnight of a calendar
/// date, in the zone of the offset where there is one.
fn value(key: &[u8], text: &[u8], out: &mut Vec<u8>) -> Option<i64> {
    let is_instant = key.ends_with(b"UTC");
    if let Some((millis, offset)) = ms_date(text) {
        let shift = if is_instant {
            TimeDelta::zero()
        } else {
            offset
        };
        let moment =
            DateTime::from_timestamp_millis(millis).and_then(|at| at.checked_add_signed(shift));
        let Some(moment) = moment.filter(|at| (0..=9999).contains(&at.year())) else {
            quoted(text, out); // no date that could be written
            return None;
        };
        let written = if is_instant {
            instant(moment)
        } else {
            moment.format("%Y-%m-%d").to_string()
        };
        quoted(written.as_bytes(), out);
        return Some(millis);
    }
    if is_instant && let Some(moment) = iso_without_zone(text) {
        quoted(instant(moment).as_bytes(), out);
        return Some(moment.timestamp_millis());
    }
    if (NUMBERS_AS_TEXT.contains(&key) && is_number(text))
        || (BOOLEANS_AS_TEXT.contains(&key) && matches!(text, b"true" | b"false"))
    {
        out.extend_from_slice(text);
    } else {
        quoted(text, out);
    }
    None
}

/// Whether `text` is one number and nothing else.
fn is_number(text: &[u8]) -> bool {
    text.trim_ascii() == text && serde_json::from_slice::<f64>(text).is_ok()
}

/// RFC 3339 with milliseconds and `Z`, as every instant is written.
pub(crate) fn instant(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads `/Date(1426849200000+1300)/`, its slashes escaped or not, its offset
/// there or not, as milliseconds and offset.
pub(crate) fn ms_date(text: &[u8]) -> Option<(i64, TimeDelta)> {
    let text = text.strip_prefix(b"\\").unwrap_or(text);
    let inner = text.strip_prefix(b"/Date(")?;
    let inner = inner
        .strip_suffix(b")\\/")
        .or_else(|| inner.strip_suffix(b")/"))?;
    let inner = std::str::from_utf8(inner).ok()?;
    // The first byte may be the sign of the milliseconds.
    let sign = inner.get(1..)?.find(['+', '-']).map(|at| at + 1);
    let (millis, offset) = inner.split_at(sign.unwrap_or(inner.len()));
    let offset = match offset {
        "" => TimeDelta::zero(),
        _ => {
            let hhmm: i64 = offset.parse().ok()?;
            TimeDelta::try_minutes(hhmm / 100 * 60 + hhmm % 100)?
        }
    };
    Some((millis.parse().ok()?, offset))
}

/// Reads `2015-09-09T22:13:28`, which some endpoints send for an instant.
fn iso_without_zone(text: &[u8]) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(text).ok()?;
    let moment = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f");
    Some(moment.ok()?.and_utc())
}

#[cfg(test)]
mod differential;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod tests;
