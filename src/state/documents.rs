//! How far each list of documents was gone through, by organisation.
//!
//! `{"UpdatedDateUTC": oldest, "tenants": {"<id>": {"invoices": {"UpdatedDateUTC": position,
//! "after": "<document>", "failed": {"<document>": stamp}}}}}`: a position, the last document that
//! is done with at that stamp, and the documents whose calls failed, to be tried again.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::rows::rewrite::instant;
use crate::state::moment;
use crate::streams::Stream;
use crate::walk::document_queue::{Document, QueuePosition};
use crate::xero::ids;

const TENANTS: &str = "tenants";
const STAMP: &str = "UpdatedDateUTC";
const AFTER: &str = "after";
const FAILED: &str = "failed";

/// Most documents of an organisation that are remembered as failed. One more ends the stream.
pub(crate) const MOST_FAILED: usize = 1000;

/// How far one list of one organisation was gone through.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DocumentCursor {
    /// Up to where; none before the first sync.
    pub(crate) position: Option<QueuePosition>,
    /// The position as it came in, to be written so as long as it stays.
    written: Option<String>,
    /// Stamps of the documents whose calls failed, zero for those that have none.
    pub(crate) failed: BTreeMap<Box<str>, i64>,
}

/// How far one stream was read.
#[derive(Debug)]
pub(crate) struct DocumentStates {
    tenants: BTreeMap<String, BTreeMap<String, DocumentCursor>>,
    /// For organisations that are not named.
    others: Option<DocumentCursor>,
}

impl DocumentStates {
    /// Reads the state that came in.
    pub(crate) fn read(stream: &'static Stream, state: &Value) -> Result<DocumentStates, Failure> {
        let mut progress = DocumentStates {
            tenants: BTreeMap::new(),
            others: None,
        };
        let Some(Value::Object(tenants)) = state.get(TENANTS) else {
            if state.get(STAMP).is_some_and(|it| !it.is_null()) {
                progress.others = Some(place(state).ok_or_else(|| unknown(stream))?);
            }
            return Ok(progress);
        };
        for (tenant, lists) in tenants {
            let lists = lists.as_object().ok_or_else(|| unknown(stream))?;
            let lists = lists.iter().map(|(list, state)| {
                let place = place(state).ok_or_else(|| unknown(stream))?;
                Ok((list.clone(), place))
            });
            let lists: Result<BTreeMap<_, _>, Failure> = lists.collect();
            progress.tenants.insert(tenant.to_lowercase(), lists?);
        }
        Ok(progress)
    }

    /// How far a list of an organisation was gone through.
    pub(crate) fn of(&self, tenant: &str, list: &Stream) -> DocumentCursor {
        let known = self.tenants.get(tenant);
        let known = known.and_then(|lists| lists.get(list.name));
        known.or(self.others.as_ref()).cloned().unwrap_or_default()
    }

    /// How many documents of the organisation wait to be tried again.
    fn failed(&self, tenant: &str) -> usize {
        let lists = self.tenants.get(tenant);
        let lists = lists.into_iter().flat_map(BTreeMap::values);
        lists.map(|place| place.failed.len()).sum()
    }

    /// Notes how far a list was gone through.
    pub(crate) fn note(&mut self, tenant: &str, list: &Stream, position: &QueuePosition) {
        let place = self.entry(tenant, list);
        if place.position.as_ref() != Some(position) {
            place.position = Some(position.clone());
            place.written = None;
        }
    }

    /// Remembers that a document's call failed; false if no more can be remembered.
    pub(crate) fn remember(&mut self, tenant: &str, list: &Stream, document: &Document) -> bool {
        let may = self.forget(tenant, list, document) || self.failed(tenant) < MOST_FAILED;
        if may {
            let failed = &mut self.entry(tenant, list).failed;
            failed.insert(document.id.clone(), document.stamp);
        }
        may
    }

    /// Forgets that a document's call failed, and returns whether it was remembered.
    pub(crate) fn forget(&mut self, tenant: &str, list: &Stream, document: &Document) -> bool {
        let id = ids::canonical(&document.id);
        let failed = &mut self.entry(tenant, list).failed;
        let before = failed.len();
        failed.retain(|failed, _| ids::canonical(failed) != id);
        failed.len() < before
    }

    fn entry(&mut self, tenant: &str, list: &Stream) -> &mut DocumentCursor {
        let others = self.others.clone().unwrap_or_default();
        let lists = self.tenants.entry(tenant.to_owned()).or_default();
        lists.entry(list.name.to_owned()).or_insert(others)
    }

    /// The `stream_state` to send.
    pub(crate) fn state(&self) -> Value {
        let places = self.tenants.values().flat_map(BTreeMap::values);
        let oldest = places.filter_map(|place| Some((place.position.as_ref()?.stamp, place)));
        let oldest = oldest.min_by_key(|(stamp, _)| *stamp);
        let mut state = Map::new();
        // Suites look for the cursor under its own name at the top.
        let top = oldest.map(|(_, place)| place).or(self.others.as_ref());
        state.extend(top.map(|place| (STAMP.to_owned(), place.stamp().into())));
        let tenants = self.tenants.iter().map(|(tenant, lists)| {
            let lists = lists
                .iter()
                .map(|(list, place)| (list.clone(), place.json()));
            (tenant.clone(), Value::Object(lists.collect()))
        });
        state.insert(TENANTS.to_owned(), Value::Object(tenants.collect()));
        state.into()
    }
}

