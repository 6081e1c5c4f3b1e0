//! One answer of Xero as RECORD lines, with what the walk must know of each row.

use serde::Deserialize;

use crate::json::{self, Misread};
use crate::rows::children;
use crate::rows::envelope::{Envelope, Pagination};
use crate::rows::lines::Lines;
use crate::rows::rewrite::{self, Beyond, KeyFields, RowKey};
use crate::streams::{Family, Paging, Source, Stream, TENANT};
use crate::xero::body::{MAX_LIST, MAX_SMALL};
use crate::xero::fault::ParseError;

/// Bytes that a line is longer than Xero's row, about.
const ROOM_FOR_HEAD: usize = 160;

/// How many times its bytes a small answer may become.
const MOST_OF_ONE: usize = 8;

/// One page of a list: its rows as RECORD lines, and the facts that a walk goes by.
#[derive(Debug)]
pub(crate) struct Page {
    /// The lines of each selected member of the family, in the order of the family.
    pub(crate) lines: Vec<Lines>,
    pub(crate) facts: PageFacts,
}

/// What a page says about its rows and about its place in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageFacts {
    /// The keys of each row, in the order of the page.
    pub(crate) rows: Vec<RowKey>,
    /// Where the page stands in the list, if the answer is paged.
    pub(crate) pagination: Option<Pagination>,
    /// `DateTimeUTC`: Xero's clock when it answered, milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
}

impl Page {
    /// Reads the body of a success into lines of the family's members. An error
    /// says why the body is no page.
    pub(crate) fn parse(body: &[u8], family: &Family, tenant: &str) -> Result<Page, ParseError> {
        let parent = family.parent;
        let endpoint = parent.endpoint();
        let envelope = Envelope::parse(body, endpoint.envelope)?;
        // Rows of a few bytes each become many times as much.
        let most = match body.len() > MAX_SMALL {
            true => MAX_LIST,
            false => MAX_SMALL * MOST_OF_ONE,
        };
        let room = most.min(body.len() + envelope.rows.len() * ROOM_FOR_HEAD);
        let mut own = Lines::of(parent.name, tenant, room);
        let mut cuts: Vec<_> = family
            .members
            .iter()
            .filter_map(|member| match &member.source {
                Source::Child(cut) => Some((cut, member, Lines::of(member.name, tenant, 0))),
                _ => None,
            })
            .collect();
        let is_selected = cuts.len() < family.members.len();
        let mut rows = Vec::with_capacity(envelope.rows.len());
        for row in envelope.rows {
            let row = row.get().as_bytes();
            if !row.starts_with(b"{") {
                return Err(format!("a row of {} is no object", parent.name).into());
            }
            if parent.belongs_to_token() {
                own.tenant(&connected(row)?);
            }
            let (marks, data) = own.line(|out| members(row, parent, out));
            rows.push(checked(marks?, parent, tenant)?);
            if !cuts.is_empty() {
                let unreadable = |error| {
                    let misread = Misread::from(&error);
                    format!("a row of {} cannot be cut ({misread})", parent.name)
                };
                let data = children::ParentRow::parse(own.bytes(data)).map_err(unreadable)?;
                let mut used = own.len() + cuts.iter().map(|(_, _, it)| it.len()).sum::<usize>();
                for (cut, member, lines) in &mut cuts {
                    let key = member.key.first().copied().unwrap_or_default();
                    let before = lines.len();
                    let room = before + most.saturating_sub(used);
                    data.cut(cut, key, lines, room).map_err(unreadable)?;
                    used += lines.len() - before;
                    if used > most {
                        return Err(ParseError::TooLarge); // the cut has stopped in the middle
                    }
                    lines.end_row();
                }
            }
            match is_selected {
                true => own.end_row(),
                false => own.clear(),
            }
            let cut = cuts.iter().map(|(_, _, lines)| lines.len());
            if own.len() + cut.sum::<usize>() > most {
                return Err(ParseError::TooLarge);
            }
        }
        let mut cuts = cuts.into_iter().map(|(_, _, lines)| lines);
        let mut own = Some(own);
        let of = |member: &&'static Stream| match member.source {
            Source::Child(_) => cuts.next(),
            _ => own.take(),
        };
        // Counts of less than stands here count nothing: the list would end too soon.
        let (is_empty, count) = (rows.is_empty(), rows.len() as u64);
        let pagination = envelope.pagination.filter(|told| {
            let has_page = told.page_count.is_none_or(|pages| pages > 0 || is_empty);
            has_page && told.item_count.is_none_or(|items| items >= count)
        });
        let facts = PageFacts {
            rows,
            pagination,
            clock: envelope.clock,
        };
        Ok(Page {
            lines: family.members.iter().filter_map(of).collect(),
            facts,
        })
    }
}

impl PageFacts {
    /// How many rows the list has, if the page tells. No page in front of the last one has fewer
    /// rows than this one: a count that says otherwise counts nothing.
    pub(crate) fn counted(&self) -> Option<u64> {
        let counts = self.pagination?;
        let least = match counts.page_count {
            Some(pages) if pages > 1 && !self.rows.is_empty() => {
                (pages - 1) * self.rows.len() as u64 + 1
            }
            _ => 0,
        };
        counts.item_count.filter(|items| *items >= least)
    }

    /// The facts of a page with these keys and cursors.
    #[cfg(test)]
    pub(crate) fn of(
        rows: impl IntoIterator<Item = (String, i64)>,
        pagination: Option<Pagination>,
        clock: Option<i64>,
    ) -> PageFacts {
        let marks = |(key, cursor): (String, i64)| RowKey {
            key: Some(key.into()),
            cursor: Some(cursor),
            ..RowKey::default()
        };
        PageFacts {
            rows: rows.into_iter().map(marks).collect(),
            pagination,
            clock,
        }
    }
}

/// Writes the members of a row behind the organisation that the line begins with.
fn members(row: &[u8], stream: &Stream, out: &mut Vec<u8>) -> Result<RowKey, Beyond> {
    out.push(b',');
    let before = out.len();
    let fields = KeyFields {
        key: stream.id(),
        cursor: stream.cursor,
        ours: &[TENANT],
    };
    let marks = rewrite::members(row, fields, out)?;
    if out.len() == before {
        out.pop(); // nothing follows the comma
    }
    Ok(marks)
}

/// Refuses a row that can neither be told from others nor be gone on from.
fn checked(mut marks: RowKey, stream: &Stream, tenant: &str) -> Result<RowKey, String> {
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
    json::read::<Connection>(row)
        .map(|connection| connection.tenant_id)
        .map_err(|_| "a connection names no organisation".to_owned())
}

#[cfg(test)]
mod tests;
