//! Whatever Xero answers, the state never records a document as read that was not read.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::cases::cases;
use crate::state::StreamState;
use crate::state::documents::DocumentCursor;
use crate::streams::{DocumentFilter, Stream, find};
use crate::sync::documents::selection::{DocumentSelection, choose};
use crate::walk::document_queue::{Document, QueuePosition};

/// What happens to a document whose request failed. `None` if it was read.
type DocumentOutcome = Option<Disposition>;

const READ: DocumentOutcome = None;
const GONE: DocumentOutcome = Some(Disposition::Skip);
const FAILED: DocumentOutcome = Some(Disposition::NextSync);
const STOPPED: DocumentOutcome = Some(Disposition::Abort);

const TENANT: &str = "t";
const LISTS: [&str; 2] = ["contacts", "invoices"];

fn list(at: usize) -> &'static Stream {
    find(LISTS[at]).expect("it is a stream")
}

/// How far a list was read.
fn cursor(progress: &StreamState<DocumentLists>, list: &Stream) -> DocumentCursor {
    let known = progress.of(TENANT).cloned();
    known.unwrap_or_default().of(list)
}

fn progress(state: &Value) -> StreamState<DocumentLists> {
    let history = find("history").expect("it is a stream");
    StreamState::read(history, state).expect("the state was written by this connector")
}

/// A document as its list shows it.
#[derive(Clone, Debug)]
struct OrganisationList {
    at: usize,
    stamp: i64,
    /// The outcomes of the next requests. Later requests succeed.
    outcomes: VecDeque<DocumentOutcome>,
    /// The stamp at which it was read or found to be gone.
    read: Option<i64>,
}

/// Xero's lists, and the state of the syncs.
#[derive(Debug)]
struct World {
    documents: BTreeMap<Box<str>, OrganisationList>,
    state: Value,
    now: i64,
}

impl World {
    fn new(documents: &[(usize, i64, Vec<DocumentOutcome>)], state: Value) -> World {
        let document =
            |(number, (at, stamp, outcomes)): (usize, &(usize, i64, Vec<DocumentOutcome>))| {
                let listed = OrganisationList {
                    at: *at,
                    stamp: *stamp,
                    outcomes: outcomes.iter().copied().collect(),
                    read: None,
                };
                (format!("{number:04}").into(), listed)
            };
        World {
            documents: documents.iter().enumerate().map(document).collect(),
            state,
            now: 100,
        }
    }

    fn edit(&mut self, number: usize) {
        let id = format!("{number:04}");
        if let Some(document) = self.documents.get_mut(id.as_str()) {
            document.stamp = self.now;
        }
    }

    /// Runs a sync with `calls` requests. Returns how its two series of requests ended.
    fn sync(&mut self, calls: usize, at_once: usize) -> [Option<StopReason>; 2] {
        self.now += 10;
        let mut progress = progress(&self.state);
        let mut lists: Vec<_> = (0..LISTS.len())
            .map(|at| self.document_list(at, calls, &progress))
            .collect();
        let DocumentSelection {
            new,
            again,
            unsettled,
        } = choose(&lists, calls);
        let rounds = [(new, calls - again.len()), (again, calls)];
        let mut outcomes = Outcomes::new(&mut lists, unsettled);
        let (mut spent, mut ends) = (0, [None; 2]);
        for (end, (items, part)) in ends.iter_mut().zip(rounds) {
            let (mut items, mut under_way) = (items.into_iter(), VecDeque::new());
            loop {
                while under_way.len() < outcomes.failures.room().min(at_once)
                    && spent < part
                    && let Some(item) = items.next()
                {
                    spent += 1;
                    let outcome = self.ask(&item);
                    under_way.push_back((item, outcome));
                }
                let Some((item, outcome)) = under_way.pop_front() else {
                    break;
                };
                let failure = || Failure::transient("Xero could not be reached.");
                let error = outcome.map(|disposition| (disposition, failure()));
                progress.change(TENANT, |progress| outcomes.note(progress, item, error));
                self.check(&progress);
            }
            progress.change(TENANT, |progress| {
                let stop = outcomes.end_series(progress);
                *end = stop.map(|(reason, _)| reason);
            });
            self.check(&progress);
            if matches!(end, Some(StopReason::Halted | StopReason::TooMany)) {
                break;
            }
        }
        progress.change(TENANT, |progress| outcomes.close(progress));
        self.check(&progress);
        self.state = progress.state();
        ends
    }

