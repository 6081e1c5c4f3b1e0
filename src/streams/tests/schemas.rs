//! Checks rules that every schema file must follow, even one without a stream.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{PARENT_STAMP, TENANT, find};

/// Reads every schema file, by the name of its stream.
fn schemas() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/streams/schemas");
    let files = fs::read_dir(folder).expect("there are schemas");
    files
        .map(|file| {
            let path = file.expect("the folder can be listed").path();
            let name = path.file_stem().expect("a file has a name");
            let text = fs::read_to_string(&path).expect("a schema can be read");
            let name = name.to_string_lossy().into_owned();
            let schema = serde_json::from_str(&text).expect(&name);
            (name, schema)
        })
        .collect()
}

/// Calls `look` for every field of a schema at any depth, with the field that holds it.
fn visit(schema: &Value, holder: &str, look: &mut impl FnMut(&str, &str, &Value)) {
    for (name, field) in fields(schema) {
        look(holder, name, field);
        visit(field, name, look);
        visit(&field["items"], name, look);
    }
}

fn fields(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

#[test]
fn every_schema_allows_further_fields_and_has_the_tenant_id() {
    for (stream, schema) in schemas() {
        let draft = "http://json-schema.org/draft-07/schema#";
        assert_eq!(schema["$schema"], draft, "{stream}");
        assert_eq!(schema["type"], "object", "{stream}");
        assert_eq!(schema["additionalProperties"], true, "{stream}");
        assert!(schema["properties"][TENANT].is_object(), "{stream}");
    }
}

#[test]
fn every_field_may_be_null_and_is_typed_and_described() {
    for (stream, schema) in schemas() {
        visit(&schema, "", &mut |holder, name, field| {
            let at = format!("{stream}: {holder}.{name}");
            let types = field["type"].as_array().expect(&at);
            assert_eq!((types.len(), &types[0]), (2, &json!("null")), "{at}");
            let described = field["description"].as_str().unwrap_or_default();
            assert!(described.ends_with('.'), "{at} is not described");
            let shape = match types[1].as_str() {
                Some("object") => field,
                Some("array") if field["items"]["type"][1] == "object" => &field["items"],
                Some("array") => return, // of plain values
                _ => return assert_eq!(instant(&stream, name), is_instant(field), "{at}"),
            };
            assert!(fields(shape).next().is_some(), "{at} lists no fields");
            assert_eq!(shape["additionalProperties"], true, "{at}");
        });
    }
}

/// Whether the connector writes a field with this name as an instant.
fn instant(stream: &str, name: &str) -> bool {
    let ours = ["UpdatedDateUTCString", PARENT_STAMP];
    let api = find(stream).expect(stream).endpoint().api;
    api.dates.is_instant(name.as_bytes()) || ours.contains(&name)
}

fn is_instant(field: &Value) -> bool {
    field["airbyte_type"] == "timestamp_with_timezone" && field["format"] == "date-time"
}

#[test]
fn a_field_has_the_same_type_in_every_stream_of_an_api() {
    let mut known: BTreeMap<(&str, String, String), (String, [Value; 3])> = BTreeMap::new();
    for (stream, schema) in schemas() {
        visit(&schema, "", &mut |holder, name, field| {
            // `User` is a name in `history` and an object in all other streams. The line of an
            // Australian timesheet has a number for each day.
            let differs = [
                ("history", "User"),
                ("payroll_au_timesheet_lines", "NumberOfUnits"),
            ];
            if differs.contains(&(stream.as_str(), name)) {
                return;
            }
            let types = ["type", "format", "airbyte_type"].map(|key| field[key].clone());
            let api = find(&stream).expect(&stream).endpoint().api.name;
            let path = (api, holder.to_owned(), name.to_owned());
            let (first, expected) = known
                .entry(path)
                .or_insert_with(|| (stream.clone(), types.clone()));
            assert_eq!(types, *expected, "{holder}.{name} in {stream} and {first}");
        });
    }
    let tracking = ("Accounting", "LineItems".to_owned(), "Tracking".to_owned());
    assert!(known.contains_key(&tracking), "nothing was compared");
}
