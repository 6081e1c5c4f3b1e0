//! What stands around the rows of an answer.

use std::fmt;

use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json::{self, Misread};
use crate::protocol::now_millis;
use crate::rewrite;

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
                rows: json::read(body).map_err(is_no_json)?,
                pagination: None,
                clock: None,
            });
        };
        let mut parser = serde_json::Deserializer::from_slice(body);
        let envelope = parser.deserialize_map(EnvelopeVisitor { key });
        let envelope = envelope.and_then(|envelope| parser.end().map(|()| envelope));
        envelope
            .map_err(|error| is_no_json(error.into()))?
            .ok_or_else(|| format!("the body has no \"{key}\""))
    }
}

/// The rows of a list. A single row may come without the list around it.
fn list(value: &RawValue) -> serde_json::Result<Option<Vec<&RawValue>>> {
    match value.get().starts_with('{') {
        true => Ok(Some(vec![value])),
        false => serde_json::from_str(value.get()),
    }
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
    type Value = Option<Envelope<'de>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut rows, mut pagination, mut time) = (None, None, None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                // Which of two would be the list?
                name if name == self.key && rows.is_some() => {
                    return Err(A::Error::custom("the list comes twice"));
                }
                name if name == self.key => {
                    rows = list(map.next_value()?).map_err(A::Error::custom)?;
                }
                // Hints: what cannot be understood is as if it were missing.
                "pagination" => pagination = Pagination::read(&map.next_value()?),
                "DateTimeUTC" => time = map.next_value::<Value>()?.as_str().and_then(clock),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(rows.map(|rows| Envelope {
            rows,
            pagination,
            clock: time,
        }))
    }
}
