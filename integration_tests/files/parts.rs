//! An interrupted download resumes where it stopped. It never appends bytes of another position, and never
//! sends a request to another server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use xero_sim::{Answer, Limit};

use crate::limits::minute;
use crate::support::connector::Run;
use crate::support::file_scene::{FileScene, pdf, skipped, statuses};

const LENGTH: u64 = 200_000;
/// What comes before the connection ends.
const PART: usize = 80_000;

/// Makes an answer.
type Answers = Box<dyn Fn() -> Answer + Send>;

/// What came of a file whose first attempt breaks off.
struct Attempts {
    file_scene: FileScene,
    run: Run,
    /// The `Range` that each attempt asked for.
    ranges: Vec<Option<String>>,
    /// What its row says.
    status: String,
}

/// A file whose first attempt breaks off and whose second gets this answer.
fn attempts(second: impl Fn() -> Answer + Send + 'static) -> Attempts {
    let file_scene = FileScene::new(&[vec![pdf(LENGTH)]]);
    file_scene.scene.sim.world(xero_sim::World::serve_ranges);
    let id = file_scene.files(1)[0].id();
    let count = Arc::new(AtomicUsize::new(0));
    let path = id.clone();
    file_scene.scene.sim.intercept(move |request, _| {
        if !request.path.ends_with(&path) {
            return None;
        }
        match count.fetch_add(1, Relaxed) {
            0 => Some(Answer::honest().truncated(PART)),
            1 => Some(second()),
            _ => None,
        }
    });
    let run = file_scene.read(&file_scene.config(), None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let status = statuses(&run).remove(&id).expect("the file has a row");
    assert_eq!(skipped(&run).is_empty(), status == "downloaded");
    let requests = file_scene.scene.sim.requests().into_iter();
    let ranges = requests.filter(|it| it.path.ends_with(&id));
    let ranges = ranges.map(|it| it.range).collect();
    Attempts {
        file_scene,
        run,
        ranges,
        status,
    }
}

#[test]
fn a_response_that_does_not_continue_the_partial_file_is_not_appended() {
    // As many bytes as are missing, so that the length alone does not show the fault.
    let others = "x".repeat(LENGTH as usize - PART);
    let at = |range: Option<&'static str>| -> Answers {
        let others = others.clone();
        Box::new(move || {
            let answer = Answer::text(206, others.clone());
            match range {
                Some(range) => answer.header("Content-Range", range),
                None => answer,
            }
        })
    };
    let packed = |status, length| -> Answers {
        let body = "x".repeat(length);
        Box::new(move || {
            let answer = Answer::text(status, body.clone());
            answer
                .header("Content-Range", "bytes 80000-199999/200000")
                .header("Content-Encoding", "gzip")
        })
    };
    // What the second attempt is answered with, and whether the third still has the part.
    let answers: [(&str, Answers, bool); 11] = [
        ("an earlier part", at(Some("bytes 0-119999/200000")), false),
        ("a later part", at(Some("bytes 80001-200000/200001")), false),
        ("a part from nowhere", at(None), false),
        (
            "a part that ends early",
            Box::new(|| {
                let answer = Answer::text(206, "other bytes");
                answer.header("Content-Range", "bytes 80000-80010/200000")
            }),
            false,
        ),
        ("no such part", Box::new(|| Answer::text(416, "")), false),
        ("a packed part", packed(206, LENGTH as usize - PART), false),
        ("a packed file", packed(200, LENGTH as usize), false),
        (
            "a short file",
            Box::new(|| Answer::text(200, "short")),
            false,
        ),
        ("an outage", Box::new(Answer::server_error), true),
        ("maintenance", Box::new(Answer::maintenance), true),
        (
            "a limit",
            Box::new(|| Answer::too_many(Limit::Minute, Some(1))),
            true,
        ),
    ];
    for (name, second, keeps) in answers {
        let came = attempts(second);
        assert_eq!(came.status, "downloaded", "{name}");
        let content = came.file_scene.files(1)[0].bytes();
        assert!(
            came.file_scene.found().into_values().eq([content]),
            "{name}"
        );
        let from = format!("bytes={PART}-");
        let third = keeps.then(|| from.clone());
        assert_eq!(came.ranges, [None, Some(from), third], "{name}");
        let waits = minute::statuses(&came.run, "attachments").into_iter();
        let waits = waits.filter(|(_, reset)| reset.is_some());
        assert_eq!(waits.count(), usize::from(name == "a limit"), "{name}");
    }
}

#[test]
fn a_token_that_expires_during_a_download_is_renewed_once() {
    let ended = || Answer::unauthorized("TokenExpired: token expired at 11/24/2026 05:16:59");
    let came = attempts(ended);
    assert_eq!((came.status.as_str(), came.ranges.len()), ("downloaded", 3));
    let content = came.file_scene.files(1)[0].bytes();
    assert!(came.file_scene.found().into_values().eq([content]));
    assert_eq!(came.file_scene.scene.token_calls(), 1);
}

#[test]
fn a_file_is_not_fetched_from_where_the_server_points() {
    let away = || Answer::text(302, "").header("Location", "http://127.0.0.1:9/file");
    let came = attempts(away);
    assert_eq!((came.status.as_str(), came.ranges.len()), ("refused", 2));
    assert!(
        came.file_scene.found().is_empty(),
        "half a file is left behind"
    );
}
