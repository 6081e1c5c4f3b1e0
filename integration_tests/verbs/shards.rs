//! `tenants --shards`: every organisation is in one shard, and a worker reads its shard and no other.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use xero_sim::{Entity, TenantId};

use crate::support::connector::text;
use crate::support::organisations::{Organisations, records};

/// A number of organisations of which each has more contacts than the one before.
fn organisations(count: usize) -> Organisations {
    Organisations::new(count, |world, tenant, number| {
        world.fill(tenant, Entity::Contacts, 60 * number);
    })
}

/// Runs `tenants` with these flags.
fn tenants(
    at: &Organisations,
    config: &Value,
    flags: &[&str],
) -> crate::support::connector::TextRun {
    let path = at.scene.file("config.json", config);
    text(&[&["tenants", "--config", &path], flags].concat())
}

fn answer(at: &Organisations, config: &Value, flags: &[&str]) -> Value {
    let run = tenants(at, config, &[flags, &["--json"]].concat());
    assert_eq!(run.code, Some(0), "{run:#?}");
    run.answer()
}

/// The shard of each organisation. Asserts that none is in two.
fn shard_of(answer: &Value) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for shard in answer["shards"].as_array().expect("a list of shards") {
        let number = shard["shard"].as_u64().expect("a number");
        let tenants = shard["tenants"].as_array().expect("a list");
        let ids: Vec<_> = tenants.iter().map(|it| it["id"].clone()).collect();
        assert_eq!(shard["config"]["tenant_ids"], Value::from(ids.clone()));
        for id in ids {
            let id = id.as_str().expect("an id").to_owned();
            assert_eq!(found.insert(id, number), None, "two shards have it");
        }
    }
    found
}

#[test]
fn each_organisation_is_in_one_shard_whose_config_has_no_credentials() {
    let at = organisations(9);
    let mut config = at.config();
    config["lookback_seconds"] = json!(60);
    config["my_password"] = json!("hunter22");
    let calls = at.scene.calls().len();
    let shards = answer(&at, &config, &["--shards", "3"]);
    assert_eq!(
        at.scene.calls().len(),
        calls,
        "the list of connections is enough"
    );
    let found = shard_of(&shards);
    let mut ids: Vec<_> = at.tenants.iter().map(TenantId::as_str).collect();
    ids.sort_unstable();
    assert_eq!(found.keys().collect::<Vec<_>>(), ids);
    for shard in shards["shards"].as_array().expect("a list") {
        let keys: Vec<_> = shard["config"]
            .as_object()
            .expect("a config")
            .keys()
            .collect();
        let settings = [
            "api_url",
            "identity_url",
            "lookback_seconds",
            "start_date",
            "tenant_ids",
        ];
        assert_eq!(keys, settings);
        assert_eq!(shard["expected_calls"], Value::Null);
        let names = shard["tenants"].as_array().expect("a list");
        assert!(names.iter().all(|it| it["name"].is_string()));
        assert_eq!(names.len(), 3);
    }
    let table = tenants(&at, &config, &["--shards", "3"]).stdout;
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(
        table.contains("Shop 002") || table.contains("Demo"),
        "{table}"
    );
}

#[test]
fn shards_are_even_by_the_calls_of_an_estimate() {
    let at = organisations(9);
    let config = at.config();
    let path = at.scene.file("config.json", &config);
    let estimate = text(&[
        "estimate",
        "--config",
        &path,
        "--streams",
        "contacts",
        "--json",
    ]);
    let mut estimate = estimate.answer();
    let estimated = estimate["organisations"]
        .as_array()
        .expect("a list")
        .clone();
    assert!(
        estimated
            .iter()
            .all(|it| it["tenant_id"].is_string() && it["calls"].is_u64())
    );
    // One organisation needs as many calls as all others together.
    estimate["organisations"][4]["calls"] = json!(400);
    for at in [0, 1, 2, 3, 5, 6, 7, 8] {
        estimate["organisations"][at]["calls"] = json!(50);
    }
    let calls = at.scene.file("estimate.json", &estimate);
    let shards = answer(&at, &config, &["--shards", "2", "--calls", &calls]);
    let found = shard_of(&shards);
    let heavy = estimated[4]["tenant_id"].as_str().expect("an id");
    let alone = found
        .values()
        .filter(|shard| **shard == found[heavy])
        .count();
    assert_eq!(alone, 1, "{found:?}");
    let sums: Vec<_> = shards["shards"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["expected_calls"])
        .collect();
    assert_eq!(sums, [400, 400]);
}

