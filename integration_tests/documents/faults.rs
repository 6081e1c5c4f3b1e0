//! A document that fails costs one message and no sync. A later sync retries it if it may succeed then.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{Answer, Entity, Limit};

use crate::limits::minute;
use crate::support::connector::{Run, command, read_arguments};
use crate::support::scene::{SCOPES, Scene, catalog};

fn scene(invoices: usize) -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, invoices);
    })
}

/// Fails the history of some invoices while the switch is on.
fn break_some(
    scene: &Scene,
    is_broken: impl Fn(usize) -> bool + Send + 'static,
    answer: impl Fn() -> Answer + Send + 'static,
) -> Arc<AtomicBool> {
    let switch = Arc::new(AtomicBool::new(true));
    let (on, known) = (switch.clone(), Mutex::new(Vec::<String>::new()));
    scene.sim.intercept(move |request, _| {
        let is_history = request.path.ends_with("/History");
        if !is_history || !on.load(Ordering::Relaxed) {
            return None;
        }
        let mut known = known.lock().expect("nobody panics in here");
        let at = known.iter().position(|path| *path == request.path);
        let at = at.unwrap_or_else(|| {
            known.push(request.path.clone());
            known.len() - 1
        });
        is_broken(at).then(&answer)
    });
    switch
}

fn documents(rows: &[&Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["ParentID"].to_string()).collect()
}

