//! Reads and writes how far each list of documents is read, by organisation.
//!
//! `{"UpdatedDateUTC": oldest, "tenants": {"<id>": {"invoices": {"UpdatedDateUTC": position,
//! "after": "<document>", "failed": {"<document>": stamp}}}}}`: a position, the last finished
//! document at that stamp, and the documents whose failed calls the next sync repeats.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::by_organisation::{Progress, not_understood};
use crate::failure::Failure;
use crate::rows::rewrite::instant;
use crate::state::moment;
use crate::streams::{Source, Stream};
use crate::walk::document_queue::{Document, QueuePosition};
use crate::xero::ids;

const STAMP: &str = "UpdatedDateUTC";
const AFTER: &str = "after";
const FAILED: &str = "failed";

/// Maximum number of failed documents that the state keeps per organisation. One more stops the
/// stream.
const MAX_FAILED: usize = 1000;

/// How far one list of one organisation is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DocumentCursor {
    /// How far the list is read. `None` before the first sync.
    pub(crate) position: Option<QueuePosition>,
    /// The position as the last state wrote it. The connector repeats this form while the position
    /// does not move.
    written: Option<String>,
    /// The stamps of the documents whose calls failed. Zero for documents without a stamp.
    pub(crate) failed: BTreeMap<Box<str>, i64>,
}

/// How far the lists of one organisation are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DocumentLists {
    lists: BTreeMap<String, DocumentCursor>,
}

impl DocumentLists {
    /// Returns how far a list is read.
    pub(crate) fn of(&self, list: &Stream) -> DocumentCursor {
        self.lists.get(list.name).cloned().unwrap_or_default()
    }

    /// Returns the number of failed documents in all lists.
    fn failed(&self) -> usize {
        self.lists.values().map(|cursor| cursor.failed.len()).sum()
    }

    /// Records how far a list is read.
    pub(crate) fn note(&mut self, list: &Stream, position: &QueuePosition) {
        let cursor = self.entry(list);
        if cursor.position.as_ref() != Some(position) {
            cursor.position = Some(position.clone());
            cursor.written = None;
        }
    }

    /// Records that a document's call failed. Returns false if the state is full.
    pub(crate) fn remember(&mut self, list: &Stream, document: &Document) -> bool {
        let has_space = self.forget(list, document) || self.failed() < MAX_FAILED;
        if has_space {
            let failed = &mut self.entry(list).failed;
            failed.insert(document.id.clone(), document.stamp);
        }
        has_space
    }

    /// Removes a failed document. Returns whether it was recorded.
    pub(crate) fn forget(&mut self, list: &Stream, document: &Document) -> bool {
        let id = ids::canonical(&document.id);
        let failed = &mut self.entry(list).failed;
        let before = failed.len();
        failed.retain(|failed, _| ids::canonical(failed) != id);
        failed.len() < before
    }

    fn entry(&mut self, list: &Stream) -> &mut DocumentCursor {
        self.lists.entry(list.name.to_owned()).or_default()
    }
}

impl Progress for DocumentLists {
    fn read(stream: &'static Stream, state: &Value) -> Result<Option<DocumentLists>, Failure> {
        let lists = state.as_object().ok_or_else(|| not_understood(stream))?;
        let lists = lists.iter().map(|(list, state)| {
            let cursor = cursor(state, STAMP).ok_or_else(|| not_understood(stream))?;
            Ok((list.clone(), cursor))
        });
        let lists: Result<BTreeMap<_, _>, Failure> = lists.collect();
        Ok(Some(DocumentLists { lists: lists? }))
    }

    fn read_for_all(
        stream: &'static Stream,
        state: &Value,
    ) -> Result<Option<DocumentLists>, Failure> {
        // Here the position has the name of the stream's cursor, as Airbyte expects it.
        let field = stream.cursor.unwrap_or(STAMP);
        if state.get(field).is_none_or(Value::is_null) {
            return Ok(None);
        }
        let cursor = cursor(state, field).ok_or_else(|| not_understood(stream))?;
        let Source::Document(document) = &stream.source else {
            return Ok(None);
        };
        // The position applies to every list. The state of an organisation names each of them, so
        // that a list which this sync does not reach keeps it.
        let lists = document.parents.iter();
        let lists = lists.map(|list| (list.name.to_owned(), cursor.clone()));
        Ok(Some(DocumentLists {
            lists: lists.collect(),
        }))
    }

