//! Parses the envelope of a response: the rows as raw JSON, `pagination`, and `DateTimeUTC`.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::airbyte::protocol::now_millis;
use crate::json::{self, Misread};
use crate::rows::rewrite;

/// Maximum time by which Xero's clock may be ahead of the local clock: one day, in milliseconds.
const MAX_CLOCK_LEAD: i64 = 24 * 60 * 60 * 1000;

/// Xero's `pagination` object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pagination {
    /// Number of pages in the list.
    pub(crate) page_count: Option<u64>,
    /// Number of rows in the list.
    pub(crate) item_count: Option<u64>,
}

impl Pagination {
    fn read(value: &Value) -> Option<Pagination> {
        let number = |name: &str| value.get(name).and_then(count);
        value.is_object().then(|| Pagination {
            page_count: number("pageCount"),
            item_count: number("itemCount"),
        })
    }

    /// Reads `TotalCount`, which the Files API sends instead of the object.
    fn of_total(value: &Value) -> Option<Pagination> {
        let total = count(value)?;
        Some(Pagination {
            page_count: None,
            item_count: Some(total),
        })
    }
}

/// Reads a count. A count above 32 bits is implausible, and the walk plans its requests from it.
fn count(value: &Value) -> Option<u64> {
    u32::try_from(value.as_u64()?).ok().map(u64::from)
}

/// A parsed response whose rows are raw JSON.
pub(crate) struct Envelope<'a> {
    /// The rows, of any JSON type.
    pub(crate) rows: Vec<&'a RawValue>,
    /// The counts of a paged response.
    pub(crate) pagination: Option<Pagination>,
    /// `DateTimeUTC`: Xero's clock at the time of the response, in milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
}

impl<'a> Envelope<'a> {
    /// Parses the rows under `key`. Without a key the whole body is the list, or the only row.
    pub(crate) fn parse(body: &'a [u8], key: Option<&str>) -> Result<Envelope<'a>, String> {
        let is_no_json =
            |misread: Misread| format!("the body is not the expected JSON ({misread})");
        let Some(key) = key else {
            let rows = match json::read::<&RawValue>(body).map_err(is_no_json)? {
                row if row.get().starts_with('{') => vec![row],
                _ => json::read::<Rows<'_>>(body)
                    .map_err(is_no_json)?
                    .checked()
                    .ok_or_else(too_many_rows)?,
            };
            return Ok(Envelope {
                rows,
                pagination: None,
                clock: None,
            });
        };
        let parse = |visitor| {
            let mut parser = serde_json::Deserializer::from_slice(body);
            let envelope = parser.deserialize_map(visitor)?;
            parser.end()?;
            Ok(envelope)
        };
        let mut visitor = EnvelopeVisitor {
            key,
            is_single_row: false,
        };
        let mut envelope = parse(visitor);
        if matches!(envelope, Ok(Err(Rejected::SingleRow))) {
            visitor.is_single_row = true;
            envelope = parse(visitor);
        }
        match envelope.map_err(|error: serde_json::Error| is_no_json(error.into()))? {
            Ok(Some(envelope)) => Ok(envelope),
            Ok(None) | Err(Rejected::SingleRow) => Err(format!("the body has no \"{key}\"")),
            Err(Rejected::TwoLists) => Err("the body has the list twice".to_owned()),
            Err(Rejected::TooManyRows) => Err(too_many_rows()),
        }
    }
}

/// Maximum number of rows in a response. Xero rejects lists of more than 100,000 rows.
const MAX_ROWS: usize = 1_000_000;

/// Maximum length of `pagination` and `DateTimeUTC`, in bytes. Longer values are ignored.
const MAX_HINT_BYTES: usize = 1_000;

/// The rows of a list, limited to `MAX_ROWS`.
#[derive(Default)]
struct Rows<'a> {
    rows: Vec<&'a RawValue>,
    /// Whether the list has more than `MAX_ROWS` rows.
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
            match all.rows.len() < MAX_ROWS {
                true => all.rows.push(row),
                false => all.are_too_many = true,
            }
        }
        Ok(all)
    }
}

