//! Documents that Xero forbids for a while. No document counts as read before it was read, each attempt is one
//! call, and later syncs read what was forbidden.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::support::connector::Run;
use crate::support::file_scene::{FileScene, pdf, skipped, statuses};
use crate::support::scene::{SCOPES, Scene};

const DOCUMENTS: usize = 20;

/// Every invoice of the scene, in the order in which a sync requests them.
fn oldest_first(scene: &Scene) -> Vec<String> {
    let mut rows: Vec<_> = scene.sim.world(|world| {
        let rows = world.rows(&scene.tenant, Entity::Invoices).iter();
        rows.map(|row| (row.updated, row.guid())).collect()
    });
    rows.sort();
    rows.into_iter().map(|(_, id)| id).collect()
}

/// Gives `answer` to the requests for these documents while the switch is on. `below` is the path
/// after the document's.
fn ban(
    scene: &Scene,
    banned: &[String],
    below: &'static str,
    answer: fn() -> Answer,
) -> Arc<AtomicBool> {
    let switch = Arc::new(AtomicBool::new(true));
    let (on, banned) = (switch.clone(), banned.to_vec());
    scene.sim.intercept(move |request, _| {
        let is_banned = |id: &String| {
            let behind = request.path.split_once(id.as_str());
            behind.is_some_and(|(_, behind)| behind.starts_with(below))
        };
        let is_it = on.load(Ordering::Relaxed) && banned.iter().any(is_banned);
        is_it.then(answer)
    });
    switch
}

/// The number of requests of each document for the path `below` after the first `before` calls.
fn asked(scene: &Scene, below: &str, before: usize) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for call in &scene.calls()[before..] {
        if let Some(document) = call.strip_suffix(below) {
            let id = document.rsplit('/').next().unwrap_or_default();
            *asked.entry(id.to_owned()).or_default() += 1;
        }
    }
    asked
}

fn parents(run: &Run, stream: &str) -> BTreeSet<String> {
    let parents = run.column(stream, "ParentID").into_iter();
    parents.map(str::to_owned).collect()
}

/// The documents that the last state records as failed.
fn remembered(run: &Run, scene: &Scene, stream: &str) -> BTreeSet<String> {
    let states = run.states(stream);
    let place = &states.last().expect("there is a state")["tenants"][scene.tenant.as_str()];
    let failed = place["invoices"]["failed"].as_object();
    failed.map_or_else(BTreeSet::new, |failed| failed.keys().cloned().collect())
}

/// The last document that the last state counts as finished, if its round is in progress.
fn after(run: &Run, scene: &Scene, stream: &str) -> Value {
    let states = run.states(stream);
    let place = &states.last().expect("there is a state")["tenants"][scene.tenant.as_str()];
    place["invoices"]["after"].clone()
}

/// Reads 20 invoices. The oldest `count` are forbidden in the first sync.
fn a_ban_that_passes(stream: &str, below: &'static str, downloads: bool, count: usize) {
    let case = format!("{stream}, {count} forbidden, downloads: {downloads}");
    let file_scene = FileScene::new(&vec![vec![pdf(1_000)]; DOCUMENTS]);
    let scene = &file_scene.scene;
    let config = match downloads {
        true => file_scene.config(),
        false => scene.flat(),
    };
    let order = oldest_first(scene);
    let all: BTreeSet<_> = order.iter().cloned().collect();
    let banned: BTreeSet<_> = order[..count].iter().cloned().collect();
    let switch = ban(scene, &order[..count], below, Answer::forbidden);

    let first = scene.read(&config, &[stream], None);
    let calls = asked(scene, below, 0);
    for id in &banned {
        assert_eq!(calls[id], 1, "{case}: one call finds out");
    }
    assert_eq!(remembered(&first, scene, stream), banned, "{case}");
    let came = parents(&first, stream);
    if count < 10 {
        assert_eq!(first.code, Some(0), "{case}: {:?}", first.errors());
        assert_eq!(calls.len(), DOCUMENTS, "{case}");
        assert_eq!(came, all.difference(&banned).cloned().collect(), "{case}");
    } else {
        // No later request shows that Xero answers at all, so the position stays before them.
        assert_eq!(first.status(stream), "INCOMPLETE", "{case}");
        let (kind, of, words) = first.errors()[0];
        assert_eq!((kind, of), ("config_error", stream), "{case}");
        assert!(words.contains("Xero forbids reading"), "{words}");
        assert_eq!(calls.values().sum::<usize>(), 10, "{case}");
        assert!(came.is_empty(), "{case}");
        assert_eq!(after(&first, scene, stream), Value::Null, "{case}");
    }

    switch.store(false, Ordering::Relaxed);
    let before = scene.calls().len();
    let next = scene.read(&config, &[stream], Some(&first.last_states()));
    assert_eq!(next.code, Some(0), "{case}: {:?}", next.errors());
    let missing: BTreeSet<_> = all.difference(&came).cloned().collect();
    assert_eq!(parents(&next, stream), missing, "{case}");
    let calls = asked(scene, below, before);
    assert!(calls.keys().eq(&missing), "{case}: {calls:?}");
    assert!(calls.values().all(|calls| *calls == 1), "{case}: {calls:?}");
    assert!(remembered(&next, scene, stream).is_empty(), "{case}");
    if downloads {
        assert_eq!(file_scene.found().len(), DOCUMENTS, "{case}");
    }

    let before = scene.calls().len();
    let last = scene.read(&config, &[stream], Some(&next.last_states()));
    assert!(last.records(stream).is_empty(), "{case}");
    assert!(asked(scene, below, before).is_empty(), "{case}");
}

