//! A second implementation of the rewriting, which is simple and slow, and a comparison of the two.
//! Only tests and fuzzing contain it.
//!
//! It parses a row into a tree, keeps numbers as text, and applies the rules for strings to the tree.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::bounds::{LARGEST_ROW, LimitExceeded, MOST_DIGITS};
use super::{KeyFields, RowKey, members};
use crate::xero::api::DateFields;

/// Maximum levels of nesting in a row. Its RECORD line has three more.
const MOST_LEVELS: usize = 124;

/// Rewrites a row with both implementations and compares the results. Returns the members of the
/// row and its key fields, or `None` if the row exceeds a limit.
///
/// # Panics
///
/// If the two results differ, if the rewritten row is not one line of JSON, or if a row is rejected
/// that exceeds no limit.
pub(crate) fn compared(row: &RawValue, fields: KeyFields<'_>) -> Option<(String, RowKey)> {
    let mut out = Vec::new();
    let size = Size::of(row.get());
    let row_key = match members(row.get().as_bytes(), fields, &mut out) {
        Ok(row_key) => row_key,
        Err(LimitExceeded::Bytes) => {
            assert!(row.get().len() > LARGEST_ROW, "the row is small");
            return None;
        }
        Err(LimitExceeded::Levels) => {
            assert!(size.levels > MOST_LEVELS, "{} levels", size.levels);
            return None;
        }
        Err(LimitExceeded::Digits) => {
            assert!(size.digits > MOST_DIGITS, "{} digits", size.digits);
            return None;
        }
    };
    let out = String::from_utf8(out).expect("a rewritten row is text");
    assert!(!out.contains(['\n', '\r']), "the row is not one line");
    let object = format!("{{{out}}}");
    let object: &RawValue = serde_json::from_str(&object).expect("a rewritten row is JSON");
    let size = Size::of(object.get());
    assert!(size.levels <= MOST_LEVELS, "{} levels", size.levels);
    assert!(size.digits <= MOST_DIGITS, "{} digits", size.digits);
    assert_eq!(
        Tree::parse(object),
        Tree::of_row(row, fields),
        "the row differs"
    );
    assert_eq!(row_key, key_of(row, fields), "the key fields differ");
    Some((out, row_key))
}

/// The sizes of a JSON text that are limited.
#[derive(Default)]
struct Size {
    /// The deepest level, without the outermost one.
    levels: usize,
    /// The digits of the longest number.
    digits: usize,
}

impl Size {
    fn of(json: &str) -> Size {
        let (mut size, mut depth, mut digits, mut is_escaped) =
            (Size::default(), 0_usize, 0, false);
        let mut is_text = false;
        for byte in json.bytes() {
            if is_text {
                is_text = byte != b'"' || is_escaped;
                is_escaped = byte == b'\\' && !is_escaped;
                continue;
            }
            match byte {
                b'"' => is_text = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            digits = match byte {
                b'0'..=b'9' => digits + 1,
                b'.' | b'-' | b'+' | b'e' | b'E' => digits,
                _ => 0,
            };
            size.levels = size.levels.max(depth.saturating_sub(1));
            size.digits = size.digits.max(digits);
        }
        size
    }
}

/// A parsed value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    /// A number or literal, as it was sent.
    Bare(String),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Parses JSON whose nesting is limited.
    pub(crate) fn parse(raw: &RawValue) -> Tree {
        Tree::read(raw, "", &|_, text| Tree::Text(text.to_owned()))
    }

    /// Returns the last member of an object with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        let Tree::Object(members) = self else {
            return None;
        };
        let member = members.iter().rfind(|(key, _)| key == name);
        member.map(|(_, value)| value)
    }

    /// Returns the objects in a list, each with its index.
    pub(crate) fn objects(&self) -> Vec<(u64, &Tree)> {
        let Tree::List(items) = self else {
            return Vec::new();
        };
        let items = (0..).zip(items);
        items
            .filter(|(_, item)| matches!(item, Tree::Object(_)))
            .collect()
    }

    /// Returns a whole number.
    pub(crate) fn number(&self) -> Option<u64> {
        let Tree::Bare(text) = self else {
            return None;
        };
        text.parse().ok()
    }

    /// Returns a string.
    pub(crate) fn text(&self) -> Option<&str> {
        let Tree::Text(text) = self else {
            return None;
        };
        Some(text)
    }

    /// Returns the row as the rules want it: with rewritten values, without the fields of the connector, whose
    /// nesting is not limited.
    fn of_row(row: &RawValue, fields: KeyFields<'_>) -> Tree {
        let members: Members = serde_json::from_str(row.get()).expect("a row is an object");
        let members = members.0.into_iter();
        let members = members.map(|(key, value)| (decoded(key), value));
        let kept = members.filter(|(key, _)| !fields.ours.contains(&key.as_str()));
        let kept = kept.map(|(key, value)| {
            let value = Tree::read(value, &key, &|key, text| ruled(key, text, fields.dates));
            (key, value)
        });
        Tree::Object(kept.collect())
    }

    /// Parses the value of `key`. `text` converts its strings.
    fn read(raw: &RawValue, key: &str, text: &impl Fn(&str, &str) -> Tree) -> Tree {
        let json = raw.get();
        match json.as_bytes()[0] {
            b'{' => {
                let members: Members = serde_json::from_str(json).unwrap();
                let member = |(key, value): (&RawValue, _)| {
                    let key = decoded(key);
                    let value = Tree::read(value, &key, text);
                    (key, value)
                };
                Tree::Object(members.0.into_iter().map(member).collect())
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(json).unwrap();
                let items = items.into_iter().map(|item| Tree::read(item, "", text));
                Tree::List(items.collect())
            }
            b'"' => text(key, &decoded(raw)),
            _ => Tree::Bare(json.to_owned()),
        }
    }
}

