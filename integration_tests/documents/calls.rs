//! Per-document streams: which documents get a request, and how the calls of several syncs reach all of them.

use std::collections::BTreeSet;

use serde_json::Value;
use xero_sim::{Entity, TenantId, World};

use crate::support::conformance::Conformance;
use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;

/// A config whose syncs may make this number of calls.
fn config(scene: &Scene, calls: u32) -> Value {
    let mut config = scene.flat();
    config["max_calls_per_sync"] = calls.into();
    config
}

/// An organisation with this number of invoices and nothing else. Every `nth` has a file.
fn invoices(count: usize, nth: u64) -> Scene {
    Scene::with(SCOPES, |world: &mut World, tenant: &TenantId| {
        world.unlimited(); // real minutes are not to be waited for here
        world.fill(tenant, Entity::Invoices, count);
        for number in 1..=count as u64 {
            let files = usize::from(number.is_multiple_of(nth));
            world.attach(tenant, Entity::Invoices, number, files);
        }
    })
}

/// The documents in the order of their requests for the path `below`.
fn asked(scene: &Scene, below: &str) -> Vec<String> {
    let calls = scene.calls().into_iter();
    let ids = calls.filter_map(|call| {
        let (document, thing) = call.rsplit_once('/')?;
        (thing == below).then(|| document.rsplit('/').next().unwrap_or_default().to_owned())
    });
    ids.collect()
}

