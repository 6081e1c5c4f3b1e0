//! One answer of Xero as RECORD lines, with what the walk must know of each row.

use std::fmt;

use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::protocol::now_millis;
use crate::rewrite::{self, Fields, Marks};
use crate::streams::{Paging, Stream, TENANT};

/// The year 10000: instants from then on cannot be written in RFC 3339.
const LATEST: i64 = 253_402_300_800_000;

/// The rows of one answer, rewritten, and what the answer says about itself.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// RECORD lines, each ended by a newline.
    lines: Vec<u8>,
    /// A row for each line, in order.
    pub(crate) rows: Vec<Row>,
    /// Where the page stands in the list, if the answer is paged.
    pub(crate) pagination: Option<Pagination>,
    /// `DateTimeUTC`: Xero's clock when it answered, milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
}

/// One row of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its primary key and cursor.
    pub(crate) marks: Marks,
    /// Where its line ends in the page's lines.
    end: usize,
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
    /// Reads the body of a success. An error says why the body is no page.
    pub(crate) fn parse(body: &[u8], stream: &Stream, tenant: &str) -> Result<Page, String> {
        let envelope = Envelope::parse(body, stream.envelope)?;
        let mut page = Page {
            lines: Vec::with_capacity(body.len() + envelope.rows.len() * 160),
            rows: Vec::with_capacity(envelope.rows.len()),
            pagination: envelope.pagination,
            clock: envelope.clock,
        };
        let head = format!(
            r#"{{"type":"RECORD","record":{{"stream":"{}","emitted_at":{},"data":{{"{TENANT}":{}"#,
            stream.name,
            now_millis(),
            Value::from(tenant),
        );
        let fields = Fields {
            key: stream.key,
            cursor: stream.cursor,
        };
        for row in envelope.rows {
            let row = row.get().as_bytes();
            if !row.starts_with(b"{") {
                return Err(format!("a row of {} is no object", stream.envelope));
            }
            page.lines.extend_from_slice(head.as_bytes());
            page.lines.push(b',');
            let before = page.lines.len();
            let mut marks = rewrite::members(row, fields, &mut page.lines);
            if page.lines.len() == before {
                page.lines.pop(); // nothing follows the comma
            }
            if stream.key == TENANT {
                marks.key = Some(tenant.into());
            }
            // Without them a row can neither be told from others nor be gone on from.
            if marks.key.is_none() {
                return Err(format!("a row has no {}", stream.key));
            }
            if stream.paging == Paging::Offset && marks.cursor.is_none() {
                return Err(format!(
                    "a row has no {}",
                    stream.cursor.unwrap_or_default()
                ));
            }
            page.lines.extend_from_slice(b"}}}\n");
            let end = page.lines.len();
            page.rows.push(Row { marks, end });
        }
        Ok(page)
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
        let rows: Vec<_> = rows
            .into_iter()
            .map(|row| Row {
                marks: marks(row),
                end: 0,
            })
            .collect();
        Page {
            lines: Vec::new(),
            rows,
            pagination,
            clock,
        }
    }

    /// The lines of the rows for which `keep` holds, and their number.
    pub(crate) fn into_lines(mut self, keep: &[bool]) -> (Vec<u8>, u64) {
        let (mut from, mut kept, mut records) = (0, 0, 0);
        for (row, keep) in self.rows.iter().zip(keep) {
            if *keep {
                self.lines.copy_within(from..row.end, kept);
                kept += row.end - from;
                records += 1;
            }
            from = row.end;
        }
        self.lines.truncate(kept);
        (self.lines, records)
    }
}

/// The answer, its rows still raw.
struct Envelope<'a> {
    rows: Vec<&'a RawValue>,
    pagination: Option<Pagination>,
    clock: Option<i64>,
}

impl<'a> Envelope<'a> {
    fn parse(body: &'a [u8], key: &str) -> Result<Envelope<'a>, String> {
        let mut parser = serde_json::Deserializer::from_slice(body);
        let envelope = parser.deserialize_map(EnvelopeVisitor { key });
        let envelope = envelope.and_then(|envelope| parser.end().map(|()| envelope));
        // The parser's words give a position, never the content.
        envelope
            .map_err(|error| format!("the body is not the JSON that was asked for ({error})"))?
            .ok_or_else(|| format!("the body has no \"{key}\""))
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
                    rows = map.next_value::<Option<Vec<&'de RawValue>>>()?
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
