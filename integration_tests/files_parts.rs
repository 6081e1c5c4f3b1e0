//! A download that broke off goes on where it was, but never with bytes of another place
//! and never to another server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use xero_sim::{Answer, Limit};

use crate::file_room::{Room, pdf, skipped, statuses};

const LENGTH: u64 = 200_000;
/// What comes before the connection ends.
const PART: usize = 80_000;

/// Makes an answer.
type Answers = Box<dyn Fn() -> Answer + Send>;

/// A room of one file, whose first attempt breaks off and whose second gets this answer; the
/// `Range` that each attempt asked for.
fn attempts(second: impl Fn() -> Answer + Send + 'static) -> (Room, Vec<Option<String>>, String) {
    let room = Room::new(&[vec![pdf(LENGTH)]]);
    room.scene.sim.world(xero_sim::World::serve_ranges);
    let id = room.files(1)[0].id();
    let count = Arc::new(AtomicUsize::new(0));
    let path = id.clone();
    room.scene.sim.intercept(move |request, _| {
        if !request.path.ends_with(&path) {
            return None;
        }
        match count.fetch_add(1, Relaxed) {
            0 => Some(Answer::honest().truncated(PART)),
            1 => Some(second()),
            _ => None,
        }
    });
    let run = room.read(&room.config(), None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let status = statuses(&run).remove(&id).expect("the file has a row");
    assert_eq!(skipped(&run).is_empty(), status == "downloaded");
    let requests = room.scene.sim.requests().into_iter();
    let ranges = requests.filter(|it| it.path.ends_with(&id));
    let ranges = ranges.map(|it| it.range).collect();
    (room, ranges, status)
}

#[test]
fn what_does_not_follow_on_the_part_that_is_there_is_not_added_to_it() {
    let part = |range: &str| {
        let answer = Answer::text(206, "other bytes");
        answer.header("Content-Range", range)
    };
    // What the second attempt is answered with, and whether the third still has the part.
    let answers: [(&str, Answers, bool); 9] = [
        (
            "an earlier part",
            Box::new(move || part("bytes 0-10/200000")),
            false,
        ),
        (
            "a later part",
            Box::new(move || part("bytes 80001-80011/200000")),
            false,
        ),
        (
            "no place",
            Box::new(|| Answer::text(206, "other bytes")),
            false,
        ),
        (
            "a part that ends early",
            Box::new(move || part("bytes 80000-80010/200000")),
            false,
        ),
        ("no such part", Box::new(|| Answer::text(416, "")), false),
        (
            "a packed file",
            Box::new(|| Answer::text(200, "\u{1f}...").header("Content-Encoding", "gzip")),
            false,
        ),
        (
            "another file",
            Box::new(|| Answer::text(200, "short")),
            false,
        ),
        ("an outage", Box::new(Answer::server_error), true),
        (
            "a limit",
            Box::new(|| Answer::too_many(Limit::Minute, Some(1))),
            true,
        ),
    ];
    for (name, second, keeps) in answers {
        let (room, ranges, status) = attempts(second);
        assert_eq!(status, "downloaded", "{name}");
        let content = room.files(1)[0].bytes();
        assert!(room.found().into_values().eq([content]), "{name}");
        let from = format!("bytes={PART}-");
        let third = keeps.then(|| from.clone());
        assert_eq!(ranges, [None, Some(from), third], "{name}");
    }
}

#[test]
fn a_token_that_ends_inside_a_file_is_renewed_once() {
    let ended = || Answer::unauthorized("TokenExpired: token expired at 11/24/2026 05:16:59");
    let (room, ranges, status) = attempts(ended);
    assert_eq!((status.as_str(), ranges.len()), ("downloaded", 3));
    let content = room.files(1)[0].bytes();
    assert!(room.found().into_values().eq([content]));
    assert_eq!(room.scene.token_calls(), 1);
}

#[test]
fn a_file_is_not_fetched_from_where_the_server_points() {
    let away = || Answer::text(302, "").header("Location", "http://127.0.0.1:9/file");
    let (room, ranges, status) = attempts(away);
    assert_eq!((status.as_str(), ranges.len()), ("refused", 2));
    assert!(room.found().is_empty(), "half a file is left behind");
}