fn parents(run: &Run, stream: &str) -> BTreeSet<String> {
    run.column(stream, "ParentID")
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn rows_of_every_kind_of_document_fit_their_schemas_and_have_keys_of_their_own() {
    let scene = Scene::abroad("GBP");
    scene.sim.world(World::unlimited);
    let discovered = scene.discover(&scene.flat());
    let catalog = discovered
        .payloads("CATALOG", "catalog")
        .next()
        .expect("a catalog");
    let run = scene.read(&config(&scene, 10_000), streams::per_document(), None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    for (stream, kinds) in [
        ("attachments", 8),
        ("cis_settings", 2),
        ("history", 16),
        ("online_invoices", 1),
    ] {
        let described = catalog["streams"].as_array().expect("streams").iter();
        let described = described
            .clone()
            .find(|it| it["name"] == stream)
            .expect(stream);
        let conformance = Conformance::new(&described["json_schema"]);
        let rows = run.records(stream);
        let key = described["source_defined_primary_key"]
            .as_array()
            .expect("a key");
        let mut keys = BTreeSet::new();
        for row in &rows {
            assert_eq!(conformance.faults(row), [] as [&str; 0], "{stream}");
            let values = key.iter().map(|field| {
                let value = &row[field[0].as_str().expect("a field")];
                assert!(!value.is_null(), "{stream}: {field} is missing in {row}");
                value.to_string()
            });
            assert!(
                keys.insert(values.collect::<Vec<_>>()),
                "{stream}: {row} twice"
            );
        }
        let found: BTreeSet<_> = run.column(stream, "ParentType").into_iter().collect();
        assert!(found.len() >= kinds, "{stream}: {found:?}");
    }
    let ids: BTreeSet<_> = scene.ids(Entity::Payments).into_iter().collect();
    assert!(ids.is_subset(&parents(&run, "history")));
}

#[test]
fn only_invoices_with_files_cost_a_call() {
    let scene = invoices(10_000, 33);
    let with_files: BTreeSet<_> = scene.sim.world(|world| {
        let rows = world.rows(&scene.tenant, Entity::Invoices).iter();
        let rows = rows.filter(|row| row.number.is_multiple_of(33));
        rows.map(xero_sim::Row::guid).collect()
    });
    assert_eq!(with_files.len(), 303);
    let config = config(&scene, 120);
    let (mut state, mut seen) = (None, BTreeSet::new());
    for sync in 0..3 {
        let run = scene.read(&config, &["attachments"], state.as_ref());
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        let found = parents(&run, "attachments");
        assert_eq!(found.len(), [120, 120, 63][sync]);
        assert!(seen.is_disjoint(&found), "a document is asked again");
        seen.extend(found);
        state = Some(run.last_states());
    }
    assert_eq!(seen, with_files);
    assert_eq!(asked(&scene, "Attachments").len(), 303);
    // A sync reads the list only as far as its calls suffice, and starts where the last one ended.
    let pages = scene.calls();
    let pages = pages.iter().filter(|it| it.starts_with("/Invoices "));
    assert!(
        (10..=14).contains(&pages.clone().count()),
        "{}",
        pages.count()
    );
    let run = scene.read(&config, &["attachments"], state.as_ref());
    assert_eq!(run.records("attachments").len(), 0);
    assert_eq!(asked(&scene, "Attachments").len(), 303);
}

#[test]
fn the_number_of_calls_is_logged_before_the_first_call() {
    let scene = invoices(2_500, 5_000);
    let run = scene.read(&config(&scene, 50), &["history"], None);
    let said = run.logs("INFO");
    let words = "history need about 2500 calls; ";
    let announced = said.iter().find(|line| line.contains(words));
    let announced = announced.unwrap_or_else(|| panic!("{said:?}"));
    assert!(
        announced.ends_with(
            "at 60 a minute that is 42 min, and at max_calls_per_sync 50 it is 50 syncs"
        ),
        "{announced}"
    );
    assert!(
        said.iter().any(|line| line.contains("about 2450 are left")),
        "{said:?}"
    );
}

#[test]
fn the_oldest_documents_come_first_and_a_state_follows_each() {
    let scene = invoices(300, 1_000);
    let run = scene.read(&config(&scene, 20), &["history"], None);
    let mut rows: Vec<_> = scene.sim.world(|world| {
        let rows = world.rows(&scene.tenant, Entity::Invoices).iter();
        rows.map(|row| (row.updated, row.guid())).collect()
    });
    rows.sort();
    let oldest: Vec<_> = rows.into_iter().take(20).map(|(_, id)| id).collect();
    assert_eq!(parents(&run, "history"), oldest.iter().cloned().collect());
    let states = run.states("history");
    assert!(states.len() >= 20);
    let place = &states[states.len() - 1]["tenants"][scene.tenant.as_str()]["invoices"];
    assert_eq!(place["after"], oldest[19]);
    // Each state covers the rows before it, so a sync that continues from it repeats nothing.
    let middle = &states[9]["tenants"][scene.tenant.as_str()]["invoices"];
    assert_eq!(middle["after"], oldest[9]);
}

#[test]
fn only_changed_documents_are_requested_again() {
    let scene = invoices(60, 1);
    let config = config(&scene, 1_000);
    let streams = ["attachments", "history"];
    let first = scene.read(&config, &streams, None);
    let before = asked(&scene, "History").len();
    assert_eq!(before, 60);
    scene.sim.world(|world| {
        for number in [3, 7] {
            world.touch(&scene.tenant, Entity::Invoices, number);
        }
    });
    let second = scene.read(&config, &streams, Some(&first.last_states()));
    assert_eq!(second.code, Some(0), "{:?}", second.errors());
    for stream in streams {
        assert_eq!(parents(&second, stream).len(), 2, "{stream}");
    }
    let changes = second.column("history", "Changes");
    assert_eq!(changes.iter().filter(|it| **it == "Edited").count(), 2);
    assert!(
        second.records("history").len() >= 2 * 2,
        "Created and Edited"
    );
    assert_eq!(asked(&scene, "History").len(), before + 2);
}

#[test]
fn more_documents_of_one_instant_than_calls_are_read_by_several_syncs() {
    let scene = invoices(90, 1_000);
    scene.sim.world(|world| {
        let stamp = world.now() - 86_400_000;
        world.restamp(&scene.tenant, Entity::Invoices, |_| stamp);
    });
    let config = config(&scene, 25);
    let (mut state, mut seen) = (None, BTreeSet::new());
    for _ in 0..4 {
        let run = scene.read(&config, &["history"], state.as_ref());
        let found = parents(&run, "history");
        assert!(seen.is_disjoint(&found));
        seen.extend(found);
        state = Some(run.last_states());
    }
    assert_eq!(seen, scene.ids(Entity::Invoices).into_iter().collect());
}

#[test]
fn streams_share_the_calls_and_unused_calls_go_to_the_others() {
    let scene = invoices(500, 125);
    let run = scene.read(&config(&scene, 100), &["history", "attachments"], None);
    assert_eq!(parents(&run, "attachments").len(), 4);
    assert_eq!(parents(&run, "history").len(), 96);
}

#[test]
fn a_stream_that_the_token_cannot_read_gets_no_calls() {
    let scopes = "accounting.settings.read accounting.transactions.read";
    let scene = Scene::with(scopes, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, 60);
    });
    let run = scene.read(&config(&scene, 40), &["attachments", "history"], None);
    assert_eq!(run.status("attachments"), "INCOMPLETE");
    assert_eq!(parents(&run, "history").len(), 40);
}

