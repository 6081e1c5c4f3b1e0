//! What stands around the rows of an answer.

use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::airbyte::protocol::now_millis;
use crate::json::{self, Misread};
use crate::rows::rewrite;

/// By how much Xero's clock may be ahead of this machine's, in milliseconds: a day.
const AHEAD: i64 = 24 * 60 * 60 * 1000;

/// Xero's `pagination` object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pagination {
    /// How many pages the list has.
    pub(crate) page_count: Option<u64>,
    /// How many rows the list has.
    pub(crate) item_count: Option<u64>,
}

impl Pagination {
    fn read(value: &Value) -> Option<Pagination> {
        // No list of Xero is so long that its length would not fit 32 bits; plans are made by it.
        let count = |name: &str| {
            u32::try_from(value.get(name)?.as_u64()?)
                .ok()
                .map(u64::from)
        };
        value.is_object().then(|| Pagination {
            page_count: count("pageCount"),
            item_count: count("itemCount"),
        })
    }
}

/// The answer, its rows still raw.
pub(crate) struct Envelope<'a> {
    /// The rows, whatever they are.
    pub(crate) rows: Vec<&'a RawValue>,
    /// Where the rows stand in the list, if the answer is paged.
    pub(crate) pagination: Option<Pagination>,
    /// `DateTimeUTC`: Xero's clock when it answered, milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
}

impl<'a> Envelope<'a> {
    /// The rows below `key`; the whole body is the list if there is none.
    pub(crate) fn parse(body: &'a [u8], key: Option<&str>) -> Result<Envelope<'a>, String> {
        let is_no_json =
            |misread: Misread| format!("the body is not the JSON that was asked for ({misread})");
        let Some(key) = key else {
            return Ok(Envelope {
                rows: json::read::<Rows<'_>>(body)
                    .map_err(is_no_json)?
                    .checked()?,
                pagination: None,
                clock: None,
            });
        };
        let mut parser = serde_json::Deserializer::from_slice(body);
        let envelope = parser.deserialize_map(EnvelopeVisitor { key });
        let envelope = envelope.and_then(|envelope| parser.end().map(|()| envelope));
        envelope
            .map_err(|error| is_no_json(error.into()))??
            .ok_or_else(|| format!("the body has no \"{key}\""))
    }
}

/// The most rows of an answer. Xero takes lists of more than 100,000 for too long.
const MOST_ROWS: usize = 1_000_000;

/// The longest hint about a list that is looked at, in bytes.
const LONGEST_HINT: usize = 1_000;

/// The rows of a list, in however few bytes each stands.
#[derive(Default)]
struct Rows<'a> {
    rows: Vec<&'a RawValue>,
    /// There are more than a list has.
    are_too_many: bool,
}

impl<'de> Deserialize<'de> for Rows<'de> {
    fn deserialize<D: Deserializer<'de>>(parser: D) -> Result<Rows<'de>, D::Error> {
        parser.deserialize_seq(RowsVisitor)
    }
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = Rows<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows<'de>, A::Error> {
        let mut all = Rows::default();
        while let Some(row) = list.next_element()? {
            match all.rows.len() < MOST_ROWS {
                true => all.rows.push(row),
                false => all.are_too_many = true,
            }
        }
        Ok(all)
    }
}

impl<'a> Rows<'a> {
    /// Unless they are too many.
    fn checked(self) -> Result<Vec<&'a RawValue>, String> {
        match self.are_too_many {
            false => Ok(self.rows),
            true => Err(format!("the list has more than {MOST_ROWS} rows")),
        }
    }
}

/// The rows of a list. A single row may come without the list around it.
fn list(value: &RawValue) -> serde_json::Result<Option<Rows<'_>>> {
    match value.get().starts_with('{') {
        true => Ok(Some(Rows {
            rows: vec![value],
            ..Rows::default()
        })),
        false => serde_json::from_str(value.get()),
    }
}

/// The value of a hint, of which a long one makes no sense.
fn hint(value: &RawValue) -> Option<Value> {
    let text = value.get();
    let text = Some(text).filter(|text| text.len() <= LONGEST_HINT);
    text.and_then(|text| serde_json::from_str(text).ok())
}

/// Reads `DateTimeUTC`, milliseconds since the epoch; none where it cannot be the time. Positions
/// go by it, so that all rows up to a clock that is far ahead would never be asked for.
pub(crate) fn clock(text: &str) -> Option<i64> {
    let (millis, _) = rewrite::ms_date(text.as_bytes())?;
    (0..now_millis() + AHEAD)
        .contains(&millis)
        .then_some(millis)
}

struct EnvelopeVisitor<'k> {
    key: &'k str,
}

impl<'de> Visitor<'de> for EnvelopeVisitor<'_> {
    type Value = Result<Option<Envelope<'de>>, String>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut rows, mut pagination, mut time) = (None, None, None);
        let mut comes_twice = false;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                // Which of two would be the list?
                name if name == self.key && rows.is_some() => {
                    comes_twice = true;
                    map.next_value::<IgnoredAny>()?;
                }
                name if name == self.key => {
                    rows = list(map.next_value()?).map_err(A::Error::custom)?;
                }
                // Hints: what cannot be understood is as if it were missing.
                "pagination" => {
                    pagination = hint(map.next_value()?).as_ref().and_then(Pagination::read);
                }
                "DateTimeUTC" => {
                    let told = hint(map.next_value()?);
                    time = told.as_ref().and_then(Value::as_str).and_then(clock);
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if comes_twice {
            return Ok(Err("the list comes twice".to_owned()));
        }
        let rows: Option<Rows<'de>> = rows;
        let rows = rows.map(Rows::checked).transpose();
        Ok(rows.map(|rows| {
            rows.map(|rows| Envelope {
                rows,
                pagination,
                clock: time,
            })
        }))
    }
}
