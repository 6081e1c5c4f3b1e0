//! One answer of Xero as RECORD lines, with what the walk must know of each row.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::cut;
use crate::lines::Lines;
use crate::rewrite::{self, Fields, Marks};
use crate::streams::{Family, Paging, Source, Stream, TENANT};

/// The year 10000: instants from then on cannot be written in RFC 3339.
const LATEST: i64 = 253_402_300_800_000;

/// Bytes that a line is longer than Xero's row, about.
const ROOM_FOR_HEAD: usize = 160;

/// The rows of one answer, rewritten, and what the answer says about itself.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The lines of each member of the family that was asked for.
    lines: Vec<Lines>,
    /// What the walk goes by, row by row.
    pub(crate) rows: Vec<Marks>,
    /// Where the page stands in the list, if the answer is paged.
    pub(crate) pagination: Option<Pagination>,
    /// `DateTimeUTC`: Xero's clock when it answered, milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
}

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
        let count = |name: &str| value.get(name).and_then(Value::as_u64);
        value.is_object().then(|| Pagination {
            page_count: count("pageCount"),
            item_count: count("itemCount"),
        })
    }
}

impl Page {
    /// Reads the body of a success into lines of the family's members. An error
    /// says why the body is no page.
    pub(crate) fn parse(body: &[u8], family: &Family, tenant: &str) -> Result<Page, String> {
        let parent = family.parent;
        let endpoint = parent.endpoint();
        let envelope = Envelope::parse(body, endpoint.envelope)?;
        let room = body.len() + envelope.rows.len() * ROOM_FOR_HEAD;
        let mut own = Lines::of(parent.name, tenant, room);
        let mut cuts: Vec<_> = family
            .members
            .iter()
            .filter_map(|member| match &member.source {
                Source::Endpoint(_) | Source::Report(_) => None,
                Source::Parent(cut) => Some((cut, member, Lines::of(member.name, tenant, 0))),
            })
            .collect();
        let is_selected = cuts.len() < family.members.len();
        let mut rows = Vec::with_capacity(envelope.rows.len());
        for row in envelope.rows {
            let row = row.get().as_bytes();
            if !row.starts_with(b"{") {
                return Err(format!("a row of {} is no object", parent.name));
            }
            if endpoint.envelope.is_none() {
                own.tenant(&connected(row)?);
            }
            let (marks, data) = own.line(|out| members(row, parent, out));
            rows.push(checked(marks, parent, tenant)?);
            if !cuts.is_empty() {
                let unreadable =
                    |error| format!("a row of {} cannot be cut ({error})", parent.name);
                let data = cut::Row::parse(own.bytes(data)).map_err(unreadable)?;
                for (cut, member, lines) in &mut cuts {
                    let key = member.key.first().copied().unwrap_or_default();
                    data.cut(cut, key, lines).map_err(unreadable)?;
                    lines.end_row();
                }
            }
            match is_selected {
                true => own.end_row(),
                false => own.clear(),
            }
        }
        let mut cuts = cuts.into_iter().map(|(_, _, lines)| lines);
        let mut own = Some(own);
        let of = |member: &&'static Stream| match member.source {
            Source::Endpoint(_) | Source::Report(_) => own.take(),
            Source::Parent(_) => cuts.next(),
        };
        Ok(Page {
            lines: family.members.iter().filter_map(of).collect(),
            rows,
            pagination: envelope.pagination,
            clock: envelope.clock,
        })
    }

    /// A page of rows without content, for tests of the walk.
    #[cfg(test)]
    pub(crate) fn of(
        rows: impl IntoIterator<Item = (String, i64)>,
        pagination: Option<Pagination>,
        clock: Option<i64>,
    ) -> Page {
        let marks = |(key, cursor): (String, i64)| Marks {
            key: Some(key.into()),
            cursor: Some(cursor),
        };
        Page {
            lines: Vec::new(),
            rows: rows.into_iter().map(marks).collect(),
            pagination,
            clock,
        }
    }

    /// The lines of each member, in the order of the family, and what the walk goes by.
    pub(crate) fn into_parts(self) -> (Vec<Lines>, Vec<Marks>) {
        (self.lines, self.rows)
    }
}

/// Writes the members of a row behind the organisation that the line begins with.
fn members(row: &[u8], stream: &Stream, out: &mut Vec<u8>) -> Marks {
    out.push(b',');
    let before = out.len();
    let fields = Fields {
        key: stream.id(),
        cursor: stream.cursor,
    };
    let marks = rewrite::members(row, fields, out);
    if out.len() == before {
        out.pop(); // nothing follows the comma
    }
    marks
}

/// Refuses a row that can neither be told from others nor be gone on from.
fn checked(mut marks: Marks, stream: &Stream, tenant: &str) -> Result<Marks, String> {
    if stream.id() == TENANT {
        marks.key = Some(tenant.into());
    }
    let lacks = |field: &str| Err(format!("a row has no {field}"));
    match stream.cursor {
        _ if marks.key.is_none() => lacks(stream.id()),
        Some(cursor) if stream.endpoint().paging == Paging::Offset && marks.cursor.is_none() => {
            lacks(cursor)
        }
        _ => Ok(marks),
    }
}

/// The organisation that a connection leads to.
fn connected(row: &[u8]) -> Result<String, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Connection {
        tenant_id: String,
    }
    let connection: Result<Connection, _> = serde_json::from_slice(row);
    connection
        .map(|connection| connection.tenant_id)
        .map_err(|_| "a connection names no organisation".to_owned())
}

/// The answer, its rows still raw.
struct Envelope<'a> {
    rows: Vec<&'a RawValue>,
    pagination: Option<Pagination>,
    clock: Option<i64>,
}

impl<'a> Envelope<'a> {
    /// The rows below `key`; the whole body is the list if there is none.
    fn parse(body: &'a [u8], key: Option<&str>) -> Result<Envelope<'a>, String> {
        // The parser's words give a position, never the content.
        let is_no_json = |error| format!("the body is not the JSON that was asked for ({error})");
        let Some(key) = key else {
            return Ok(Envelope {
                rows: serde_json::from_slice(body).map_err(is_no_json)?,
                pagination: None,
                clock: None,
            });
        };
        let mut parser = serde_json::Deserializer::from_slice(body);
        let envelope = parser.deserialize_map(EnvelopeVisitor { key });
        let envelope = envelope.and_then(|envelope| parser.end().map(|()| envelope));
        envelope
            .map_err(is_no_json)?
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

/// Xero's clock, unless it tells a time that cannot be written.
fn moment(text: &str) -> Option<i64> {
    let (millis, _) = rewrite::ms_date(text.as_bytes())?;
    (0..LATEST).contains(&millis).then_some(millis)
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
        let (mut rows, mut pagination, mut clock) = (None, None, None);
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
                "DateTimeUTC" => clock = map.next_value::<Value>()?.as_str().and_then(moment),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(rows.map(|rows| Envelope {
            rows,
            pagination,
            clock,
        }))
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