#[test]
fn a_quota_of_zero_emits_a_state_and_a_log_line() {
    let scene = invoices(10, 1);
    let run = scene.read(&config(&scene, 0), streams::per_document(), None);
    assert_eq!(run.code, Some(0));
    let calls = scene.calls();
    assert_eq!(calls, ["/Currencies"], "no call at all");
    for stream in streams::per_document() {
        assert_eq!(
            (run.records(stream).len(), run.states(stream).len()),
            (0, 1)
        );
    }
    let warned = run.logs("WARN").len();
    // A stream and the rows nested in it have one line.
    assert_eq!(warned, 5, "{:?}", run.logs("WARN"));
    // No document counts as read.
    let later = scene.read(&config(&scene, 50), &["history"], Some(&run.last_states()));
    assert_eq!(parents(&later, "history").len(), 10);
}

#[test]
fn contacts_have_settings_only_where_a_contractor_is_in_the_united_kingdom() {
    for (currency, calls) in [("NZD", 0), ("GBP", 40)] {
        let scene = Scene::abroad(currency);
        scene.sim.world(World::unlimited);
        let run = scene.read(&config(&scene, 200), &["cis_settings"], None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        let kinds = run.column("cis_settings", "ParentType");
        let asked = asked(&scene, "CISSettings");
        match calls {
            0 => assert_eq!((kinds.len(), asked.len()), (0, 0)),
            _ => {
                assert_eq!(kinds[0], "Organisation");
                assert_eq!((kinds.len(), asked.len()), (1 + 10, 1 + calls));
                assert_eq!(run.logs("WARN"), [] as [&str; 0]);
            }
        }
    }
}

#[test]
fn lists_that_the_token_may_not_read_are_left_out() {
    let scopes = "accounting.settings.read accounting.attachments.read accounting.contacts.read";
    let scene = Scene::of_app(Scene::web_app(), scopes, |world, tenant| {
        world.fill(tenant, Entity::Contacts, 4);
        world.fill(tenant, Entity::Invoices, 4);
        for number in 1..=4 {
            world.attach(tenant, Entity::Contacts, number, 1);
            world.attach(tenant, Entity::Invoices, number, 1);
        }
    });
    let run = scene.read(
        &config(&scene, 50),
        &["attachments", "online_invoices"],
        None,
    );
    assert_eq!(run.status("attachments"), "COMPLETE");
    assert_eq!(run.records("attachments").len(), 4);
    assert!(run.logs("WARN")[0].contains("may not read them: bank_transactions, "));
    assert_eq!(run.status("online_invoices"), "INCOMPLETE");
    assert!(
        !scene
            .calls()
            .iter()
            .any(|call| call.starts_with("/Invoices"))
    );
}

#[test]
fn the_state_stays_small_however_many_documents_there_are() {
    let scene = invoices(100_000, 25_000);
    let run = scene.read(&config(&scene, 30), &["history"], None);
    let states = run.states("history");
    let size = states[states.len() - 1].to_string().len();
    assert!(size < 2_500, "{size} bytes");
    let done = scene.read(&config(&scene, 5), &["attachments"], None);
    let states = done.states("attachments");
    let size = states[states.len() - 1].to_string().len();
    assert!(size < 2_500, "{size} bytes");
}