    fn document_list(
        &self,
        at: usize,
        room: usize,
        progress: &StreamState<DocumentLists>,
    ) -> DocumentList {
        let place = cursor(progress, list(at));
        let position = place.position.unwrap_or(QueuePosition::at(0));
        let mut list =
            DocumentList::new(list(at), DocumentFilter::All, position, room, place.failed);
        let mut listed: Vec<_> = self
            .documents
            .iter()
            .filter(|(_, it)| it.at == at)
            .collect();
        listed.sort_by_key(|(_, it)| it.stamp);
        for (id, document) in listed {
            let (stamp, id) = (document.stamp, id.clone());
            list.queue.add(Document { stamp, id });
        }
        list.queue.settle(self.now);
        list
    }

    fn ask(&mut self, item: &ListedDocument) -> DocumentOutcome {
        let document = self.documents.get_mut(&item.document.id);
        let document = document.expect("only what is listed is asked");
        let outcome = document.outcomes.pop_front().unwrap_or(READ);
        if matches!(outcome, READ | GONE) {
            document.read = Some(document.stamp);
        }
        outcome
    }

    fn is_read(document: &OrganisationList) -> bool {
        document.read.is_some_and(|read| read >= document.stamp)
    }

    /// No position passes a document that was neither read nor recorded.
    fn check(&self, progress: &StreamState<DocumentLists>) {
        let places = [0, 1].map(|at| cursor(progress, list(at)));
        for (id, document) in &self.documents {
            let place = &places[document.at];
            let is_passed = place.position.as_ref().is_some_and(|position| {
                let after = position.after.as_deref();
                document.stamp < position.stamp
                    || document.stamp == position.stamp && after.is_some_and(|after| **id <= *after)
            });
            let is_remembered = place.failed.contains_key(id);
            assert!(
                !is_passed || is_remembered || World::is_read(document),
                "{id} is passed: {document:?} {place:?}"
            );
        }
    }

    fn unread(&self) -> usize {
        let documents = self.documents.values();
        documents.filter(|it| !World::is_read(it)).count()
    }
}

/// Returns a state with `count` failed documents of a list that is not read.
fn remembering(count: usize) -> Value {
    let failed = (0..count).map(|id| (format!("x{id}"), Value::Null));
    let failed = Value::Object(failed.collect());
    json!({"tenants": {TENANT: {"quotes": {"failed": failed}}}})
}

/// Returns documents. The first `count` have these outcomes.
fn run(count: usize, outcomes: &[DocumentOutcome]) -> Vec<(usize, i64, Vec<DocumentOutcome>)> {
    let outcomes = |number| match number < count {
        true => outcomes.to_vec(),
        false => Vec::new(),
    };
    let document = |number| (0, number as i64, outcomes(number));
    (0..20).map(document).collect()
}

#[test]
fn a_run_that_ends_the_stream_leaves_the_position_before_it() {
    for outcome in [FAILED, GONE] {
        let mut world = World::new(&run(10, &[outcome]), Value::Null);
        assert_eq!(world.sync(100, 5), [Some(StopReason::TooMany), None]);
        let place = cursor(&progress(&world.state), list(0));
        assert_eq!(place.position, Some(QueuePosition::at(0)));
        assert_eq!(place.failed.len(), 10);
        // The others come first and succeed.
        assert_eq!(world.sync(100, 5), [None; 2]);
        let place = cursor(&progress(&world.state), list(0));
        assert_eq!(place.position, Some(QueuePosition::at(world.now)));
        assert_eq!((world.unread(), place.failed.len()), (0, 0));
    }
}

