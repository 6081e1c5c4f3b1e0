//! Tests that the queue loses no document, however few fit into one sync.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::cases::cases;

fn document(stamp: i64, id: u32) -> Document {
    Document {
        stamp,
        id: format!("{id:04}").into(),
    }
}

/// Requests as many documents as fit, and returns them.
fn request(queue: &mut DocumentQueue, calls: usize) -> Vec<Document> {
    let documents: Vec<_> = queue.documents().take(calls).cloned().collect();
    for document in &documents {
        queue.done(document);
    }
    queue.close();
    documents
}

#[test]
fn a_newer_version_takes_the_place_of_the_older_one() {
    let mut queue = DocumentQueue::new(QueuePosition::at(10), 5);
    for (stamp, id) in [(12, 1), (9, 2), (10, 3), (15, 1), (11, 1)] {
        queue.add(document(stamp, id));
    }
    let found: Vec<_> = queue.documents().cloned().collect();
    assert_eq!(found, [document(10, 3), document(15, 1)]);
    assert_eq!(queue.found(), 2);
}

#[test]
fn documents_of_one_stamp_are_read_in_the_order_of_their_ids() {
    let mut position = QueuePosition::at(0);
    let mut asked = Vec::new();
    for sync in 0..4 {
        let mut queue = DocumentQueue::new(position, 3);
        for id in [7, 3, 9, 1, 5, 0, 8, 2] {
            queue.add(document(100, id));
        }
        assert!(!queue.is_full(100), "sync {sync}: the tie may go on");
        queue.settle(1000);
        asked.extend(request(&mut queue, 3));
        position = queue.position().clone();
    }
    let ids: Vec<_> = asked.iter().map(|it| it.id.parse::<u32>()).collect();
    assert_eq!(ids, [0, 1, 2, 3, 5, 7, 8, 9].map(Ok));
    assert_eq!(position, QueuePosition::at(1000));
}

#[test]
fn documents_without_a_stamp_are_asked_once_a_day() {
    const HOUR: i64 = 60 * 60 * 1000;
    let mut position = QueuePosition::at(0);
    let mut rounds = BTreeMap::new();
    for hour in 0..72 {
        let clock = hour * HOUR + HOUR / 2;
        let mut queue = DocumentQueue::new(position, 10);
        let stamp = queue.daily(clock);
        for id in 0..4 {
            queue.add(document(stamp, id));
        }
        queue.settle(clock);
        for asked in request(&mut queue, 3) {
            *rounds.entry((asked.id, hour / 24)).or_insert(0) += 1;
        }
        position = queue.position().clone();
    }
    assert_eq!(rounds.len(), 4 * 3);
    assert!(rounds.values().all(|asked| *asked == 1), "{rounds:?}");
}

#[test]
fn documents_after_the_settled_part_are_dropped() {
    let mut queue = DocumentQueue::new(QueuePosition::at(0), 10);
    for stamp in [1, 2, 8, 9] {
        queue.add(document(stamp, stamp as u32));
    }
    queue.settle(5);
    queue.drop_unsettled();
    assert_eq!(request(&mut queue, 10).len(), 2);
    let after = Some("0002".into());
    assert_eq!(*queue.position(), QueuePosition { stamp: 2, after });
}

#[test]
fn a_document_that_is_edited_while_its_list_is_read_lets_no_other_be_passed_over() {
    let mut position = QueuePosition::at(0);
    let mut asked = Vec::new();
    for sync in 0..4 {
        let mut queue = DocumentQueue::new(position, 3);
        for id in 1..=8 {
            queue.add(document(i64::from(id) * 10, id));
        }
        if sync == 0 {
            // The first document, which fitted, moves to the end of the list.
            for (stamp, id) in [(1000, 1), (1001, 9)] {
                queue.add(document(stamp, id));
            }
        }
        queue.settle(900);
        asked.extend(request(&mut queue, 3).into_iter().map(|it| it.id));
        position = queue.position().clone();
    }
    let expected = (2..=8).map(|id| document(0, id).id);
    for id in expected {
        assert!(asked.contains(&id), "{id} was never asked: {asked:?}");
    }
    assert_eq!(position, QueuePosition::at(900));
}

