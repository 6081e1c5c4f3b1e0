//! The primary keys of `discover` are unique in an organisation with many rows of every kind.

use std::collections::HashSet;

use serde_json::Value;

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
    let streams = [streams::lists(), streams::children()].concat();
    let discovered = scene.discover(&scene.flat());
    let catalog = discovered.payloads("CATALOG", "catalog").next();
    let described = catalog.expect("there is a catalog")["streams"].as_array();
    let run = scene.read(&scene.flat(), &streams, None);
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
    assert!(rows_read > 10_000, "{rows_read} rows are no rich world");
}