#[test]
fn a_run_that_ends_the_stream_costs_no_call_beyond_it() {
    for at_once in 1..=5 {
        let mut world = World::new(&run(20, &[FAILED; 2]), Value::Null);
        world.sync(100, at_once);
        let asked = |it: &&OrganisationList| it.outcomes.len() < 2;
        assert_eq!(world.documents.values().filter(asked).count(), 10);
    }
}

#[test]
fn requests_in_flight_count_after_a_stream_has_stopped() {
    let mut documents = run(0, &[]);
    documents[7].2 = vec![STOPPED];
    let mut world = World::new(&documents, Value::Null);
    assert_eq!(world.sync(100, 5), [Some(StopReason::Halted), None]);
    let read = world.documents.values().filter(|it| World::is_read(it));
    assert_eq!(read.count(), 7 + 4);
    // Later documents are not requested again.
    let place = cursor(&progress(&world.state), list(0));
    assert_eq!(place.position.and_then(|it| it.after), Some("0011".into()));
    assert_eq!(place.failed.len(), 1);
    world.sync(100, 5);
    assert_eq!(world.unread(), 0);
}

#[test]
fn a_full_memory_stops_the_stream_before_what_it_cannot_remember() {
    let mut documents = run(5, &[FAILED; 2]);
    for document in &mut documents[..2] {
        document.2.truncate(1);
    }
    let mut world = World::new(&documents, remembering(998));
    let mut sync = || {
        let ends = world.sync(100, 1);
        let place = cursor(&progress(&world.state), list(0));
        let failed: Vec<_> = place.failed.into_keys().collect();
        (
            ends[0],
            place.position.and_then(|it| it.after),
            failed.join(" "),
            world.unread(),
        )
    };
    let full = Some(StopReason::NoRoom);
    let after = |id: &str| Some(id.into());
    assert_eq!(sync(), (full, after("0001"), "0000 0001".to_owned(), 20));
    // Recorded documents are still requested, and make room for others.
    assert_eq!(sync(), (full, after("0002"), "0002".to_owned(), 18));
    assert_eq!(sync(), (full, after("0004"), "0003 0004".to_owned(), 17));
    assert_eq!(sync(), (None, None, "0003 0004".to_owned(), 2));
    assert_eq!(sync(), (None, None, String::new(), 0));
}

fn outcome() -> impl Strategy<Value = DocumentOutcome> {
    prop_oneof![
        3 => Just(READ),
        1 => Just(GONE),
        6 => Just(FAILED),
        1 => Just(STOPPED),
    ]
}

proptest! {
    #![proptest_config(cases(500))]

    /// For any outcomes and any quota: no position passes a document that was neither read nor
    /// recorded, and in the end every document is read.
    #[test]
    fn every_document_is_read_in_the_end(
        documents in prop::collection::vec(
            (0_usize..2, 0_i64..12, prop::collection::vec(outcome(), 0..5)),
            1..16,
        ),
        edits in prop::collection::vec(prop::collection::vec(0_usize..16, 0..4), 0..5),
        remembered in prop_oneof![30 => Just(0_usize), 1 => Just(990), 1 => Just(998), 1 => Just(1_000)],
        calls in 1_usize..30,
        at_once in 1_usize..6,
    ) {
        let mut world = World::new(&documents, remembering(remembered));
        for edits in edits {
            world.sync(calls, at_once);
            edits.iter().for_each(|number| world.edit(*number));
        }
        // Each sync sends a request while a document is left.
        let calls_left: usize = world.documents.values().map(|it| it.outcomes.len() + 1).sum();
        for _ in 0..=calls_left {
            world.sync(calls, at_once);
        }
        prop_assert_eq!(world.unread(), 0, "{:?}", world);
    }
}