#[test]
fn an_id_is_the_same_id_however_it_is_spelled() {
    let spelled = |stamp, id: &str| Document {
        stamp,
        id: id.into(),
    };
    let after = Some("b0000000-0000-4000-8000-000000000000".into());
    let mut queue = DocumentQueue::new(QueuePosition { stamp: 5, after }, 9);
    for id in ["a", "b", "c", "d"] {
        queue.add(spelled(
            5,
            &format!("{}0000000-0000-4000-8000-000000000000", id.to_uppercase()),
        ));
    }
    queue.add(spelled(7, "{c0000000-0000-4000-8000-000000000000}"));
    queue.settle(9);
    let found: Vec<_> = queue
        .documents()
        .map(|it| (it.stamp, it.id[..2].to_owned()))
        .collect();
    assert_eq!(found, [(5, "D0".to_owned()), (7, "{c".to_owned())]);
}

#[test]
fn a_position_passes_no_document_that_is_open() {
    let mut queue = DocumentQueue::new(QueuePosition::at(0), 10);
    for stamp in 1..=5 {
        queue.add(document(stamp, stamp as u32));
    }
    queue.settle(100);
    let at = |stamp: i64| QueuePosition {
        stamp,
        after: Some(document(stamp, stamp as u32).id),
    };
    for (done, position) in [
        (3, QueuePosition::at(0)),
        (1, at(1)),
        (5, at(1)),
        (2, at(3)),
        (2, at(3)),
    ] {
        queue.done(&document(done, done as u32));
        assert_eq!(*queue.position(), position, "{done}");
    }
    queue.close();
    assert_eq!(*queue.position(), at(3));
    queue.done(&document(4, 4));
    queue.close();
    assert_eq!(*queue.position(), QueuePosition::at(100));
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// Every version older than the end is asked at or after it was made, however few calls
    /// there are and however often documents are edited between syncs and while the list is read.
    #[test]
    fn every_version_is_asked_in_the_end(
        syncs in prop::collection::vec(
            (
                prop::collection::vec((0_u32..12, 0_i64..40), 0..10),
                prop::collection::vec(0_u32..12, 0..4),
            ),
            1..8,
        ),
        calls in 1_usize..6,
        room in 0_usize..4,
    ) {
        let mut documents: BTreeMap<u32, i64> = BTreeMap::new();
        let mut asked: BTreeMap<Box<str>, i64> = BTreeMap::new();
        let mut position = QueuePosition::at(0);
        let mut now = 0;
        let idle = 12_usize.div_ceil(calls) + 1;
        let nothing = Default::default();
        for (edits, meanwhile) in syncs.iter().chain(std::iter::repeat_n(&nothing, idle)) {
            for (id, later) in edits {
                documents.insert(*id, now + later / 4);
            }
            now += 10;
            let mut queue = DocumentQueue::new(position.clone(), calls + room);
            let mut list: Vec<_> = documents.iter().map(|(id, at)| document(*at, *id)).collect();
            list.sort_by_key(|it| it.stamp);
            for found in list {
                queue.add(found);
            }
            for id in meanwhile {
                documents.insert(*id, now);
                queue.add(document(now, *id));
            }
            queue.settle(now);
            let before = queue.position().clone();
            for done in request(&mut queue, calls) {
                asked.insert(done.id, now);
            }
            prop_assert!(queue.position().stamp >= before.stamp);
            position = queue.position().clone();
        }
        for (id, at) in documents {
            let last = asked.get(&document(0, id).id);
            prop_assert!(last.is_some_and(|asked| *asked > at), "{id} changed at {at}: {last:?}");
        }
    }
}