#[test]
fn missing_and_forbidden_documents_are_skipped_with_one_message() {
    for (answer, words, next, is_remembered) in [
        (
            Answer::not_found as fn() -> Answer,
            "no longer knows it (HTTP 404)",
            "once it changes",
            false,
        ),
        (
            Answer::forbidden,
            "Xero forbids it (HTTP 403",
            "the next sync requests it again",
            true,
        ),
    ] {
        let scene = scene(20);
        break_some(&scene, |at| at == 5, answer);
        let run = scene.read(&scene.flat(), &["history"], None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        assert_eq!(documents(&run.records("history")).len(), 19);
        let warnings = run.logs("WARN");
        let said: Vec<_> = warnings
            .iter()
            .filter(|it| it.contains("is skipped"))
            .collect();
        assert_eq!(said.len(), 1, "{warnings:?}");
        assert!(
            said[0].contains(words) && said[0].contains(next),
            "{said:?}"
        );
        let state = run
            .states("history")
            .last()
            .copied()
            .cloned()
            .expect("a state");
        assert_eq!(
            state.to_string().contains("failed"),
            is_remembered,
            "{state}"
        );
    }
}

#[test]
fn a_document_that_fails_is_requested_by_the_next_sync() {
    let scene = scene(20);
    let switch = break_some(&scene, |at| at % 7 == 3, Answer::server_error);
    let run = scene.read(&scene.flat(), &["history"], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(documents(&run.records("history")).len(), 17);
    let skipped = |lines: Vec<&str>| lines.iter().filter(|it| it.contains("is skipped")).count();
    assert_eq!(skipped(run.logs("WARN")), 3);
    let failed = |state: &Value| {
        let failed = &state["tenants"][scene.tenant.as_str()]["invoices"]["failed"];
        failed.as_object().map_or(0, |failed| failed.len())
    };
    let states = run.states("history");
    assert_eq!(failed(states[states.len() - 1]), 3);

    switch.store(false, Ordering::Relaxed);
    let next = scene.read(&scene.flat(), &["history"], Some(&run.last_states()));
    assert_eq!(documents(&next.records("history")).len(), 3);
    let stamped = next.column("history", "UpdatedDateUTC");
    assert_eq!(stamped.len(), next.records("history").len());
    let states = next.states("history");
    assert_eq!(failed(states[states.len() - 1]), 0);
    let last = scene.read(&scene.flat(), &["history"], Some(&next.last_states()));
    assert_eq!(last.records("history").len(), 0);
}

#[test]
fn failed_documents_get_half_of_the_calls_while_others_wait() {
    let scene = scene(60);
    let switch = break_some(&scene, |at| at.is_multiple_of(2), Answer::server_error);
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 30.into();
    let first = scene.read(&config, &["history"], None);
    let states = first.states("history");
    let failed = &states[states.len() - 1]["tenants"][scene.tenant.as_str()]["invoices"]["failed"];
    let failed: BTreeSet<_> = failed.as_object().expect("some failed").keys().collect();
    switch.store(false, Ordering::Relaxed);
    config["max_calls_per_sync"] = 6.into();
    let next = scene.read(&config, &["history"], Some(&first.last_states()));
    let came = next.column("history", "ParentID").into_iter();
    let came: BTreeSet<_> = came.map(str::to_owned).collect();
    let again = came.iter().filter(|id| failed.contains(id)).count();
    assert_eq!((came.len(), again), (6, failed.len().min(3)));
}

#[test]
fn a_failed_document_that_changed_is_requested_once() {
    let scene = scene(5);
    let switch = break_some(&scene, |at| at == 2, Answer::server_error);
    let run = scene.read(&scene.flat(), &["history"], None);
    let came = documents(&run.records("history"));
    assert_eq!(came.len(), 4);
    switch.store(false, Ordering::Relaxed);
    let ids = scene.ids(Entity::Invoices);
    let number = ids.iter().position(|id| !came.contains(&format!("{id:?}")));
    let number = number.expect("one did not come") as u64 + 1;
    scene.sim.world(|world| {
        // Later than the overlap with the next sync.
        world.advance(Duration::from_secs(3_600));
        world.touch(&scene.tenant, Entity::Invoices, number);
        world.advance(Duration::from_secs(3_600));
    });
    let next = scene.read(&scene.flat(), &["history"], Some(&run.last_states()));
    assert_eq!(next.code, Some(0), "{:?}", next.errors());
    assert_eq!(documents(&next.records("history")).len(), 1);
    let last = scene.read(&scene.flat(), &["history"], Some(&next.last_states()));
    assert!(last.records("history").is_empty());
}

#[test]
fn documents_that_fail_again_do_not_starve_the_others() {
    let scene = scene(30);
    break_some(&scene, |at| at % 2 == 0, Answer::server_error);
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 6.into();
    let (mut state, mut seen) = (None, BTreeSet::new());
    for _ in 0..10 {
        let run = scene.read(&config, &["history"], state.as_ref());
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        seen.extend(documents(&run.records("history")));
        state = Some(run.last_states());
    }
    assert_eq!(seen.len(), 15);
}

#[test]
fn documents_that_fail_for_good_do_not_end_every_sync() {
    let scene = scene(45);
    let switch = break_some(&scene, |at| at < 25, Answer::server_error);
    let (mut state, mut ends) = (None, Vec::new());
    let mut sync = || {
        let run = scene.read(&scene.flat(), &["history"], state.as_ref());
        state = Some(run.last_states());
        ends.push(run.status("history").to_owned());
        (documents(&run.records("history")), run)
    };
    // Ten consecutive failures look like an outage, but each sync gets past some of them.
    let seen: Vec<_> = (0..4).map(|_| sync().0.len()).collect();
    assert_eq!(seen, [0, 0, 20, 0]);
    let (_, run) = sync();
    let warnings = run.logs("WARN");
    let left = warnings.iter().filter(|it| it.contains("failed again"));
    assert_eq!(left.count(), 1, "{warnings:?}");
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    // Once Xero answers for them, they are read.
    switch.store(false, Ordering::Relaxed);
    assert_eq!(sync().0.len(), 25);
    let complete = ["COMPLETE"; 4];
    assert_eq!(ends, [&["INCOMPLETE"; 2][..], &complete].concat());
}

#[test]
fn documents_that_fail_again_leave_calls_for_the_others() {
    let scene = scene(40);
    // One of the 20 works again after the first sync. It is not one of the oldest.
    let mended = Arc::new(AtomicBool::new(false));
    let is_mended = mended.clone();
    let is_broken =
        move |at: usize| at.is_multiple_of(2) && !(at == 38 && is_mended.load(Ordering::Relaxed));
    break_some(&scene, is_broken, Answer::server_error);
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 1_000.into();
    let first = scene.read(&config, &["history"], None);
    assert_eq!(documents(&first.records("history")).len(), 20);
    mended.store(true, Ordering::Relaxed);
    let mut state = first.last_states();
    // A sync requests ten of the 20 again.
    let came = (0..40).any(|_| {
        let run = scene.read(&config, &["history"], Some(&state));
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        state = run.last_states();
        !run.records("history").is_empty()
    });
    assert!(came, "the one that was mended never had its turn");
}

#[test]
fn retries_count_as_calls_of_the_sync() {
    let scene = scene(60);
    break_some(&scene, |at| at % 2 == 0, Answer::server_error);
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 20.into();
    let run = scene.read(&config, &["history"], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let calls = scene.calls();
    let calls = calls.iter().filter(|it| it.ends_with("/History")).count();
    // Five calls are in flight when the last failure is counted. Each has at most seven more
    // attempts.
    assert!((20..=20 + 5 * 7).contains(&calls), "{calls}");
}

#[test]
fn an_outage_ends_the_stream_and_not_the_others() {
    let scene = scene(60);
    break_some(&scene, |at| at >= 20, Answer::server_error);
    let mut config = scene.flat();
    // Each attempt counts.
    config["max_calls_per_sync"] = 1_000.into();
    let run = scene.read(&config, &["history", "online_invoices"], None);
    assert_eq!(
        (run.status("history"), run.status("online_invoices")),
        ("INCOMPLETE", "COMPLETE")
    );
    let (kind, stream, words) = run.errors()[0];
    assert_eq!((kind, stream), ("transient_error", "history"));
    assert!(words.contains("outage"), "{words}");
    assert_eq!(documents(&run.records("history")).len(), 20);
    assert!(run.records("online_invoices").len() > 10);
}

#[test]
fn a_spent_daily_limit_ends_the_stream_and_the_next_sync_continues() {
    let scene = scene(20);
    let switch = break_some(
        &scene,
        |at| at >= 8,
        || Answer::too_many(Limit::Day, Some(9_000)),
    );
    let run = scene.read(&scene.flat(), &["history"], None);
    assert_eq!(run.status("history"), "INCOMPLETE");
    let first = documents(&run.records("history"));
    assert!((4..=8).contains(&first.len()), "{first:?}");
    switch.store(false, Ordering::Relaxed);
    let next = scene.read(&scene.flat(), &["history"], Some(&run.last_states()));
    let second = documents(&next.records("history"));
    assert!(first.is_disjoint(&second));
    assert_eq!(first.len() + second.len(), 20);
}

#[test]
fn a_wait_for_a_limit_is_reported_for_the_stream_that_waits() {
    let scene = scene(5);
    let met = AtomicBool::new(false);
    scene.sim.intercept(move |request, _| {
        let is_first = request.path.ends_with("/History") && !met.swap(true, Ordering::Relaxed);
        is_first.then(|| Answer::too_many(Limit::Minute, Some(7)))
    });
    let run = scene.read(&scene.flat(), &["history"], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let statuses = minute::statuses(&run, "history").into_iter();
    let waits: Vec<_> = statuses.filter_map(|(_, reset)| reset).collect();
    assert_eq!(waits, [7_000]);
}

#[test]
fn without_the_attachments_scope_the_stream_fails_with_a_message() {
    let scopes = "accounting.settings.read accounting.transactions.read";
    let scene = Scene::with(scopes, |_, _| ());
    let run = scene.read(&scene.flat(), &["attachments", "currencies"], None);
    assert_eq!(
        (run.status("attachments"), run.status("currencies")),
        ("INCOMPLETE", "COMPLETE")
    );
    let (_, _, words) = run.errors()[0];
    assert!(words.contains("accounting.attachments.read"), "{words}");
}

#[test]
fn a_reader_that_pauses_longer_than_a_response_may_take_repeats_no_request() {
    const DOCUMENTS: usize = 20;
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, DOCUMENTS);
    });
    let (asked, calls) = mpsc::channel();
    scene.sim.intercept(move |request, _| {
        if !request.path.ends_with("/History") {
            return None;
        }
        let _ = asked.send(());
        let details = "w".repeat(200_000);
        let entry =
            json!({"Changes": "Edited", "DateUTC": "/Date(1600000000000)/", "Details": details});
        let body = json!({"HistoryRecords": [entry]}).to_string();
        Some(Answer::json(200, body).delayed(Duration::from_millis(100)))
    });
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&["history"]));
    let child = command(&read_arguments(&config, &catalog)).spawn();
    let child = child.expect("the binary starts");
    // Until no request has come for longer than a response may be silent, which is a second. Then
    // the connector waits for its reader.
    let mut asked = 0;
    while calls.recv_timeout(Duration::from_millis(2500)).is_ok() {
        asked += 1;
    }
    assert!(asked < DOCUMENTS, "stdout was never full");
    let run = Run::of(
        child
            .wait_with_output()
            .expect("the child was started here"),
    );
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(run.records("history").len(), DOCUMENTS);
    assert_eq!(
        calls.try_iter().count() + asked,
        DOCUMENTS,
        "{:?}",
        run.logs("WARN")
    );
}