#[test]
fn forbidden_history_is_read_after_access_is_granted() {
    for count in [1, 5, 9, 10] {
        a_ban_that_passes("history", "/History", false, count);
    }
}

#[test]
fn forbidden_attachments_are_read_after_access_is_granted() {
    for count in [1, 5, 9, 10] {
        a_ban_that_passes("attachments", "/Attachments", false, count);
        a_ban_that_passes("attachments", "/Attachments", true, count);
    }
}

#[test]
fn consecutive_refusals_at_the_end_of_the_list_are_remembered() {
    let file_scene = FileScene::new(&vec![vec![]; DOCUMENTS]);
    let scene = &file_scene.scene;
    let order = oldest_first(scene);
    for count in [1, 9, 10] {
        let banned = &order[DOCUMENTS - count..];
        let switch = ban(scene, banned, "/History", Answer::forbidden);
        let first = scene.read(&scene.flat(), &["history"], None);
        let is_complete = first.status("history") == "COMPLETE";
        assert_eq!(is_complete, count < 10, "{count}");
        assert_eq!(parents(&first, "history").len(), DOCUMENTS - count);
        let expected = banned.iter().cloned().collect();
        assert_eq!(remembered(&first, scene, "history"), expected);
        switch.store(false, Ordering::Relaxed);
        let next = scene.read(&scene.flat(), &["history"], Some(&first.last_states()));
        assert_eq!(next.code, Some(0), "{:?}", next.errors());
        assert_eq!(parents(&next, "history"), expected, "{count}");
    }
}

