//! Compares the byte rewriting with a simple serde_json implementation on generated rows.
//!
//! The simple implementation parses a row into a tree, keeps numbers as text, and applies the rules
//! for strings to the tree.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::generated_rows::row;
use super::*;
use crate::cases::cases;

/// A parsed value.
#[derive(Debug, PartialEq, Eq)]
enum Tree {
    /// A number or literal, as it was sent.
    Bare(String),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Parses the value of `key`. `text` converts its strings.
    fn read(raw: &RawValue, key: &str, text: fn(&str, &str) -> Tree) -> Tree {
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
fn ruled(key: &str, text: &str) -> Tree {
    let is_instant = key.ends_with("UTC");
    let pattern = match is_instant {
        true => "%Y-%m-%dT%H:%M:%S%.3fZ",
        false => "%Y-%m-%d",
    };
    let moment = match text
        .strip_prefix("/Date(")
        .and_then(|rest| rest.strip_suffix(")/"))
    {
        Some(inner) => ms_date_in(inner, is_instant),
        None if is_instant => iso(text),
        None => None,
    };
    if let Some(moment) = moment.filter(|at| (0..=9999).contains(&at.year())) {
        return Tree::Text(moment.format(pattern).to_string());
    }
    let is_number = || text.trim() == text && serde_json::from_str::<f64>(text).is_ok();
    match key {
        "TotalAmount" | "JournalNumber" if is_number() => Tree::Bare(text.to_owned()),
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
    text.contains('T').then_some(moment.and_utc())
}

/// Removes the fields that the connector writes itself.
fn without_ours(row: Tree) -> Tree {
    let Tree::Object(mut members) = row else {
        return row;
    };
    members.retain(|(key, _)| key != "TenantID");
    Tree::Object(members)
}

/// Reads the values that the walk needs from the members of a row.
fn plain_marks(row: &RawValue) -> RowKey {
    let members: Members = serde_json::from_str(row.get()).unwrap();
    let mut row_key = RowKey::default();
    for (key, value) in members.0 {
        let text = value.get().strip_prefix('"').map(|_| decoded(value));
        match (decoded(key).as_str(), text) {
            // The key keeps its JSON escapes, because it is only compared.
            ("InvoiceID", Some(_)) => {
                row_key.key = value.get().get(1..value.get().len() - 1).map(Into::into)
            }
            ("UpdatedDateUTC", Some(stamp)) => {
                let inner = stamp.strip_prefix("/Date(");
                let moment = match inner.and_then(|rest| rest.strip_suffix(")/")) {
                    Some(inner) => ms_date_in(inner, true),
                    None => iso(&stamp),
                };
                let moment = moment.filter(|at| (0..=9999).contains(&at.year()));
                let millis = moment.map(|at| at.timestamp_millis());
                row_key.cursor = millis.filter(|millis| *millis > 0);
            }
            _ => {}
        }
    }
    row_key
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn both_implementations_agree((row, gaps) in row()) {
        let mut tokens = Vec::new();
        row.tokens(&mut tokens);
        let compact = tokens.concat();
        let gaps = gaps.into_iter().cycle();
        let spaced: String = tokens[1..].iter().zip(gaps).flat_map(|(token, gap)| [gap, token]).collect();
        let spaced = format!("{{{spaced}");

        let (out, row_key) = rewritten(&compact);
        prop_assert_eq!(rewritten(&spaced), (out.clone(), row_key.clone()), "white space changes the result");
        prop_assert!(!out.contains(['\n', '\r']));

        let read = |json: &str, text| Tree::read(serde_json::from_str(json).unwrap(), "", text);
        let as_it_is = |_: &str, text: &str| Tree::Text(text.to_owned());
        prop_assert_eq!(read(&out, as_it_is), without_ours(read(&compact, ruled)));
        prop_assert_eq!(row_key, plain_marks(serde_json::from_str(&compact).unwrap()));
    }
}
