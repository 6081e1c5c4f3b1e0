//! The specification that the connector publishes, and how a config breaks it.
//!
//! It is the one definition of the config: Airbyte draws its form from it and
//! checks against it what is stored, and so does the connector when it starts.

#[cfg(test)]
mod tests;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, JsonType, ValidationError};
use serde_json::{Value, json};

use super::faults::{Faults, shown, type_of};
use super::settings::Settings;

/// The ConnectorSpecification, a JSON object.
pub(crate) const SPEC: &str = include_str!("../../spec.json");

/// Notes every way in which the settings break the specification.
pub(super) fn check(settings: &Settings, faults: &mut Faults) {
    let mut schema = connection();
    choose_variant(&mut schema, settings, faults);
    // Formats are not asserted: `date-time` wants a zone, and a bare date will do.
    // The pattern decides, and then the calendar.
    let validator = jsonschema::options()
        .with_draft(Draft::Draft7)
        .should_validate_formats(false)
        .build(&schema)
        .expect("spec.json holds a valid schema, a test builds it");
    for error in validator.iter_errors(settings.as_json()) {
        let path = path(&error);
        let sentence = explain(&path, &error, &schema);
        faults.add(path, sentence);
    }
}

/// The values of `credentials.auth_type`, as an enumeration in words.
pub(super) fn auth_types() -> String {
    let schema = connection();
    let variants = schema.pointer("/properties/credentials/oneOf");
    let variants = variants.and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = variants
        .filter_map(auth_type)
        .filter_map(Value::as_str)
        .collect();
    match names.split_last() {
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The keys of the settings that there are.
#[derive(Debug)]
pub(super) struct Known {
    /// Those at the top level.
    pub(super) top: Vec<String>,
    /// Those under `credentials`, for the `auth_type` that stands there.
    pub(super) credentials: Vec<String>,
    /// Those under `credentials`, for any `auth_type`.
    pub(super) any: Vec<String>,
}

impl Known {
    /// The keys for a config with these credentials.
    pub(super) fn read(credentials: Option<&Value>) -> Known {
        let schema = connection();
        let named = credentials.and_then(|credentials| credentials.get("auth_type"));
        let variants = schema["properties"]["credentials"]["oneOf"].as_array();
        let variants = variants.map(Vec::as_slice).unwrap_or_default();
        let all = || variants.iter().flat_map(keys).collect();
        let variant = variants.iter().find(|variant| auth_type(variant) == named);
        Known {
            top: keys(&schema),
            credentials: variant.map_or_else(all, keys),
            any: all(),
        }
    }
}

/// The keys of an object's schema.
fn keys(schema: &Value) -> Vec<String> {
    let properties = schema["properties"].as_object();
    let keys = properties
        .into_iter()
        .flat_map(|properties| properties.keys());
    keys.cloned().collect()
}

/// The schema of the config.
fn connection() -> Value {
    let mut spec: Value = serde_json::from_str(SPEC).expect("spec.json is JSON, a test reads it");
    spec["connectionSpecification"].take()
}

/// Puts the variant that `auth_type` names in the place of the choice, so that
/// the faults are those of this variant and not those of all.
fn choose_variant(schema: &mut Value, settings: &Settings, faults: &mut Faults) {
    let place = &mut schema["properties"]["credentials"];
    let named = settings
        .credentials()
        .and_then(|credentials| credentials.get("auth_type"));
    let mut variants = place["oneOf"].as_array().into_iter().flatten();
    let variant = variants
        .find(|variant| auth_type(variant) == named)
        .cloned();
    if variant.is_none() && settings.credentials().is_some_and(Value::is_object) {
        let sentence = format!("credentials.auth_type must be {}.", auth_types());
        faults.add("credentials.auth_type", sentence);
    }
    *place = variant.unwrap_or_else(|| json!({"type": "object"}));
}

fn auth_type(variant: &Value) -> Option<&Value> {
    variant.pointer("/properties/auth_type/const")
}

/// The setting that an error is about, such as `credentials.client_id`.
fn path(error: &ValidationError) -> String {
    let mut path: Vec<String> = error
        .instance_path()
        .iter()
        .map(|key| key.to_string())
        .collect();
    if let ValidationErrorKind::Required { property } = error.kind() {
        path.extend(property.as_str().map(str::to_owned));
    }
    path.join(".")
}

/// An error in words. The library's own sentences quote the value.
fn explain(path: &str, error: &ValidationError, schema: &Value) -> String {
    let value = shown(path, error.instance());
    match error.kind() {
        ValidationErrorKind::Required { .. } => format!("{path} is missing."),
        ValidationErrorKind::Type {
            kind: TypeKind::Single(expected),
        } => {
            let article = match expected {
                JsonType::Array | JsonType::Integer | JsonType::Object => "an",
                _ => "a",
            };
            let found = type_of(error.instance());
            format!("{path}{value} must be {article} {expected}, not {found}.")
        }
        ValidationErrorKind::Pattern { .. } => {
            let rule = error.schema_path().as_str();
            let descriptor = schema.pointer(&format!("{rule}_descriptor"));
            let descriptor = descriptor.and_then(Value::as_str).unwrap_or_default();
            format!("{path}{value} must look like {descriptor}.")
        }
        ValidationErrorKind::Minimum { limit } => {
            format!("{path}{value} must be at least {limit}.")
        }
        ValidationErrorKind::Maximum { limit } => format!("{path}{value} must be at most {limit}."),
        other => format!(
            "{path} breaks the rule \"{}\" of the specification.",
            other.keyword()
        ),
    }
}
