//! A list that is read for its own stream also serves the per-document streams, and no document is missed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use xero_sim::{Answer, Entity, World};

use crate::auth::tenants::two;
use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;

/// The number of requests for each list, without those for single documents.
fn lists(scene: &Scene) -> BTreeMap<String, usize> {
    let mut lists = BTreeMap::new();
    for call in scene.calls() {
        let below = [
            "/Attachments",
            "/History",
            "/OnlineInvoice",
            "/CISSettings",
            "/ExpenseClaims/",
        ];
        if !below.iter().any(|it| call.contains(it)) {
            *lists.entry(call).or_default() += 1;
        }
    }
    lists
}

fn config(scene: &Scene, calls: u32) -> Value {
    let mut config = scene.flat();
    config["max_calls_per_sync"] = calls.into();
    config
}

/// The rows of the per-document streams without their times, which differ between simulators.
fn document_rows(run: &Run) -> Vec<String> {
    let rows = streams::per_document().iter().flat_map(|stream| {
        let rows = run.records(stream).into_iter();
        rows.map(move |row| {
            let key = ["ParentType", "ParentID", "AttachmentID", "Position"];
            let key = key.map(|field| row[field].to_string());
            format!("{stream} {}", key.join(" "))
        })
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

#[test]
fn a_list_is_read_once_for_all_that_need_it() {
    let whole: Vec<_> = streams::lists()
        .iter()
        .chain(streams::per_document())
        .copied()
        .collect();
    let [alone, beside, apart] = [(); 3].map(|()| {
        let scene = Scene::new();
        scene.sim.world(World::unlimited);
        scene
    });
    let lists_alone = alone.read(&config(&alone, 10_000), streams::lists(), None);
    let rows_apart = apart.read(&config(&apart, 10_000), streams::per_document(), None);
    let first = beside.read(&config(&beside, 10_000), &whole, None);
    let codes = [&lists_alone, &rows_apart, &first].map(|run| run.code);
    assert_eq!(codes, [Some(0); 3]);
    // The tax settings need the organisation's country. The list was already read for it.
    assert_eq!(lists(&beside), lists(&alone));
    let (found, expected) = (document_rows(&first), document_rows(&rows_apart));
    assert!(expected.len() > 100 && found == expected);

    // The next sync without changes requests no list twice either.
    let before = [&alone, &beside].map(|scene| lists(scene).values().sum::<usize>());
    alone.read(
        &config(&alone, 10_000),
        streams::lists(),
        Some(&lists_alone.last_states()),
    );
    beside.read(&config(&beside, 10_000), &whole, Some(&first.last_states()));
    let after = [&alone, &beside].map(|scene| lists(scene).values().sum::<usize>());
    assert_eq!(after[1] - before[1], after[0] - before[0]);
}

#[test]
fn later_syncs_request_what_an_earlier_sync_left() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, 60);
    });
    let mut config = config(&scene, 10);
    // Each sync within the overlap requests the documents that were edited in it.
    config["lookback_seconds"] = 0.into();
    let (mut state, mut seen) = (None, BTreeMap::<String, usize>::new());
    let mut asked = 0;
    for sync in 0..12 {
        let run = scene.read(&config, &["invoices", "history"], state.as_ref());
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        for row in run.records("history") {
            *seen.entry(row["ParentID"].to_string()).or_default() += 1;
        }
        state = Some(run.last_states());
        asked = scene
            .calls()
            .iter()
            .filter(|it| it.ends_with("/History"))
            .count();
        if sync == 2 {
            let edit = |world: &mut World| world.touch(&scene.tenant, Entity::Invoices, 5);
            scene.sim.world(edit);
        }
    }
    let all: BTreeSet<_> = scene.ids(Entity::Invoices).into_iter().collect();
    let found = seen.keys().map(|id| id.trim_matches('"').to_owned());
    assert_eq!(found.collect::<BTreeSet<_>>(), all);
    // One document was edited. Its history is requested once more if it was requested before the
    // edit.
    assert!((60..=61).contains(&asked), "{asked}");
}

#[test]
fn a_list_that_was_interrupted_is_read_again() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, 2_500);
    });
    // All pages but the first fail until one has used all its attempts. The walk for the list's own
    // stream has then ended.
    let (tries, is_over) = (Mutex::new(HashMap::<_, u32>::new()), AtomicBool::new(false));
    scene.sim.intercept(move |request, _| {
        let is_list = request.path.ends_with("/Invoices");
        let since = request.if_modified_since.as_deref().unwrap_or_default();
        let is_later = !since.starts_with("2019-12-31");
        if !is_list || !is_later || is_over.load(Ordering::Relaxed) {
            return None;
        }
        let mut tries = tries.lock().expect("nobody panics in here");
        let count = tries.entry(since.to_owned());
        let count = count.and_modify(|count| *count += 1).or_insert(1);
        is_over.fetch_or(*count == 8, Ordering::Relaxed);
        Some(Answer::server_error())
    });
    let run = scene.read(&config(&scene, 2_500), &["invoices", "history"], None);
    assert_eq!(
        (run.status("invoices"), run.status("history")),
        ("INCOMPLETE", "COMPLETE")
    );
    let documents: BTreeSet<_> = run.column("history", "ParentID").into_iter().collect();
    assert_eq!(documents.len(), 2_500);
}

