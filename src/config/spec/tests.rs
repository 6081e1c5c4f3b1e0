//! Tests the rules of Airbyte's form, acceptance suites and OAuth flow for a specification.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::*;
use crate::config::Interval;

mod schema_engine;

/// Names that the suites treat as secrets.
const SECRETS: [&str; 5] = [
    "access_token",
    "client_secret",
    "id_token",
    "refresh_token",
    "tenant_id",
];

fn spec() -> Value {
    serde_json::from_str(SPEC).expect("spec.json is JSON")
}

/// Returns the schema of the config.
fn connection() -> Value {
    spec()["connectionSpecification"].take()
}

/// Returns the `auth_type` of a variant of the credentials.
fn auth_type(variant: &Value) -> Option<&Value> {
    variant.pointer("/properties/auth_type/const")
}

/// Returns a schema and every schema inside it, each with its path.
fn schemas(path: &str, schema: &Value) -> Vec<(String, Value)> {
    let mut found = vec![(path.to_owned(), schema.clone())];
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        found.extend(schemas(&format!("{path}.{key}"), inner));
    }
    for (index, variant) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
        found.extend(schemas(&format!("{path}[{index}]"), variant));
    }
    found
}

fn properties(schema: &Value) -> &Map<String, Value> {
    schema["properties"]
        .as_object()
        .expect("an object schema has properties")
}

#[test]
fn it_is_a_draft_7_schema_that_requires_only_a_start_date() {
    let schema = connection();
    assert!(jsonschema::draft7::meta::is_valid(&schema));
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(schema["required"], json!([REQUIRED]));
}

#[test]
fn the_code_knows_the_keys_and_the_auth_types_of_the_specification() {
    let schema = connection();
    assert!(properties(&schema).keys().eq(keys()));
    let variants = schema["properties"]["credentials"]["oneOf"].as_array();
    let variants = variants.expect("variants");
    assert_eq!(variants.len(), AuthType::ALL.len());
    for (variant, known) in variants.iter().zip(AuthType::ALL) {
        assert_eq!(auth_type(variant), Some(&json!(known.name())));
        let keys: Vec<_> = known.keys().iter().map(|(key, _)| *key).collect();
        let required = known.keys().iter().filter(|it| it.1 == Presence::Required);
        let required: HashSet<_> = required.map(|(key, _)| json!(key)).collect();
        assert!(properties(variant).keys().eq(keys.iter()), "{known:?}");
        let expected = variant["required"].as_array().into_iter().flatten();
        assert_eq!(required, expected.cloned().collect(), "{known:?}");
    }
}

#[test]
fn every_schema_is_of_one_type_without_the_forbidden_keywords() {
    let forbidden = [
        "allOf",
        "anyOf",
        "enum",
        "if",
        "not",
        "patternProperties",
        "$ref",
        "dependentRequired",
    ];
    for (path, schema) in schemas("", &connection()) {
        assert!(schema["type"].is_string(), "{path}");
        assert!(
            forbidden
                .iter()
                .all(|keyword| schema.get(keyword).is_none()),
            "{path}"
        );
        assert_eq!(
            schema.get("pattern").is_some(),
            schema.get("pattern_descriptor").is_some(),
            "{path}"
        );
        assert!(
            !schema["properties"].is_object() || schema["additionalProperties"] == true,
            "{path}"
        );
        for key in schema["required"].as_array().into_iter().flatten() {
            assert!(
                properties(&schema).contains_key(key.as_str().expect("a name")),
                "{path}.{key}"
            );
        }
    }
}

#[test]
fn every_property_has_a_title_and_a_description_and_only_secrets_are_marked() {
    for (path, schema) in schemas("", &connection()) {
        let key = path.rsplit('.').next().unwrap_or_default();
        let secret = schema
            .get("airbyte_secret")
            .is_some_and(|secret| secret == true);
        assert_eq!(secret, SECRETS.contains(&key), "{path}");
        let names_itself = key.is_empty() || key.ends_with(']') || key == "auth_type";
        assert!(names_itself || schema["title"].is_string(), "{path}");
        assert!(names_itself || schema["description"].is_string(), "{path}");
    }
}

