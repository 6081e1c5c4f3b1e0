//! The types against rows of every table.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::entity::{ENDPOINTS, history};
use crate::json::Json;
use crate::rows::{Detail, Options, render};
use crate::world::World;

/// Adds an example of each field that a row has and its type does not name, or names as another
/// kind.
fn unknown(row: &Value, of: &Type, path: &str, unknown: &mut BTreeMap<String, Value>) {
    for (name, value) in row.as_object().expect("a row is an object") {
        let path = format!("{path}.{name}");
        let kind = of.value(name).map(|(_, kind)| kind);
        let fits = match (value, kind) {
            (Value::Array(_), _) => true,
            (Value::Null, kind) => kind.is_some(),
            (Value::Bool(_), Some(kind)) => kind == Kind::Flag,
            (Value::Number(_), Some(kind)) => kind == Kind::Number,
            (Value::String(text), Some(Kind::Guid)) => text.len() == 36,
            (Value::String(text), Some(Kind::Date)) => {
                text.starts_with("/Date(") || text.as_bytes().get(10) == Some(&b'T')
            }
            (Value::String(_), Some(_)) => true,
            (Value::Object(_), _) => match of.object(name) {
                Some((_, inner)) => {
                    self::unknown(value, inner, &path, unknown);
                    true
                }
                None => value == &serde_json::json!({}),
            },
            _ => false,
        };
        if !fits {
            unknown.insert(path, value.clone());
        }
    }
}

#[test]
fn every_value_of_a_row_can_be_named() {
    let mut world = World::new(5);
    let demo = world.add_tenant("Demo", "NZD");
    for (entity, count) in history(&[], 60) {
        world.fill(&demo, entity, count);
    }
    let tenant = world.known(&demo);
    let mut missing = BTreeMap::new();
    for endpoint in ENDPOINTS {
        let Some(of) = Type::of(endpoint.entity) else {
            continue;
        };
        for row in tenant.table(endpoint.entity).rows() {
            let mut out = Json::default();
            let options = Options {
                detail: Detail::Paged,
                unitdp: 4,
            };
            render(endpoint.entity, row, tenant.as_ref(), options, &mut out);
            let row = serde_json::from_slice(&out.into_bytes()).expect("JSON");
            unknown(&row, of, of.name, &mut missing);
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_list_with_an_order_has_a_type() {
    for endpoint in ENDPOINTS.iter().filter(|it| it.knows("order")) {
        assert!(Type::of(endpoint.entity).is_some(), "{:?}", endpoint.entity);
    }
}
