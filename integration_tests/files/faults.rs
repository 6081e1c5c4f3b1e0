//! A file that cannot be downloaded gives one message and one row with its status. It costs no sync. A later
//! sync retries it if it may succeed then.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use xero_sim::{Answer, Attachment};

use crate::support::connector::{self, Run, read_arguments};
use crate::support::file_scene::{FileScene, MEGABYTE, pdf, skipped, statuses};
use crate::support::scene::catalog;

/// Makes the download of one file fail, at most a given number of times.
fn break_file(
    file_scene: &FileScene,
    id: String,
    times: usize,
    answer: impl Fn() -> Answer + Send + 'static,
) {
    let left = AtomicUsize::new(times);
    file_scene.scene.sim.intercept(move |request, _| {
        let is_it = request.path.ends_with(&id);
        let less = |left: usize| left.checked_sub(1);
        let order = Ordering::Relaxed;
        let may = is_it && left.fetch_update(order, order, less).is_ok();
        may.then(&answer)
    });
}

#[test]
fn a_missing_file_is_logged_once_and_recorded() {
    for (answer, status, words, rows_again) in [
        (
            Answer::not_found as fn() -> Answer,
            "gone",
            "Xero no longer knows it (HTTP 404)",
            0,
        ),
        // Rights are given back: the next sync asks the document again.
        (
            Answer::forbidden,
            "forbidden",
            "Xero forbids it (HTTP 403",
            2,
        ),
    ] {
        let file_scene = FileScene::new(&vec![vec![pdf(1_000); 2]; 5]);
        let id = file_scene.files(3)[0].id();
        break_file(&file_scene, id.clone(), usize::MAX, answer);
        let run = file_scene.read(&file_scene.config(), None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        let statuses = statuses(&run);
        assert_eq!((statuses.len(), statuses[&id].as_str()), (10, status));
        let said = skipped(&run);
        assert!(said.len() == 1 && said[0].contains(words), "{said:?}");
        assert!(said[0].contains(&id), "{said:?}");
        assert_eq!(file_scene.found().len(), 9);
        let next = file_scene.read(&file_scene.config(), Some(&run.last_states()));
        assert_eq!(next.records("attachments").len(), rows_again);
        assert_eq!(file_scene.found().len(), 9);
    }
}

#[test]
fn a_file_that_is_too_large_is_recorded_as_skipped() {
    let lying = Attachment {
        claimed: 10,
        ..pdf(3 * MEGABYTE)
    };
    let file_scene = FileScene::new(&[vec![pdf(MEGABYTE), pdf(MEGABYTE + 1)], vec![lying]]);
    let mut config = file_scene.config();
    config["attachments_max_megabytes"] = 1.into();
    let run = file_scene.read(&config, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let found: Vec<_> = statuses(&run).into_values().collect();
    assert_eq!(found.iter().filter(|it| *it == "too_large").count(), 2);
    assert_eq!(skipped(&run).len(), 2);
    let words = "it is larger than attachments_max_megabytes allows, which is 1";
    assert!(skipped(&run).iter().all(|it| it.ends_with(words)));
    // One was not even asked for.
    assert_eq!(file_scene.asked().len(), 2);
    assert_eq!(file_scene.found().len(), 1);
}

#[test]
fn a_file_of_another_length_than_announced_is_not_kept() {
    let wrong = |claimed| Attachment {
        claimed,
        ..pdf(1_000)
    };
    let file_scene = FileScene::new(&[vec![pdf(1_000), wrong(999), wrong(1_001)]]);
    let run = file_scene.read(&file_scene.config(), None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let found = statuses(&run);
    assert_eq!(found.values().filter(|it| *it == "failed").count(), 2);
    let said = skipped(&run);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("1000 bytes, but the file's ContentLength is 999"),
        "{said:?}"
    );
    assert!(said[0].contains("the next sync tries again"), "{said:?}");
    assert_eq!(file_scene.found().len(), 1);
    let next = file_scene.read(&file_scene.config(), Some(&run.last_states()));
    assert_eq!(next.records("attachments").len(), 3);
}

#[test]
fn a_download_resumes_after_the_connection_drops() {
    let part = 6 * MEGABYTE as usize;
    for ranges in [true, false] {
        let file_scene = FileScene::new(&[vec![pdf(25 * MEGABYTE)]]);
        if ranges {
            file_scene.scene.sim.world(xero_sim::World::serve_ranges);
        }
        let file = &file_scene.files(1)[0];
        break_file(&file_scene, file.id(), 3, move || {
            Answer::honest().truncated(part)
        });
        let run = file_scene.read(&file_scene.config(), None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        assert!(
            file_scene.found().into_values().eq([file.bytes()]),
            "{ranges}"
        );
        let requests = file_scene.scene.sim.requests().into_iter();
        let requests: Vec<_> = requests
            .filter(|it| it.path.ends_with(&file.id()))
            .collect();
        let asked: Vec<_> = requests.iter().map(|it| it.range.is_some()).collect();
        assert_eq!(asked, [false, true, true, true]);
        let sent: usize = requests.iter().map(|it| it.sent_bytes).sum();
        let expected = match ranges {
            true => 25 * MEGABYTE as usize..30 * MEGABYTE as usize,
            false => 43 * MEGABYTE as usize..44 * MEGABYTE as usize,
        };
        assert!(expected.contains(&sent), "{sent} bytes, ranges: {ranges}");
        assert!(
            requests
                .iter()
                .all(|it| it.accept_encoding.as_deref() == Some("identity"))
        );
    }
}

#[test]
fn the_next_sync_downloads_a_file_that_failed() {
    let file_scene = FileScene::new(&vec![vec![pdf(1_000)]; 5]);
    let id = file_scene.files(2)[0].id();
    // As many attempts as a call is worth.
    break_file(&file_scene, id.clone(), 8, Answer::server_error);
    let run = file_scene.read(&file_scene.config(), None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(statuses(&run)[&id], "failed");
    assert_eq!(skipped(&run).len(), 1);
    let next = file_scene.read(&file_scene.config(), Some(&run.last_states()));
    assert_eq!(
        statuses(&next).into_values().collect::<Vec<_>>(),
        ["downloaded"]
    );
    assert_eq!(file_scene.found().len(), 5);
}

#[test]
fn each_attempt_to_download_a_file_counts_as_a_call() {
    let file_scene = FileScene::new(&vec![vec![pdf(1_000)]; 5]);
    break_file(
        &file_scene,
        file_scene.files(1)[0].id(),
        7,
        Answer::server_error,
    );
    let mut config = file_scene.config();
    config["max_calls_per_sync"] = 6.into();
    let run = file_scene.read(&config, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    // The list of the first document and eight attempts for its file.
    assert_eq!(run.records("attachments").len(), 1);
}

/// Reads while no file may have more than some hundred kilobytes.
fn read_without_room(file_scene: &FileScene) -> Run {
    let config = file_scene.scene.file("config.json", &file_scene.config());
    let catalog = file_scene
        .scene
        .file("catalog.json", &catalog(&["attachments"]));
    let connector = connector::command(&read_arguments(&config, &catalog));
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 400; exec \"$0\" \"$@\""])
        .arg(connector.get_program())
        .args(connector.get_args())
        .envs(
            connector
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null());
    Run::of(shell.output().expect("the shell starts"))
}

#[test]
fn a_full_disk_loses_only_the_files_that_do_not_fit() {
    let file_scene = FileScene::new(&[vec![pdf(1_000)], vec![pdf(MEGABYTE)], vec![pdf(2_000)]]);
    let id = file_scene.files(2)[0].id();
    let run = read_without_room(&file_scene);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let found = statuses(&run);
    assert_eq!((found.len(), found[&id].as_str()), (3, "failed"));
    let said = skipped(&run);
    assert_eq!(said.len(), 1, "{said:?}");
    let folder = file_scene.path().display().to_string();
    assert!(
        said[0].contains(&folder) && said[0].contains("Is there room"),
        "{said:?}"
    );
    assert_eq!(file_scene.found().len(), 2, "half a file is left behind");
    // Once there is room, the next sync brings it.
    let next = file_scene.read(&file_scene.config(), Some(&run.last_states()));
    assert_eq!(statuses(&next)[&id], "downloaded");
    assert_eq!(file_scene.found().len(), 3);
}

#[test]
fn a_disk_that_rejects_every_write_ends_the_stream() {
    let file_scene = FileScene::new(&vec![vec![pdf(MEGABYTE)]; 12]);
    let run = read_without_room(&file_scene);
    assert_eq!(run.status("attachments"), "INCOMPLETE");
    let (kind, stream, words) = run.errors()[0];
    assert_eq!((kind, stream), ("config_error", "attachments"));
    assert!(words.contains("Is there room"), "{words}");
    assert_eq!(file_scene.asked().len(), 10);
    // With room, nothing is missing in the end.
    let mut config = file_scene.config();
    config["lookback_seconds"] = 0.into();
    file_scene.read(&config, Some(&run.last_states()));
    assert_eq!(file_scene.found().len(), 12);
}