/// Returns the names of an object's members in their order, including duplicates.
pub(crate) fn names(object: &RawValue) -> Vec<String> {
    let members: Members = serde_json::from_str(object.get()).expect("it is an object");
    members
        .0
        .into_iter()
        .map(|(name, _)| decoded(name))
        .collect()
}

/// The members of an object in their order, including duplicates.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(InOrder)
    }
}

/// Returns the characters of a JSON string, with lone surrogates replaced.
fn decoded(raw: &RawValue) -> String {
    struct Bytes;
    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a string")
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
            Ok(bytes.to_vec())
        }
    }
    // When asked for bytes, serde_json writes a lone surrogate like a character: three bytes. The
    // first one is ED, the second one above 9F.
    let mut parser = serde_json::Deserializer::from_str(raw.get());
    let mut bytes = parser.deserialize_bytes(Bytes).unwrap();
    for at in 1..bytes.len() {
        if bytes[at - 1] == 0xed && bytes[at] > 0x9f {
            bytes[at - 1..=at + 1].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Applies the rules for strings in the simplest way.
fn ruled(key: &str, text: &str, fields: DateFields) -> Tree {
    let ends = |end: &&str| key.ends_with(end);
    let is_instant = fields.instants.iter().any(ends);
    let is_calendar_date = text.as_bytes().get(10) == Some(&b'T')
        && fields.calendar.iter().any(|part| key.contains(part));
    let pattern = match is_instant {
        true => "%Y-%m-%dT%H:%M:%S%.3fZ",
        false => "%Y-%m-%d",
    };
    let moment = match text
        .strip_prefix("/Date(")
        .and_then(|rest| rest.strip_suffix(")/"))
    {
        Some(inner) => ms_date_in(inner, is_instant),
        None if is_instant || is_calendar_date => iso(text),
        None => None,
    };
    if let Some(moment) = moment.filter(|at| (0..=9999).contains(&at.year())) {
        return Tree::Text(moment.format(pattern).to_string());
    }
    let is_number = || {
        let is_short = text.len() <= MOST_DIGITS && text.trim() == text;
        is_short && serde_json::from_str::<f64>(text).is_ok()
    };
    match key {
        "Amount" | "ContentLength" | "DaysInPayrollYear" | "JournalNumber" | "ReceiptNumber"
        | "TotalAmount" | "UnitAmount"
            if is_number() =>
        {
            Tree::Bare(text.to_owned())
        }
        "IsReconciled" if text == "true" || text == "false" => Tree::Bare(text.to_owned()),
        _ => Tree::Text(text.to_owned()),
    }
}

/// Parses the inside of `/Date(...)/`.
fn ms_date_in(inner: &str, is_instant: bool) -> Option<DateTime<Utc>> {
    let mut digits = inner.char_indices().skip(1);
    let sign = digits.find(|(_, sign)| matches!(sign, '+' | '-'));
    let (millis, offset) = match sign {
        Some((at, _)) => (&inner[..at], inner[at..].parse::<i64>().ok()?),
        None => (inner, 0),
    };
    let moment = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
    let minutes = TimeDelta::try_minutes(offset / 100 * 60 + offset % 100)?;
    match is_instant {
        true => Some(moment),
        false => moment.checked_add_signed(minutes),
    }
}

fn iso(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim_end_matches('Z');
    let moment = text.parse::<NaiveDateTime>().ok()?;
    let is_plain = text.contains('T') && !text.contains(char::is_whitespace);
    let moment = is_plain.then_some(moment.and_utc());
    moment.filter(|it| it.timestamp_millis() <= 253_402_300_799_999) // the end of 9999
}

/// Reads the values that the walk needs from the members of a row. The last value of a name counts.
fn key_of(row: &RawValue, fields: KeyFields<'_>) -> RowKey {
    let members: Members = serde_json::from_str(row.get()).expect("a row is an object");
    let mut row_key = RowKey::default();
    for (name, value) in members.0 {
        let name = decoded(name);
        if fields.ours.contains(&name.as_str()) {
            continue;
        }
        let value = value.get();
        if !value.starts_with('"') {
            row_key.flags.bare(name.as_bytes(), value.as_bytes());
            if name == fields.key {
                row_key.key = None;
            }
            if Some(name.as_str()) == fields.cursor {
                let number = value.parse().ok();
                row_key.cursor = number.filter(|_| !fields.dates.is_instant(name.as_bytes()));
            }
            if ["CreatedDateUTC", "CreatedDateUtc"].contains(&name.as_str()) {
                row_key.created = None;
            }
            continue;
        }
        let text = decoded(serde_json::from_str(value).expect("a string is JSON"));
        if name == fields.key {
            row_key.key = Some(text.as_str().into());
        }
        row_key.flags.text(name.as_bytes(), text.as_bytes());
        if ["CreatedDateUTC", "CreatedDateUtc"].contains(&name.as_str()) {
            row_key.created = instant(&text);
        }
        if Some(name.as_str()) == fields.cursor {
            row_key.cursor = match fields.dates.is_instant(name.as_bytes()) {
                true => instant(&text).filter(|millis| *millis > 0),
                false => text.parse().ok(),
            };
        }
    }
    row_key
}

/// Returns the milliseconds of an instant that RFC 3339 can express.
fn instant(text: &str) -> Option<i64> {
    let inner = text.strip_prefix("/Date(");
    let moment = match inner.and_then(|rest| rest.strip_suffix(")/")) {
        Some(inner) => ms_date_in(inner, true),
        None => iso(text),
    };
    let moment = moment.filter(|at| (0..=9999).contains(&at.year()));
    moment.map(|at| at.timestamp_millis())
}