#[test]
fn organisations_of_an_earlier_answer_stay_and_new_ones_join_the_lightest_shard() {
    let at = organisations(9);
    let mut config = at.config();
    let eight: Vec<_> = at.tenants[1..].iter().map(TenantId::as_str).collect();
    config["tenant_ids"] = json!(eight);
    let mut before = answer(&at, &config, &["--shards", "3"]);
    // The first shard gets all but one of each other shard.
    let mut moved = Vec::new();
    for shard in [1, 2] {
        let tenants = before["shards"][shard]["tenants"]
            .as_array_mut()
            .expect("a list");
        moved.extend(tenants.drain(1..));
    }
    before["shards"][0]["tenants"]
        .as_array_mut()
        .expect("a list")
        .extend(moved);
    for shard in before["shards"].as_array_mut().expect("a list") {
        let ids: Value = shard["tenants"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| it["id"].clone())
            .collect();
        shard["config"]["tenant_ids"] = ids;
    }
    let previous = at.scene.file("shards.json", &before);
    config["tenant_ids"] = Value::Null;
    let flags = ["--shards", "3", "--previous", &previous];
    let (before, after) = (shard_of(&before), shard_of(&answer(&at, &config, &flags)));
    for (id, shard) in &before {
        assert_eq!(after[id], *shard);
    }
    assert_eq!((before.len(), after.len()), (8, 9));
    assert_eq!(
        after[at.tenants[0].as_str()],
        2,
        "the first of the lightest"
    );

    let other = tenants(
        &at,
        &config,
        &["--shards", "2", "--previous", &previous, "--json"],
    );
    let warning = "the file of --previous has 3 shards and not 2";
    assert!(other.stderr.contains(warning), "{other:#?}");
    assert_eq!(shard_of(&other.answer()).len(), 9);
}

#[test]
fn there_are_at_most_as_many_shards_as_organisations_and_no_shard_is_empty() {
    let at = organisations(2);
    let mut config = at.config();
    config["tenant_ids"] = json!([
        at.tenants[1].as_str(),
        "5e7f1e2a-0000-4000-8000-000000000000"
    ]);
    let run = tenants(&at, &config, &["--shards", "7", "--json"]);
    assert!(
        run.stderr
            .contains("may not read the organisation 5e7f1e2a"),
        "{run:#?}"
    );
    let shards = run.answer();
    assert_eq!(shards["shard_count"], 7);
    assert_eq!(
        shard_of(&shards).into_keys().collect::<Vec<_>>(),
        [at.tenants[1].as_str()]
    );
    assert_eq!(shards["shards"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_workers_of_all_shards_read_what_one_process_reads() {
    let at = organisations(5);
    let shards = answer(&at, &at.config(), &["--shards", "2"]);
    let mut found = BTreeMap::new();
    for shard in shards["shards"].as_array().expect("a list") {
        let mut config = shard["config"].clone();
        config["credentials"] = json!({
            "auth_type": "oauth2_access_token",
            "access_token": at.scene.tokens.access_token,
        });
        let run = at.scene.read(&config, &["contacts"], None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        found.extend(records(&run, Entity::Contacts));
    }
    assert_eq!(found, at.rows(Entity::Contacts));
}

#[test]
fn files_that_are_something_else_are_refused() {
    let at = organisations(1);
    let other = at.scene.file(
        "other.json",
        &json!({"organisations": [{"name": "x", "calls": 1}]}),
    );
    for (flag, words) in [
        (
            "--calls",
            "does not name the calls of organisations. Give the JSON that `xero-source estimate --json` prints.",
        ),
        (
            "--previous",
            "is not the JSON that `xero-source tenants --shards --json` prints.",
        ),
    ] {
        let run = tenants(&at, &at.config(), &["--shards", "2", flag, &other]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        assert!(run.stderr.contains(words), "{run:#?}");
    }
}
