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
use crate::streams::Stream;
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

    /// Returns how far streams are read that need the same documents: the earliest of their positions,
    /// and the failed documents of all. `first` is the position of a stream before its first sync.
    pub(crate) fn union<'s>(
        streams: impl Iterator<Item = &'s DocumentLists> + Clone,
        lists: &[&'static Stream],
        first: &QueuePosition,
    ) -> DocumentLists {
        let mut union = DocumentLists::default();
        for list in lists {
            let cursors = streams.clone().map(|stream| stream.of(list));
            let positions = cursors.clone().map(|it| it.position);
            let positions = positions.map(|position| position.unwrap_or_else(|| first.clone()));
            if let Some(earliest) = positions.min() {
                union.note(list, &earliest);
            }
            for (id, stamp) in cursors.flat_map(|cursor| cursor.failed) {
                let known = union.entry(list).failed.entry(id).or_default();
                *known = stamp.max(*known);
            }
        }
        union
    }

    /// Whether a document is still to be read: it is after the position, or its call failed.
    pub(crate) fn lacks(&self, list: &Stream, document: &Document) -> bool {
        let cursor = self.lists.get(list.name);
        cursor.is_none_or(|cursor| cursor.lacks(document))
    }

    /// Moves the positions of a stream with those of the union. `begin` is where the stream began. It
    /// has read the documents before, so its positions stay until the union passes them.
    pub(crate) fn follow(&mut self, union: &DocumentLists, begin: &DocumentLists) {
        for (list, cursor) in &union.lists {
            let own = self.lists.entry(list.clone()).or_default();
            let begun = begin.lists.get(list);
            let position = cursor.position.as_ref();
            let position = position.max(begun.and_then(|it| it.position.as_ref()));
            if own.position.as_ref() != position {
                (own.position, own.written) = (position.cloned(), None);
            }
            let failed = cursor.failed.iter();
            let failed = failed.map(|(id, stamp)| (id.clone(), *stamp));
            let is_own = |(id, stamp): &(Box<str>, i64)| {
                let (id, stamp) = (id.clone(), *stamp);
                begun.is_none_or(|begun| begun.lacks(&Document { stamp, id }))
            };
            own.failed = failed.filter(is_own).collect();
        }
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
        let Some(document) = stream.document() else {
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
    fn lacks(&self, document: &Document) -> bool {
        let position = self.position.as_ref();
        if position.is_none_or(|position| position.is_before(document))
            || self.failed.contains_key(&document.id)
        {
            return true;
        }
        let id = ids::canonical(&document.id);
        self.failed.keys().any(|it| ids::canonical(it) == id)
    }

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
    fn streams_of_the_same_documents_go_on_from_the_earliest_position() {
        let list = find("invoices").unwrap();
        let at = |stamp, after: Option<&str>| QueuePosition {
            stamp,
            after: after.map(Into::into),
        };
        let document = |stamp, id: &str| Document {
            stamp,
            id: id.into(),
        };
        let read = |position: &QueuePosition, failed: &[&Document]| {
            let mut lists = DocumentLists::default();
            lists.note(list, position);
            for it in failed {
                assert!(lists.remember(list, it));
            }
            lists
        };
        let (early, late) = (document(3, "e"), document(8, "l"));
        let ahead = read(&at(5, Some("m")), &[&early]);
        let behind = read(&at(5, None), &[&late]);
        let first = at(2, None);
        for (streams, expected) in [
            (vec![&ahead, &behind], at(5, None)),
            (vec![&ahead], at(5, Some("m"))),
            (vec![&ahead, &DocumentLists::default()], first.clone()),
        ] {
            let union = DocumentLists::union(streams.iter().copied(), &[list], &first);
            assert_eq!(union.of(list).position, Some(expected));
        }
        for (document, of_ahead, of_behind) in [
            (&early, true, false),
            (&late, true, true),
            (&document(4, "l"), false, true),
            (&document(5, "l"), false, true),
            (&document(5, "n"), true, true),
        ] {
            let found = [&ahead, &behind].map(|it| it.lacks(list, document));
            assert_eq!(found, [of_ahead, of_behind], "{document:?}");
        }
        let mut union = DocumentLists::union([&ahead, &behind].into_iter(), &[list], &first);
        assert_eq!(union.failed(), 2);
        // One document is read again, one fails, and the position moves in two steps.
        assert!(union.forget(list, &early));
        assert!(union.remember(list, &document(5, "f")));
        let (mut first_member, mut second_member) = (ahead.clone(), behind.clone());
        for (position, of_ahead) in [
            (at(5, Some("f")), at(5, Some("m"))),
            (at(6, None), at(6, None)),
        ] {
            union.note(list, &position);
            first_member.follow(&union, &ahead);
            second_member.follow(&union, &behind);
            let [one, other] = [&first_member, &second_member].map(|it| it.of(list));
            assert_eq!(
                (one.position, other.position),
                (Some(of_ahead), Some(position))
            );
            let ids = |failed: BTreeMap<Box<str>, i64>| failed.into_keys().collect::<Vec<_>>();
            assert_eq!(ids(other.failed), ["f".into(), "l".into()]);
            assert_eq!(
                ids(one.failed),
                ["l".into()],
                "it has read the other one before"
            );
        }
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