    fn write(&self, _: &Stream) -> Value {
        let lists = self.lists.iter();
        let lists = lists.map(|(list, cursor)| (list.clone(), cursor.json()));
        Value::Object(lists.collect())
    }

    fn cursor(&self) -> Option<(i64, Value)> {
        let cursors = self.lists.values();
        let cursors = cursors.filter_map(|cursor| Some((cursor.position.as_ref()?.stamp, cursor)));
        let (order, oldest) = cursors.min_by_key(|(stamp, _)| *stamp)?;
        Some((order, oldest.stamp()?.into()))
    }
}

impl DocumentCursor {
    fn stamp(&self) -> Option<String> {
        let position = self.position.as_ref()?;
        self.written
            .clone()
            .or_else(|| Some(format_stamp(position.stamp)))
    }

    fn json(&self) -> Value {
        let mut state = Map::new();
        state.extend(self.stamp().map(|stamp| (STAMP.to_owned(), stamp.into())));
        let after = self.position.as_ref().and_then(|it| it.after.as_deref());
        state.extend(after.map(|after| (AFTER.to_owned(), after.into())));
        if !self.failed.is_empty() {
            let failed = self.failed.iter().map(|(id, stamp)| {
                let stamp = (*stamp > 0).then(|| format_stamp(*stamp));
                (id.to_string(), json!(stamp))
            });
            state.insert(FAILED.to_owned(), Value::Object(failed.collect()));
        }
        state.into()
    }
}

fn format_stamp(millis: i64) -> String {
    let moment = DateTime::from_timestamp_millis(millis);
    moment.map_or_else(|| millis.to_string(), instant)
}