#[test]
fn the_list_of_one_organisation_is_not_used_for_another() {
    let (scene, second) = two();
    scene.sim.world(World::unlimited);
    let mut config = config(&scene, 100);
    config
        .as_object_mut()
        .expect("an object")
        .remove("tenant_id");
    let run = scene.read(&config, &["invoices", "history"], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let of = |stream: &str, field: &str| -> BTreeSet<(String, String)> {
        let rows = run.records(stream).into_iter();
        rows.map(|row| (row["TenantID"].to_string(), row[field].to_string()))
            .collect()
    };
    let invoices = of("invoices", "InvoiceID");
    assert!(
        invoices
            .iter()
            .any(|(tenant, _)| tenant.contains(second.as_str()))
    );
    assert_eq!(of("history", "ParentID"), invoices);
    let histories = scene.calls().into_iter();
    let histories = histories.filter(|call| call.ends_with("/History"));
    assert_eq!(histories.count(), invoices.len());
}

/// The lists that the check, streams, reports and the tax scheme need.
const SMALL: [&str; 3] = ["/Currencies", "/Organisation", "/TrackingCategories"];

/// Streams that need them, some of them several.
const NEED_SMALL: [&str; 8] = [
    "cis_settings",
    "currencies",
    "organisation_actions",
    "organisations",
    "report_balance_sheet",
    "report_profit_and_loss",
    "report_profit_and_loss_cash",
    "tracking_categories",
];

/// A config under which the profit and loss is split by a tracking category.
fn split(scene: &Scene) -> Value {
    let mut config = config(scene, 10);
    let start = chrono::Utc::now().date_naive() - chrono::Months::new(1);
    config["start_date"] = start.to_string().into();
    config["report_tracking_category"] = "region".into();
    config
}

/// The number of requests for each small list.
fn asked(scene: &Scene) -> [usize; 3] {
    let lists = lists(scene);
    SMALL.map(|path| lists.get(path).copied().unwrap_or_default())
}

#[test]
fn a_small_list_is_requested_once_for_streams_reports_tax_scheme_and_check() {
    let scene = Scene::abroad("GBP");
    scene.sim.world(World::unlimited);
    let run = scene.read(&split(&scene), &NEED_SMALL, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(asked(&scene), [1, 1, 1], "{:?}", scene.calls());
    for stream in NEED_SMALL {
        assert!(!run.records(stream).is_empty(), "{stream} has rows");
    }
    let codes = run.column("currencies", "Code");
    assert_eq!(codes.len(), scene.ids(Entity::Currencies).len());
    let options = run.column("report_profit_and_loss_cash", "TrackingCategory");
    assert!(options.iter().all(|it| *it == "Region"), "{options:?}");
    // Another sync requests the lists again.
    scene.read(&split(&scene), &["currencies", "organisations"], None);
    assert_eq!(asked(&scene), [2, 2, 1]);
}

#[test]
fn a_small_list_is_requested_once_in_each_organisation() {
    let (scene, second) = two();
    scene.sim.world(World::unlimited);
    let mut config = config(&scene, 10);
    config
        .as_object_mut()
        .expect("an object")
        .remove("tenant_id");
    let streams = ["currencies", "organisations", "report_balance_sheet"];
    let run = scene.read(&config, &streams, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(asked(&scene), [2, 2, 0]);
    for stream in streams {
        let tenants: BTreeSet<_> = run.column(stream, "TenantID").into_iter().collect();
        let expected = BTreeSet::from([scene.tenant.as_str(), second.as_str()]);
        assert_eq!(tenants, expected, "{stream}");
    }
}

#[test]
fn a_small_list_that_xero_refuses_is_requested_once_and_fails_all_its_users() {
    let scene = Scene::new();
    scene.sim.world(World::unlimited);
    scene.sim.intercept(|request, _| {
        let is_list = request.path.ends_with("/Organisation");
        is_list.then(Answer::forbidden)
    });
    scene.read(&split(&scene), &["organisations"], None);
    let [_, attempts, _] = asked(&scene);
    let run = scene.read(&split(&scene), &NEED_SMALL, None);
    for stream in NEED_SMALL {
        let others = ["currencies", "organisation_actions", "tracking_categories"];
        let expected = match others.contains(&stream) {
            true => "COMPLETE",
            false => "INCOMPLETE",
        };
        assert_eq!(run.status(stream), expected, "{stream}");
    }
    assert_eq!(asked(&scene)[1], 2 * attempts, "{:?}", scene.calls());
}

#[test]
fn a_small_list_that_failed_for_one_stream_is_requested_again_for_the_next() {
    let scene = Scene::new();
    scene.sim.world(World::unlimited);
    // As many times as one call has attempts.
    let mut left = 8;
    scene.sim.intercept(move |request, _| {
        let is_list = request.path.ends_with("/Organisation");
        left -= i32::from(is_list);
        (is_list && left >= 0).then(Answer::server_error)
    });
    let streams = ["organisations", "report_balance_sheet"];
    let run = scene.read(&split(&scene), &streams, None);
    let ends = streams.map(|stream| run.status(stream));
    let complete = ends.iter().filter(|end| **end == "COMPLETE");
    assert_eq!(complete.count(), 1, "{ends:?}");
    assert_eq!(asked(&scene)[1], 9);
}
