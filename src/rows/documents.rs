//! Parses the data of one document, such as its attachments, into the rows of a document stream.

use std::collections::{HashMap, HashSet};

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::json;
use crate::rows::envelope::{Envelope, Pagination};
use crate::rows::rewrite::{self, KeyFields, RowKey, instant};
use crate::streams::{ListedItems, NamesDocument, PARENT_STAMP, POSITION, Source, Stream, TENANT};
use crate::xero::fault::ParseError;
use crate::xero::ids;

/// The documented envelope key, and the different key in Xero's published example.
const ALIAS: (&str, &str) = ("CISSettings", "CISSetting");

/// Fields that the connector adds to the row of a file.
const FILE_FIELDS: [&str; 4] = ["FileStatus", "FilePath", "FileSize", "FileSHA256"];

/// One row of a document stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DocumentRow {
    /// The JSON members after the tenant id, each with a comma before it.
    pub(crate) members: Vec<u8>,
    /// The JSON object that gives Airbyte the location of the row's file.
    pub(crate) reference: Option<String>,
}

/// The document to which the rows belong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parent<'a> {
    /// The name of the document's list in the API, such as `Invoices`.
    pub(crate) list: &'a str,
    /// The GUID of the document.
    pub(crate) id: &'a str,
    /// The time of the last change, in milliseconds since the epoch, if the document has one.
    pub(crate) stamp: Option<i64>,
}

/// The rows of one response about a document, and the facts for the walk over several of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DocumentPage {
    pub(crate) rows: Vec<DocumentRow>,
    /// The key of each row.
    pub(crate) keys: Vec<RowKey>,
    /// Xero's counts of the rows of the document.
    pub(crate) pagination: Option<Pagination>,
}