/// Reads how far a list is read. `field` holds the position.
fn cursor(state: &Value, field: &str) -> Option<DocumentCursor> {
    let written = match state.get(field) {
        None | Some(Value::Null) => None,
        Some(stamp) => Some(stamp.as_str()?.to_owned()),
    };
    let stamp = match &written {
        Some(written) => Some(moment(written)?),
        None => None,
    };
    let after = match state.get(AFTER) {
        None | Some(Value::Null) => None,
        Some(after) => Some(after.as_str()?.into()),
    };
    let failed = match state.get(FAILED) {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(failed) => failed
            .as_object()?
            .iter()
            .map(|(id, stamp)| {
                (
                    id.as_str().into(),
                    stamp.as_str().and_then(moment).unwrap_or(0).max(0),
                )
            })
            .collect(),
    };
    Some(DocumentCursor {
        position: stamp.map(|stamp| QueuePosition { stamp, after }),
        written,
        failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::StreamState;
    use crate::streams::find;

    fn progress(state: &Value) -> Result<StreamState<DocumentLists>, Failure> {
        StreamState::read(find("history").unwrap(), state)
    }

    /// Changes the lists of an organisation.
    fn change<T>(
        found: &mut StreamState<DocumentLists>,
        tenant: &str,
        change: impl FnOnce(&mut DocumentLists) -> T,
    ) -> T {
        let mut lists = found.of(tenant).cloned().unwrap_or_default();
        let result = change(&mut lists);
        found.set(tenant, lists);
        result
    }

    #[test]
    fn a_position_for_all_organisations_has_the_name_of_the_cursor() {
        for (name, field, list) in [
            ("history", "UpdatedDateUTC", "invoices"),
            ("project_tasks", "ParentUpdatedDateUTC", "projects"),
        ] {
            let (stream, list) = (find(name).unwrap(), find(list).unwrap());
            let state = json!({ field: "2030-01-01T00:00:00.000Z" });
            let found = StreamState::<DocumentLists>::read(stream, &state).unwrap();
            let position = found.of("any").unwrap().of(list).position.unwrap();
            assert_eq!(position.stamp, 1_893_456_000_000, "{name}");
            let kept = found.state();
            assert_eq!(kept[field], state[field], "{name}");
        }
    }

    #[test]
    fn a_written_state_is_read_back() {
        let invoices = find("invoices").unwrap();
        let mut found = progress(&Value::Null).unwrap();
        let position = QueuePosition {
            stamp: 1_700_000_000_123,
            after: Some("b".into()),
        };
        let [one, other] = ["x", "y"].map(|id| Document {
            stamp: if id == "x" { 1_600_000_000_000 } else { 0 },
            id: id.into(),
        });
        change(&mut found, "t", |it| it.note(invoices, &position));
        for document in [&one, &other, &one] {
            assert!(change(&mut found, "t", |it| it.remember(invoices, document)));
        }
        assert_eq!(found.of("t").unwrap().failed(), 2);
        let state = found.state();
        assert_eq!(
            state,
            json!({"UpdatedDateUTC": "2023-11-14T22:13:20.123Z", "tenants": {"t": {"invoices": {
                "UpdatedDateUTC": "2023-11-14T22:13:20.123Z", "after": "b",
                "failed": {"x": "2020-09-13T12:26:40.000Z", "y": null}}}}})
        );
        let mut again = progress(&state).unwrap();
        let cursor = again.of("t").unwrap().of(invoices);
        assert_eq!((cursor.position, cursor.failed.len()), (Some(position), 2));
        let upper = one.id.to_uppercase().into();
        assert!(change(&mut again, "t", |it| it
            .forget(invoices, &Document { id: upper, ..one })));
        assert_eq!(again.of("t").unwrap().failed(), 1);
        assert_eq!(
            again.of("u").cloned().unwrap_or_default().of(invoices),
            DocumentCursor::default()
        );
    }

    #[test]
    fn the_number_of_remembered_documents_is_limited() {
        let [invoices, quotes] = ["invoices", "quotes"].map(|list| find(list).unwrap());
        let document = |id: usize, stamp| Document {
            stamp,
            id: id.to_string().into(),
        };
        let mut found = progress(&Value::Null).unwrap();
        for id in 0..MAX_FAILED {
            let list = if id % 2 == 0 { invoices } else { quotes };
            assert!(change(&mut found, "t", |it| it.remember(list, &document(id, 1))));
        }
        assert!(!change(&mut found, "t", |it| it
            .remember(invoices, &document(MAX_FAILED, 1))));
        // A remembered document may fail again, and each organisation has its own limit.
        assert!(change(&mut found, "t", |it| it.remember(invoices, &document(0, 2))));
        assert!(change(&mut found, "u", |it| it
            .remember(invoices, &document(MAX_FAILED, 1))));
        assert_eq!(found.of("t").unwrap().failed(), MAX_FAILED);
        assert!(change(&mut found, "t", |it| it.forget(quotes, &document(1, 1))));
        assert!(change(&mut found, "t", |it| it
            .remember(invoices, &document(MAX_FAILED, 1))));
    }

    #[test]
    fn a_state_for_all_organisations_keeps_its_form() {
        let state = json!({"UpdatedDateUTC": "2099-01-01T00:00:00Z"});
        let mut found = progress(&state).unwrap();
        let contacts = find("contacts").unwrap();
        let position = found.of("t").unwrap().of(contacts).position.unwrap();
        change(&mut found, "t", |it| it.note(contacts, &position));
        let state = found.state();
        assert_eq!(state["UpdatedDateUTC"], "2099-01-01T00:00:00Z");
        assert_eq!(
            state["tenants"]["t"]["contacts"],
            json!({"UpdatedDateUTC": "2099-01-01T00:00:00Z"})
        );
    }

    #[test]
    fn an_invalid_state_is_an_error() {
        for state in [
            json!({"UpdatedDateUTC": "soon"}),
            json!({"tenants": {"t": 7}}),
            json!({"tenants": {"t": {"invoices": {"UpdatedDateUTC": 7}}}}),
            json!({"tenants": {"t": {"invoices": {"after": []}}}}),
            json!({"tenants": {"t": {"invoices": {"failed": "x"}}}}),
        ] {
            let failure = progress(&state).unwrap_err().to_string();
            assert!(failure.contains("state of history is invalid"), "{state}");
        }
    }
}