impl<'a> Rows<'a> {
    /// Returns the rows, or `None` if there are too many.
    fn checked(self) -> Option<Vec<&'a RawValue>> {
        (!self.are_too_many).then_some(self.rows)
    }
}

fn too_many_rows() -> String {
    format!("the list has more than {MAX_ROWS} rows")
}

/// What stands where a list is expected.
enum List<'a> {
    /// `null`.
    Absent,
    Rows(Rows<'a>),
    /// A single row without a list around it.
    SingleRow,
}

impl<'de> Deserialize<'de> for List<'de> {
    fn deserialize<D: Deserializer<'de>>(parser: D) -> Result<List<'de>, D::Error> {
        parser.deserialize_any(ListVisitor)
    }
}

/// Finds the rows while it validates them: a page has megabytes.
struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = List<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        RowsVisitor.expecting(out)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<List<'de>, E> {
        Ok(List::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<List<'de>, A::Error> {
        RowsVisitor.visit_seq(list).map(List::Rows)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut row: A) -> Result<List<'de>, A::Error> {
        while row.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(List::SingleRow)
    }
}

/// Parses `pagination` or `DateTimeUTC`. Returns `None` if the value is too long or invalid.
fn hint(value: &RawValue) -> Option<Value> {
    let text = value.get();
    let text = Some(text).filter(|text| text.len() <= MAX_HINT_BYTES);
    text.and_then(|text| serde_json::from_str(text).ok())
}

/// Parses `DateTimeUTC` to milliseconds since the epoch. Returns `None` for an implausible time:
/// cursors follow this clock, so a clock far in the future would skip rows.
pub(crate) fn clock(text: &str) -> Option<i64> {
    let (millis, _) = rewrite::ms_date(text.as_bytes())?;
    (0..now_millis() + MAX_CLOCK_LEAD)
        .contains(&millis)
        .then_some(millis)
}

/// Why a JSON object is not an envelope.
enum Rejected {
    /// The object has the key of the list twice. It is unclear which list is the right one.
    TwoLists,
    /// A single row stands where a list was expected.
    SingleRow,
    TooManyRows,
}

#[derive(Clone, Copy)]
struct EnvelopeVisitor<'k> {
    key: &'k str,
    /// Whether a single row is expected instead of a list.
    is_single_row: bool,
}

impl EnvelopeVisitor<'_> {
    fn list<'de, A: MapAccess<'de>>(self, map: &mut A) -> Result<List<'de>, A::Error> {
        match self.is_single_row {
            false => map.next_value(),
            true => Ok(List::Rows(Rows {
                rows: vec![map.next_value()?],
                ..Rows::default()
            })),
        }
    }
}

impl<'de> Visitor<'de> for EnvelopeVisitor<'_> {
    type Value = Result<Option<Envelope<'de>>, Rejected>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut list, mut pagination, mut time) = (None, None, None);
        let mut is_duplicate = false;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                name if name == self.key && list.is_some() => {
                    is_duplicate = true;
                    map.next_value::<IgnoredAny>()?;
                }
                name if name == self.key => list = Some(self.list(&mut map)?),
                // The walk can do without these values, so invalid ones are ignored.
                "pagination" => {
                    pagination = hint(map.next_value()?).as_ref().and_then(Pagination::read);
                }
                "TotalCount" => {
                    let total = hint(map.next_value()?);
                    pagination = total.as_ref().and_then(Pagination::of_total);
                }
                "DateTimeUTC" => {
                    let text = hint(map.next_value()?);
                    time = text.as_ref().and_then(Value::as_str).and_then(clock);
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let rows = match list {
            _ if is_duplicate => return Ok(Err(Rejected::TwoLists)),
            None | Some(List::Absent) => return Ok(Ok(None)),
            Some(List::SingleRow) => return Ok(Err(Rejected::SingleRow)),
            Some(List::Rows(rows)) => rows,
        };
        let envelope = |rows| Envelope {
            rows,
            pagination,
            clock: time,
        };
        let rows = rows.checked().ok_or(Rejected::TooManyRows);
        Ok(rows.map(|rows| Some(envelope(rows))))
    }
}
