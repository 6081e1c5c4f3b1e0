//! The primary keys of `discover` are unique, in one organisation and over two.

use std::collections::HashSet;

use serde_json::Value;

use crate::auth::tenants::two;
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;
use crate::support::tables::books;

#[test]
fn every_row_has_a_unique_key() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        for (entity, rows) in books() {
            world.fill(tenant, entity, rows * 3);
        }
    });
    let rows = every_key_is_unique(&scene, &scene.flat());
    assert!(rows > 10_000, "{rows} rows are no rich world");
}

#[test]
fn keys_are_unique_over_two_organisations() {
    let (scene, second) = two();
    scene.sim.world(|world| {
        world.unlimited();
        for tenant in [&scene.tenant, &second] {
            for (entity, rows) in books() {
                world.fill(tenant, entity, rows);
            }
        }
    });
    let mut config = scene.flat();
    config["tenant_id"] = Value::Null;
    every_key_is_unique(&scene, &config);
    // Both organisations have these rows with equal ids.
    for (stream, id) in [("currencies", "Code"), ("tax_rates", "Name")] {
        let run = scene.read(&config, &[stream], None);
        let ids = run.column(stream, id);
        let distinct: HashSet<_> = ids.iter().collect();
        assert!(distinct.len() < ids.len(), "{stream}");
    }
}

/// Reads every list and child stream. Fails if a row lacks a part of its key, or if two rows have
/// one key. Returns the number of rows.
fn every_key_is_unique(scene: &Scene, config: &Value) -> usize {
    let streams = [streams::lists(), streams::children()].concat();
    let discovered = scene.discover(config);
    let catalog = discovered.payloads("CATALOG", "catalog").next();
    let described = catalog.expect("there is a catalog")["streams"].as_array();
    let run = scene.read(config, &streams, None);
    let mut rows_read = 0;
    for name in streams {
        let mut known = described.into_iter().flatten();
        let stream = known.find(|stream| stream["name"] == name);
        let key = &stream.expect("discover offers it")["source_defined_primary_key"];
        let fields: Vec<_> = key
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|path| path[0].as_str())
            .collect();
        assert!(!fields.is_empty(), "{name}");
        let mut keys = HashSet::new();
        for row in run.records(name) {
            let key: Vec<_> = fields.iter().map(|field| row[*field].clone()).collect();
            assert!(!key.contains(&Value::Null), "{name}: {key:?}");
            let key = Value::from(key).to_string();
            assert!(keys.insert(key.clone()), "{name} has {key} twice");
        }
        rows_read += keys.len();
    }
    rows_read
}