impl DocumentCursor {
    fn stamp(&self) -> Option<String> {
        let position = self.position.as_ref()?;
        self.written.clone().or_else(|| Some(shown(position.stamp)))
    }

    fn json(&self) -> Value {
        let mut state = Map::new();
        state.extend(self.stamp().map(|stamp| (STAMP.to_owned(), stamp.into())));
        let after = self.position.as_ref().and_then(|it| it.after.as_deref());
        state.extend(after.map(|after| (AFTER.to_owned(), after.into())));
        if !self.failed.is_empty() {
            let failed = self.failed.iter().map(|(id, stamp)| {
                let stamp = (*stamp > 0).then(|| shown(*stamp));
                (id.to_string(), json!(stamp))
            });
            state.insert(FAILED.to_owned(), Value::Object(failed.collect()));
        }
        state.into()
    }
}

fn shown(millis: i64) -> String {
    let moment = DateTime::from_timestamp_millis(millis);
    moment.map_or_else(|| millis.to_string(), instant)
}

fn place(state: &Value) -> Option<DocumentCursor> {
    let written = match state.get(STAMP) {
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
                    stamp.as_str().and_then(moment).unwrap_or(0),
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

fn unknown(stream: &Stream) -> Failure {
    Failure::config(format!(
        "The state of {} cannot be understood: it is none of this connector's. Reset the stream to read it again from the start date.",
        stream.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::find;

    fn progress(state: &Value) -> Result<DocumentStates, Failure> {
        DocumentStates::read(find("history").unwrap(), state)
    }

    #[test]
    fn what_is_written_comes_back() {
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
        found.note("t", invoices, &position);
        for document in [&one, &other, &one] {
            assert!(found.remember("t", invoices, document));
        }
        assert_eq!(found.failed("t"), 2);
        let state = found.state();
        assert_eq!(
            state,
            json!({"UpdatedDateUTC": "2023-11-14T22:13:20.123Z", "tenants": {"t": {"invoices": {
                "UpdatedDateUTC": "2023-11-14T22:13:20.123Z", "after": "b",
                "failed": {"x": "2020-09-13T12:26:40.000Z", "y": null}}}}})
        );
        let mut again = progress(&state).unwrap();
        let place = again.of("t", invoices);
        assert_eq!((place.position, place.failed.len()), (Some(position), 2));
        let upper = one.id.to_uppercase().into();
        assert!(again.forget("t", invoices, &Document { id: upper, ..one }));
        assert_eq!(again.failed("t"), 1);
        assert_eq!(again.of("u", invoices), DocumentCursor::default());
    }

    #[test]
    fn no_more_are_remembered_than_the_state_has_room_for() {
        let [invoices, quotes] = ["invoices", "quotes"].map(|list| find(list).unwrap());
        let document = |id: usize, stamp| Document {
            stamp,
            id: id.to_string().into(),
        };
        let mut found = progress(&Value::Null).unwrap();
        for id in 0..MOST_FAILED {
            let list = if id % 2 == 0 { invoices } else { quotes };
            assert!(found.remember("t", list, &document(id, 1)));
        }
        assert!(!found.remember("t", invoices, &document(MOST_FAILED, 1)));
        // One that is remembered may fail again, and another organisation has a room of its own.
        assert!(found.remember("t", invoices, &document(0, 2)));
        assert!(found.remember("u", invoices, &document(MOST_FAILED, 1)));
        assert_eq!(found.failed("t"), MOST_FAILED);
        assert!(found.forget("t", quotes, &document(1, 1)));
        assert!(found.remember("t", invoices, &document(MOST_FAILED, 1)));
    }

    #[test]
    fn a_state_for_all_organisations_stays_as_it_is_written() {
        let state = json!({"UpdatedDateUTC": "2099-01-01T00:00:00Z"});
        let mut found = progress(&state).unwrap();
        let contacts = find("contacts").unwrap();
        let position = found.of("t", contacts).position.unwrap();
        found.note("t", contacts, &position);
        let state = found.state();
        assert_eq!(state["UpdatedDateUTC"], "2099-01-01T00:00:00Z");
        assert_eq!(
            state["tenants"]["t"]["contacts"],
            json!({"UpdatedDateUTC": "2099-01-01T00:00:00Z"})
        );
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for state in [
            json!({"UpdatedDateUTC": "soon"}),
            json!({"tenants": {"t": 7}}),
            json!({"tenants": {"t": {"invoices": {"UpdatedDateUTC": 7}}}}),
            json!({"tenants": {"t": {"invoices": {"after": []}}}}),
            json!({"tenants": {"t": {"invoices": {"failed": "x"}}}}),
        ] {
            let failure = progress(&state).unwrap_err().to_string();
            assert!(failure.contains("state of history cannot be"), "{state}");
        }
    }
}