/// Parses the rows of a response body.
pub(crate) fn read(
    body: &[u8],
    stream: &Stream,
    parent: Parent<'_>,
) -> Result<DocumentPage, ParseError> {
    let key = stream.endpoint().envelope;
    let envelope = match Envelope::parse(body, key) {
        Err(_) if key == Some(ALIAS.0) => Envelope::parse(body, Some(ALIAS.1))?,
        envelope => envelope?,
    };
    let Head {
        members: head,
        mut ours,
    } = Head::of(stream, parent);
    let moment = stream.key.contains(&"DateUTC").then_some("DateUTC");
    ours.extend(moment.map(|_| POSITION));
    let file = stream.files();
    if file.is_some() {
        ours.extend(FILE_FIELDS);
    }
    // Xero lists the history newest first and only adds entries at the front. Positions are counted
    // from the oldest entry, so they never change.
    let mut positions: HashMap<i64, u32> = HashMap::new();
    // Ids of files. A second row with the same id is dropped, because its file would overwrite the
    // first one.
    let mut files = HashSet::new();
    let mut rows = Vec::with_capacity(envelope.rows.len());
    let mut keys = Vec::with_capacity(envelope.rows.len());
    for row in envelope.rows.into_iter().rev() {
        let row = row.get().as_bytes();
        if !row.starts_with(b"{") {
            return Err(format!("a row of {} is not an object", stream.name).into());
        }
        let mut members = head.clone().into_bytes();
        let fields = KeyFields {
            key: file.map_or(stream.id(), |file| file.id),
            cursor: moment,
            ours: &ours,
            dates: stream.endpoint().api.dates,
        };
        let row_key = rewrite::append(row, fields, &mut members)?;
        if moment.is_some() {
            let at = row_key
                .cursor
                .ok_or_else(|| "an entry of the history has no DateUTC".to_owned())?;
            let position = positions.entry(at).or_default();
            members.extend_from_slice(format!(r#","{POSITION}":{position}"#).as_bytes());
            *position += 1;
        } else if let Some(file) = file {
            let id = row_key.key.clone();
            let id = id.ok_or_else(|| format!("a file has no {}", file.id))?;
            // `{1A2B...}` and `1a2b...` are the same id and the same file path.
            let id = ids::canonical(&id);
            if !files.insert(id) {
                continue;
            }
        }
        keys.push(row_key);
        rows.push(DocumentRow {
            members,
            reference: None,
        });
    }
    rows.reverse();
    keys.reverse();
    Ok(DocumentPage {
        rows,
        keys,
        pagination: envelope.pagination,
    })
}

/// The members that the connector writes in front of each row.
struct Head {
    members: String,
    /// Their names, and those of other fields that only the connector writes.
    ours: Vec<&'static str>,
}

impl Head {
    fn of(stream: &Stream, parent: Parent<'_>) -> Head {
        let names_document = match &stream.source {
            Source::Document(document) => document.names_document,
            _ => NamesDocument::TypeAndId,
        };
        let (list, id) = (json!(parent.list), json!(parent.id));
        let (mut members, mut ours, stamped) = match names_document {
            NamesDocument::TypeAndId => (
                format!(r#","ParentType":{list},"ParentID":{id}"#),
                vec![TENANT, "ParentType", "ParentID"],
                "UpdatedDateUTC",
            ),
            NamesDocument::Id(field) => (
                format!(r#","{field}":{id}"#),
                vec![TENANT, field],
                PARENT_STAMP,
            ),
        };
        let stamp = parent.stamp.filter(|stamp| *stamp > 0);
        let stamp = stamp.and_then(chrono::DateTime::from_timestamp_millis);
        if let Some(stamp) = stamp {
            members.push_str(&format!(r#","{stamped}":"{}""#, instant(stamp)));
            ours.push(stamped);
        }
        Head { members, ours }
    }
}

/// Returns the ids of the items that the response for a document lists.
pub(crate) fn item_ids(body: &[u8], items: ListedItems) -> Result<Vec<String>, ParseError> {
    let envelope = Envelope::parse(body, Some(items.envelope))?;
    let mut ids = Vec::new();
    for document in envelope.rows {
        let document: HashMap<&str, &RawValue> =
            json::read(document.get().as_bytes()).map_err(|misread| {
                format!(
                    "the {} of the response cannot be read ({misread})",
                    items.envelope
                )
            })?;
        let Some(list) = document.get(items.array) else {
            return Err(format!("the response has no {}", items.array).into());
        };
        let list: Option<Vec<HashMap<String, Value>>> = json::read(list.get().as_bytes())
            .map_err(|misread| format!("its {} cannot be read ({misread})", items.array))?;
        for item in list.unwrap_or_default() {
            let id = item.get(items.id).and_then(Value::as_str);
            let id = id.ok_or_else(|| format!("one of its {} has no {}", items.array, items.id))?;
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::streams::find;

    fn rows(stream: &str, body: &str, is_stamped: bool) -> Result<Vec<Value>, ParseError> {
        let parent = Parent {
            list: "Invoices",
            id: "d-1",
            stamp: is_stamped.then_some(1_600_000_000_000),
        };
        let stream = find(stream).unwrap();
        let page = read(body.as_bytes(), stream, parent)?;
        let rows = page.rows.iter().map(|row| {
            let text = std::str::from_utf8(&row.members[1..]).unwrap();
            serde_json::from_str(&format!("{{{text}}}")).unwrap()
        });
        Ok(rows.collect())
    }

    #[test]
    fn entries_of_one_moment_are_numbered_from_the_oldest() {
        let entry = |at: i64, what: &str| {
            format!(r#"{{"Changes":"{what}","DateUTC":"\/Date({at}+0000)\/"}}"#)
        };
        let list = |entries: &[String]| format!(r#"{{"HistoryRecords":[{}]}}"#, entries.join(","));
        let old = [entry(2000, "c"), entry(2000, "b"), entry(1000, "a")];
        let new = [entry(3000, "e"), entry(2000, "d")];
        let key = |row: &Value| {
            (
                row["Changes"].clone(),
                row["DateUTC"].clone(),
                row[POSITION].clone(),
            )
        };
        let before = rows("history", &list(&old), true).unwrap();
        let after = rows("history", &list(&[&new[..], &old[..]].concat()), true).unwrap();
        let [before, after]: [Vec<_>; 2] =
            [before, after].map(|rows| rows.iter().map(key).collect());
        assert_eq!(before, after[2..]);
        let positions: Vec<_> = after
            .iter()
            .map(|(_, _, position)| position.clone())
            .collect();
        assert_eq!(positions, [0, 2, 1, 0, 0].map(Value::from));
    }

    #[test]
    fn rows_name_their_document() {
        for (stream, body, field) in [
            (
                "attachments",
                r#"{"Attachments":[{"AttachmentID":"f","ContentLength":"17"}]}"#,
                "ContentLength",
            ),
            (
                "online_invoices",
                r#"{"OnlineInvoices":[{"OnlineInvoiceUrl":"u"}]}"#,
                "OnlineInvoiceUrl",
            ),
            (
                "cis_settings",
                r#"{"CISSetting":[{"CISEnabled":true,"Rate":20.00}]}"#,
                "Rate",
            ),
            (
                "cis_settings",
                r#"{"CISSettings":[{"CISEnabled":true}]}"#,
                "CISEnabled",
            ),
        ] {
            for is_stamped in [true, false] {
                let rows = rows(stream, body, is_stamped).unwrap();
                let [row] = &rows[..] else { panic!("{rows:?}") };
                assert!(!row[field].is_null(), "{row}");
                assert_eq!(
                    (&row["ParentType"], &row["ParentID"]),
                    (&json!("Invoices"), &json!("d-1"))
                );
                assert_eq!(row["UpdatedDateUTC"].is_string(), is_stamped);
            }
        }
    }

    #[test]
    fn a_file_that_is_listed_twice_is_one_row() {
        let body =
            r#"{"Attachments":[{"AttachmentID":"a"},{"AttachmentID":"b"},{"AttachmentID":"a"}]}"#;
        let found = rows("attachments", body, true).unwrap();
        let ids: Vec<_> = found.iter().map(|row| &row["AttachmentID"]).collect();
        assert_eq!(ids, ["b", "a"]);
        let body = r#"{"Attachments":[
            {"AttachmentID":"{11111111-0000-4000-8000-00000000000B}"},
            {"AttachmentID":"11111111-0000-4000-8000-00000000000B"},
            {"AttachmentID":"11111111-0000-4000-8000-00000000000b"}]}"#;
        assert_eq!(rows("attachments", body, true).unwrap().len(), 1);
    }

    #[test]
    fn fields_of_the_connector_replace_fields_of_the_same_name() {
        let theirs = r#""TenantID":"x","ParentType":"x","ParentID":"x","Position":9,"UpdatedDateUTC":"x","FileStatus":"x","FilePath":"/etc/passwd","FileSize":1,"FileSHA256":"x""#;
        let parent = Parent {
            list: "Invoices",
            id: "d-1",
            stamp: Some(1_600_000_000_000),
        };
        for (stream, list, id, once, never) in [
            (
                "attachments",
                "Attachments",
                r#""AttachmentID":"f""#,
                &["ParentType", "ParentID", "UpdatedDateUTC"][..],
                &[
                    "TenantID",
                    "FileStatus",
                    "FilePath",
                    "FileSize",
                    "FileSHA256",
                ][..],
            ),
            (
                "history",
                "HistoryRecords",
                r#""DateUTC":"/Date(1000)/""#,
                &["ParentType", "ParentID", "UpdatedDateUTC", "Position"],
                &["TenantID"],
            ),
        ] {
            let body = format!(r#"{{"{list}":[{{{theirs},{id},"A":1}}]}}"#);
            let stream = find(stream).unwrap();
            let rows = read(body.as_bytes(), stream, parent).unwrap().rows;
            let text = std::str::from_utf8(&rows[0].members).unwrap();
            let count = |name: &&str| text.matches(&format!("\"{name}\":")).count();
            assert!(once.iter().all(|name| count(name) == 1), "{text}");
            assert!(never.iter().all(|name| count(name) == 0), "{text}");
            assert!(text.contains(r#""ParentID":"d-1""#), "{text}");
        }
    }

    #[test]
    fn a_body_of_another_form_is_an_error() {
        for (stream, body) in [
            ("attachments", r#"{"Attachments":[{"FileName":"x"}]}"#),
            ("attachments", r#"{"Attachments":["x"]}"#),
            ("history", r#"{"HistoryRecords":[{"Changes":"x"}]}"#),
            ("history", r#"{"Attachments":[]}"#),
            ("history", "<html>"),
        ] {
            assert!(rows(stream, body, true).is_err(), "{stream}: {body}");
        }
        assert_eq!(
            rows("history", r#"{"HistoryRecords":[]}"#, true),
            Ok(vec![])
        );
    }
}
