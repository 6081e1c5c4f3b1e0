//! Compares rows with the schema of their stream, for the black-box tests and the tests of the
//! schemas.

use jsonschema::Validator;
use serde_json::Value;

/// A compiled schema of a stream.
pub(crate) struct Conformance {
    schema: Value,
    validator: Validator,
}

impl Conformance {
    pub(crate) fn new(schema: &Value) -> Conformance {
        let mut formats = schema.clone();
        forget_zoneless_formats(&mut formats);
        let options = jsonschema::options().should_validate_formats(true);
        Conformance {
            schema: schema.clone(),
            validator: options.build(&formats).expect("a schema is a schema"),
        }
    }

    /// The faults of a row at any depth: values of another type than declared, and fields that are
    /// not declared.
    pub(crate) fn faults(&self, row: &Value) -> Vec<String> {
        let errors = self.validator.iter_errors(row);
        let mut faults: Vec<_> = errors
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect();
        undeclared(&self.schema, row, "", &mut faults);
        faults
    }
}

fn undeclared(schema: &Value, value: &Value, path: &str, faults: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}/{name}");
                match schema["properties"].get(name) {
                    Some(schema) => undeclared(schema, value, &path, faults),
                    None => faults.push(format!("{path} is not declared")),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                undeclared(&schema["items"], item, path, faults);
            }
        }
        _ => {}
    }
}

/// A timestamp without zone has the format date-time in Airbyte's types, but not by its RFC.
fn forget_zoneless_formats(schema: &mut Value) {
    if schema["airbyte_type"] == "timestamp_without_timezone" {
        schema.as_object_mut().map(|schema| schema.remove("format"));
    }
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    fields
        .into_iter()
        .flat_map(|fields| fields.values_mut())
        .for_each(forget_zoneless_formats);
    schema
        .get_mut("items")
        .into_iter()
        .for_each(forget_zoneless_formats);
}

#[test]
fn faults_are_found_at_any_depth() {
    let schema = serde_json::json!({"type": "object", "properties": {
        "Total": {"type": ["null", "number"]},
        "DateString": {"type": "string", "format": "date-time", "airbyte_type": "timestamp_without_timezone"},
        "At": {"type": "string", "format": "date-time", "airbyte_type": "timestamp_with_timezone"},
        "Lines": {"type": "array", "items": {"type": "object", "properties": {"Name": {"type": "string"}}}},
    }});
    let conformance = Conformance::new(&schema);
    for (row, faults) in [
        (r#"{"Total":1.5,"Lines":[{"Name":"a"}]}"#, 0),
        (r#"{"DateString":"2026-03-02T00:00:00"}"#, 0),
        (r#"{"At":"2026-03-02T00:00:00"}"#, 1),
        (r#"{"Total":"1.5"}"#, 1),
        (r#"{"Sum":1.5}"#, 1),
        (r#"{"Lines":[{"Name":1},{"Title":"b"}]}"#, 2),
    ] {
        let found = conformance.faults(&serde_json::from_str(row).expect(row));
        assert_eq!(found.len(), faults, "{row}: {found:?}");
    }
}