#[test]
fn orders_are_unique_among_siblings_and_groups_are_known() {
    let schema = connection();
    let groups: Vec<&Value> = schema["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| &group["id"])
        .collect();
    for (key, property) in properties(&schema) {
        assert!(groups.contains(&&property["group"]), "{key}");
    }
    for (path, schema) in schemas("", &schema) {
        let siblings = schema["properties"].as_object().into_iter().flatten();
        let orders: Vec<Option<u64>> = siblings
            .map(|(_, property)| property["order"].as_u64())
            .collect();
        let distinct: HashSet<_> = orders.iter().flatten().collect();
        assert_eq!(distinct.len(), orders.len(), "{path}");
    }
}

#[test]
fn each_variant_has_one_const_and_the_oauth_one_comes_first() {
    let schema = connection();
    let variants = schema["properties"]["credentials"]["oneOf"]
        .as_array()
        .expect("variants");
    for variant in variants {
        let constants = properties(variant)
            .iter()
            .filter(|(_, property)| property.get("const").is_some());
        assert_eq!(
            constants.map(|(key, _)| key.as_str()).collect::<Vec<_>>(),
            ["auth_type"]
        );
        assert!(variant["properties"]["auth_type"].get("default").is_none());
        assert!(
            variant["required"]
                .as_array()
                .expect("required")
                .contains(&json!("auth_type"))
        );
    }
    assert_eq!(
        AuthType::names(),
        "oauth2_authorization_code, oauth2_confidential_application or oauth2_access_token"
    );
    assert_eq!(
        Some(&spec()["advanced_auth"]["predicate_value"]),
        auth_type(&variants[0])
    );
}

#[test]
fn credentials_at_the_top_level_are_hidden() {
    let schema = connection();
    for variant in schema["properties"]["credentials"]["oneOf"]
        .as_array()
        .expect("variants")
    {
        for key in properties(variant).keys().filter(|key| *key != "auth_type") {
            assert_eq!(schema["properties"][key]["airbyte_hidden"], true, "{key}");
        }
    }
}

#[test]
fn each_output_of_the_oauth_flow_has_a_key_in_the_config() {
    let spec = spec();
    let schema = connection();
    let variant = &schema["properties"]["credentials"]["oneOf"][0];
    let flow = &spec["advanced_auth"]["oauth_config_specification"];
    let mut paths = vec![&spec["advanced_auth"]["predicate_key"]];
    for part in [
        "complete_oauth_output_specification",
        "complete_oauth_server_output_specification",
    ] {
        paths.extend(
            properties(&flow[part])
                .values()
                .map(|output| &output["path_in_connector_config"]),
        );
    }
    assert_eq!(paths.len(), 7);
    for path in paths {
        assert_eq!(path[0], "credentials");
        let key = path[1].as_str().expect("a name");
        assert!(properties(variant).contains_key(key), "{key}");
    }
    // The platform computes token_expiry_date from expires_in, if the specification lists
    // expires_in.
    let extracted = flow["oauth_connector_input_specification"]["extract_output"].as_array();
    assert!(extracted.expect("outputs").contains(&json!("expires_in")));
}

#[test]
fn the_defaults_equal_those_of_the_connector() {
    let schema = connection();
    let default = |key: &str| schema["properties"][key]["default"].clone();
    assert_eq!(default("api_url"), super::super::DEFAULT_API_URL);
    assert_eq!(default("identity_url"), super::super::DEFAULT_IDENTITY_URL);
    assert_eq!(
        default("lookback_seconds").as_u64(),
        Some(super::super::DEFAULT_LOOKBACK_SECONDS.into())
    );
    assert_eq!(
        default("report_lookback_periods").as_u64(),
        Some(super::super::DEFAULT_LOOKBACK_PERIODS.into())
    );
    assert_eq!(
        default("max_calls_per_sync").as_u64(),
        Some(super::super::DEFAULT_MAX_CALLS.into())
    );
    assert_eq!(
        default("max_concurrent_calls").as_u64(),
        Some(super::super::DEFAULT_CONCURRENT_CALLS.into())
    );
    assert_eq!(
        default("attachments_max_megabytes").as_u64(),
        Some(super::super::DEFAULT_MAX_MEGABYTES.into())
    );
    assert_eq!(default("download_attachments"), false);
    assert_eq!(default("report_interval"), Interval::default().name());
}
