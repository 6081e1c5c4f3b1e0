//! Parses one response into RECORD lines, and extracts the facts that the walk needs.

use serde::Deserialize;

use crate::json;
use crate::memory::MAX_SMALL;
use crate::rows::children::ChildLines;
use crate::rows::contacts::Contact;
use crate::rows::envelope::{Envelope, Pagination};
use crate::rows::record_lines::{LINE_OVERHEAD, RecordLines};
use crate::rows::rewrite::{self, KeyFields, RowKey};
use crate::streams::{Family, Source, Stream, TENANT};
use crate::xero::body::MAX_LIST;
use crate::xero::fault::ParseError;

/// Maximum ratio of the bytes of all lines to `MAX_SMALL`, for a small response.
const MAX_GROWTH: usize = 8;

/// One page of a list: its rows as RECORD lines, and the facts for the walk.
#[derive(Debug)]
pub(crate) struct Page {
    /// The lines of each selected stream of the family, in the order of `members`.
    pub(crate) lines: Vec<RecordLines>,
    /// The contact of each row, if the family has an aged report.
    pub(crate) contacts: Vec<Contact>,
    pub(crate) facts: PageFacts,
}

/// The keys of a page's rows, and the position of the page in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageFacts {
    /// The keys of each row, in the order of the page.
    pub(crate) rows: Vec<RowKey>,
    /// Xero's counts for the list. `None` if the response has no plausible counts.
    pub(crate) pagination: Option<Pagination>,
    /// `DateTimeUTC`: Xero's clock at the time of the response, in milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
}

impl Page {
    /// Parses the body of a successful response into lines of the family's members. The error
    /// explains why the body is not a page.
    pub(crate) fn parse(body: &[u8], family: &Family, tenant: &str) -> Result<Page, ParseError> {
        let parent = family.parent;
        let endpoint = parent.endpoint();
        let envelope = Envelope::parse(body, endpoint.envelope)?;
        // Each line has a fixed overhead, so a body of tiny rows grows the most.
        let max_bytes = match body.len() > MAX_SMALL {
            true => MAX_LIST,
            false => MAX_SMALL * MAX_GROWTH,
        };
        let room = max_bytes.min(body.len() + envelope.rows.len() * LINE_OVERHEAD);
        let mut own = RecordLines::new(parent.name, tenant, room);
        let mut children = ChildLines::of(family, tenant);
        let is_selected = family.members.iter().any(|it| it.name == parent.name);
        let has_report = (family.members.iter()).any(|it| matches!(it.source, Source::Report(_)));
        let mut contacts = Vec::new();
        let fields = KeyFields {
            key: parent.id(),
            cursor: parent.cursor,
            ours: &[TENANT],
            dates: endpoint.api.dates,
        };
        let mut rows = Vec::with_capacity(envelope.rows.len());
        for row in envelope.rows {
            let row = row.get().as_bytes();
            if !row.starts_with(b"{") {
                return Err(format!("a row of {} is not an object", parent.name).into());
            }
            if parent.belongs_to_token() {
                own.set_tenant(&tenant_of_connection(row)?);
            }
            let (row_key, data) = own.line(|out| rewrite::append(row, fields, out));
            rows.push(checked(row_key?, parent, tenant)?);
            if has_report {
                contacts.push(Contact::parse(own.bytes(data.clone()))?);
            }
            children.extract(own.bytes(data), own.len(), max_bytes)?;
            match is_selected {
                true => own.end_row(),
                false => own.clear(),
            }
            if own.len() + children.len() > max_bytes {
                return Err(ParseError::TooLarge);
            }
        }
        Ok(Page {
            lines: children.of_members(family, own),
            contacts,
            facts: PageFacts::new(rows, envelope.pagination, envelope.clock),
        })
    }
}

impl PageFacts {
    /// Creates the facts of a page. Counts below the number of rows on this page are wrong and would
    /// end the walk too early.
    pub(crate) fn new(
        rows: Vec<RowKey>,
        pagination: Option<Pagination>,
        clock: Option<i64>,
    ) -> PageFacts {
        let (is_empty, count) = (rows.is_empty(), rows.len() as u64);
        let pagination = pagination.filter(|counts| {
            let has_page = counts.page_count.is_none_or(|pages| pages > 0 || is_empty);
            has_page && counts.item_count.is_none_or(|items| items >= count)
        });
        PageFacts {
            rows,
            pagination,
            clock,
        }
    }

    /// Returns the number of rows in the list, if the page has a plausible count. All pages before
    /// the last one have at least as many rows as this one, so a smaller count is wrong.
    pub(crate) fn counted(&self) -> Option<u64> {
        let counts = self.pagination?;
        let smallest = match counts.page_count {
            Some(pages) if pages > 1 && !self.rows.is_empty() => {
                (pages - 1) * self.rows.len() as u64 + 1
            }
            _ => 0,
        };
        counts.item_count.filter(|items| *items >= smallest)
    }

    /// Creates the facts of a page with these keys and cursors.
    #[cfg(test)]
    pub(crate) fn of(
        rows: impl IntoIterator<Item = (String, i64)>,
        pagination: Option<Pagination>,
        clock: Option<i64>,
    ) -> PageFacts {
        let row_key = |(key, cursor): (String, i64)| RowKey {
            key: Some(key.into()),
            cursor: Some(cursor),
            ..RowKey::default()
        };
        PageFacts {
            rows: rows.into_iter().map(row_key).collect(),
            pagination,
            clock,
        }
    }
}

/// Rejects a row without its key, and a row of an `offset` list without its cursor.
fn checked(mut row_key: RowKey, stream: &Stream, tenant: &str) -> Result<RowKey, String> {
    if stream.id() == TENANT {
        row_key.key = Some(tenant.into());
    }
    let lacks = |field: &str| Err(format!("a row has no {field}"));
    match stream.cursor {
        _ if row_key.key.is_none() => lacks(stream.id()),
        Some(cursor) if stream.is_numbered() && row_key.cursor.is_none() => lacks(cursor),
        _ => Ok(row_key),
    }
}

/// Returns the tenant id of a connection.
fn tenant_of_connection(row: &[u8]) -> Result<String, String> {
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