#[test]
fn other_refusals_are_retried_and_missing_documents_are_not() {
    let bad_request = || Answer::json(400, r#"{"ErrorNumber":10,"Message":"x"}"#);
    for (answer, is_asked_again) in [
        (bad_request as fn() -> Answer, true),
        (Answer::not_found, false),
    ] {
        let file_scene = FileScene::new(&vec![vec![]; DOCUMENTS]);
        let scene = &file_scene.scene;
        let banned = &oldest_first(scene)[3..5];
        let switch = ban(scene, banned, "/History", answer);
        let first = scene.read(&scene.flat(), &["history"], None);
        assert_eq!(first.code, Some(0), "{:?}", first.errors());
        assert_eq!(parents(&first, "history").len(), DOCUMENTS - 2);
        let said = skipped(&first);
        assert_eq!(said.len(), 2, "{said:?}");
        let words = match is_asked_again {
            true => "the next sync requests it again",
            false => "it is requested again once it changes",
        };
        assert!(said.iter().all(|line| line.contains(words)), "{said:?}");
        switch.store(false, Ordering::Relaxed);
        let next = scene.read(&scene.flat(), &["history"], Some(&first.last_states()));
        let came = parents(&next, "history");
        assert_eq!(came.len(), if is_asked_again { 2 } else { 0 });
    }
}

#[test]
fn forbidden_files_are_read_after_access_is_granted() {
    for count in [1, 5, 9, 10] {
        let file_scene = FileScene::new(&vec![vec![pdf(1_000), pdf(2_000)]; DOCUMENTS]);
        let scene = &file_scene.scene;
        let order = oldest_first(scene);
        let switch = ban(scene, &order[..count], "/Attachments/", Answer::forbidden);
        let first = file_scene.read(&file_scene.config(), None);
        assert!(file_scene.asked().values().all(|calls| *calls == 1));
        let found = statuses(&first);
        let forbidden = found.values().filter(|it| *it == "forbidden").count();
        assert_eq!(forbidden, 2 * count, "what was asked has its rows");
        let words = "the next sync tries again: Xero forbids it (HTTP 403";
        let said = skipped(&first);
        assert!(said.iter().all(|line| line.contains(words)), "{said:?}");
        let expected = order[..count].iter().cloned().collect();
        assert_eq!(remembered(&first, scene, "attachments"), expected);
        let is_complete = first.status("attachments") == "COMPLETE";
        assert_eq!(is_complete, count < 10, "{:?}", first.errors());

        switch.store(false, Ordering::Relaxed);
        let next = file_scene.read(&file_scene.config(), Some(&first.last_states()));
        assert_eq!(next.code, Some(0), "{:?}", next.errors());
        let found = statuses(&next);
        assert!(found.values().all(|status| status == "downloaded"));
        assert_eq!(file_scene.found().len(), 2 * DOCUMENTS, "{count}");
        assert!(remembered(&next, scene, "attachments").is_empty());
    }
}

#[test]
fn every_stream_recovers_from_refused_contacts_and_sales_invoices() {
    for (stream, entity, below) in [
        ("cis_settings", Entity::Contacts, "/CISSettings"),
        ("online_invoices", Entity::Invoices, "/OnlineInvoice"),
    ] {
        let scene = Scene::abroad("GBP");
        scene.sim.world(xero_sim::World::unlimited);
        let whole = scene.read(&scene.flat(), &[stream], None);
        let rows = parents(&whole, stream);
        let ids = scene.ids(entity).into_iter();
        let banned: Vec<_> = ids.filter(|id| rows.contains(id)).take(5).collect();
        assert_eq!(banned.len(), 5, "{stream}");
        let switch = ban(&scene, &banned, below, Answer::forbidden);
        let first = scene.read(&scene.flat(), &[stream], None);
        assert_eq!(first.code, Some(0), "{:?}", first.errors());
        assert_eq!(parents(&first, stream).len(), rows.len() - 5, "{stream}");
        switch.store(false, Ordering::Relaxed);
        let next = scene.read(&scene.flat(), &[stream], Some(&first.last_states()));
        let mut came = parents(&next, stream);
        came.extend(parents(&first, stream));
        assert_eq!(came, rows, "{stream}");
    }
}

#[test]
fn a_full_memory_stops_the_stream_and_loses_no_document() {
    let file_scene = FileScene::new(&vec![vec![]; DOCUMENTS]);
    let scene = &file_scene.scene;
    let order = oldest_first(scene);
    let switch = ban(scene, &order[..1], "/History", Answer::forbidden);
    // Documents that Xero no longer knows.
    let failed = (0..1_000).map(|at| {
        let id = format!("00000000-0000-4000-8000-{at:012}");
        (id, Value::Null)
    });
    let failed = Value::Object(failed.collect());
    let first = "2000-01-01T00:00:00.000Z";
    let place = json!({"UpdatedDateUTC": first, "failed": failed});
    let state = json!([{"type": "STREAM", "stream": {
        "stream_descriptor": {"name": "history"},
        "stream_state": {"tenants": {scene.tenant.as_str(): {"invoices": place}}},
    }}]);
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 60.into();
    let run = scene.read(&config, &["history"], Some(&state));
    assert_eq!(run.status("history"), "INCOMPLETE");
    let (kind, stream, words) = run.errors()[0];
    assert_eq!((kind, stream), ("transient_error", "history"));
    let said =
        "So many requests of history failed for the organisation that the state records no more";
    assert!(words.contains(said), "{words}");
    // The requests in flight were completed, and the failed documents were retried.
    let mut came = parents(&run, "history");
    assert_eq!(came, order[1..5].iter().cloned().collect());
    let gone = run.logs("WARN");
    let gone = gone.iter().filter(|line| line.contains("no longer knows"));
    assert_eq!(gone.count(), 40);
    assert!(remembered(&run, scene, "history").contains(&order[0]));

    switch.store(false, Ordering::Relaxed);
    // Enough calls to request all recorded documents.
    config["max_calls_per_sync"] = 2_000.into();
    let next = scene.read(&config, &["history"], Some(&run.last_states()));
    assert_eq!(next.code, Some(0), "{:?}", next.errors());
    came.extend(parents(&next, "history"));
    assert_eq!(came.len(), DOCUMENTS);
}

#[test]
fn an_edit_during_the_list_read_skips_no_other_document() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, 1_100);
    });
    let order = oldest_first(&scene);
    let ids = scene.ids(Entity::Invoices);
    let oldest = ids.iter().position(|id| *id == order[0]);
    let oldest = oldest.expect("it is an invoice") as u64 + 1;
    let tenant = scene.tenant.clone();
    let mut pages = 0;
    scene.sim.intercept(move |request, world| {
        pages += u32::from(request.path.ends_with("/Invoices"));
        if pages == 2 {
            world.touch(&tenant, Entity::Invoices, oldest);
            pages += 1;
        }
        None
    });
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 20.into();
    let (mut state, mut came) = (None, BTreeSet::new());
    for _ in 0..3 {
        let run = scene.read(&config, &["invoices", "history"], state.as_ref());
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        came.extend(parents(&run, "history"));
        state = Some(run.last_states());
    }
    let missing: Vec<_> = order[1..56]
        .iter()
        .filter(|id| !came.contains(*id))
        .collect();
    assert!(missing.is_empty(), "{} were skipped", missing.len());
}
