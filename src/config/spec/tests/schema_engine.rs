//! Tests that the typed rules equal spec.json. For any config, a JSON Schema engine must find the
//! errors that the connector finds, in the same words and order.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, JsonType, ValidationError, Validator};
use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use super::*;
use crate::cases::cases;

/// The schema for configs with credentials of one type, or of none that exists.
struct Engine {
    schema: Value,
    validator: Validator,
}

impl Engine {
    /// Replaces the choice of variants by the variant of this type. The engine then finds the
    /// errors of this variant only.
    fn new(of_type: Option<AuthType>) -> Engine {
        let mut schema = connection();
        let credentials_schema = &mut schema["properties"]["credentials"];
        let mut variants = credentials_schema["oneOf"].as_array().into_iter().flatten();
        let name = of_type.map(|it| json!(it.name()));
        let variant = variants.find(|it| name.is_some() && auth_type(it) == name.as_ref());
        *credentials_schema = variant
            .cloned()
            .unwrap_or_else(|| json!({"type": "object"}));
        // Formats are not checked, because `date-time` demands a zone and the config accepts a bare
        // date. The pattern and then the calendar decide.
        let options = jsonschema::options().with_draft(Draft::Draft7);
        let validator = options.should_validate_formats(false).build(&schema);
        let validator = validator.expect("spec.json holds a valid schema");
        Engine { schema, validator }
    }

    /// Adds the errors that the engine finds, except that of an unknown `auth_type`.
    fn check(&self, settings: &Settings, errors: &mut ConfigErrors) {
        for error in self.validator.iter_errors(settings.as_json()) {
            let path = path(&error);
            let sentence = explain(&path, &error, &self.schema);
            errors.add(path, sentence);
        }
    }
}

/// Returns the path of the setting with the error, such as `credentials.client_id`.
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

/// Words an error. The library's own messages quote the value.
fn explain(path: &str, error: &ValidationError, schema: &Value) -> String {
    let value = quoted(path, error.instance());
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

/// Generates texts that match a pattern, and texts with one missing, additional or wrong character.
fn patterned(pattern: &str) -> BoxedStrategy<Value> {
    let form = pattern.trim_start_matches('^').trim_end_matches('$');
    let good = proptest::string::string_regex(form)
        .expect("a pattern")
        .boxed();
    let near = (
        good.clone(),
        any::<prop::sample::Index>(),
        any::<bool>(),
        select(vec!["", "0", "-", "Z", ".", "x", "\n", "\u{661}"]),
    );
    let near = near.prop_map(|(text, at, keep, other)| {
        let characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        let (before, after) = (&characters[..at], &characters[at + usize::from(!keep)..]);
        let (before, after): (String, String) = (before.iter().collect(), after.iter().collect());
        before + other + &after
    });
    prop_oneof![good, near].prop_map(Value::from).boxed()
}

/// Generates values near the limits of a property's rule, and values of every type.
fn value(property: &Value) -> BoxedStrategy<Value> {
    let limits = ["minimum", "maximum"].map(|limit| property[limit].as_f64());
    let limits = limits.into_iter().flatten().flat_map(|limit| {
        [
            json!(limit),
            json!(limit as i64),
            json!(limit - 1.0),
            json!(limit as i64 - 1),
            json!(limit + 1.0),
            json!(limit as i64 + 1),
            json!(limit - 0.5),
            json!(limit + 0.5),
        ]
    });
    let any = [
        json!(null),
        json!(true),
        json!(0),
        json!(-0.0),
        json!(7),
        json!(-7),
        json!(1.5),
        json!(1e300),
        json!(-1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("7"),
        json!("x"),
        json!(" x\n"),
        json!("2020-01-01"),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({"a": null}),
    ];
    let values = select(any.into_iter().chain(limits).collect::<Vec<_>>()).boxed();
    let items = &property["items"];
    match (property["pattern"].as_str(), items["pattern"].as_str()) {
        (Some(pattern), _) => prop_oneof![values, patterned(pattern)].boxed(),
        (None, Some(pattern)) => {
            let item = prop_oneof![values.clone(), patterned(pattern)];
            let array = prop::collection::vec(item, 0..4).prop_map(Value::from);
            prop_oneof![values, array].boxed()
        }
        (None, None) => values,
    }
}

/// Generates objects with some of the properties of a schema and with other keys.
fn object(
    properties: Vec<(String, BoxedStrategy<Value>)>,
) -> impl Strategy<Value = Map<String, Value>> {
    let member = |(key, value): (String, BoxedStrategy<Value>)| (Just(key), value).boxed();
    let unknown = ("[a-z_]{1,8}", value(&Value::Null)).boxed();
    let members = properties.into_iter().map(member).chain([unknown]);
    btree_map(any::<u8>(), Union::new(members), 0..12)
        .prop_map(|members| members.into_values().collect())
}

fn configs() -> impl Strategy<Value = Map<String, Value>> {
    let schema = connection();
    let mut of_credentials = Vec::new();
    for variant in schema["properties"]["credentials"]["oneOf"]
        .as_array()
        .expect("variants")
    {
        of_credentials.extend(
            properties(variant)
                .iter()
                .filter(|(key, _)| *key != "auth_type")
                .map(|(key, property)| (key.clone(), value(property))),
        );
    }
    let names = AuthType::ALL.map(|it| json!(it.name()));
    let auth_type = select(
        names
            .into_iter()
            .chain([json!("x"), json!(5), json!(null), json!({})])
            .collect::<Vec<_>>(),
    );
    let credentials = (
        object(of_credentials),
        prop::option::weighted(0.9, auth_type),
    )
        .prop_map(|(mut credentials, auth_type)| {
            if let Some(auth_type) = auth_type {
                credentials.insert("auth_type".to_owned(), auth_type);
            }
            Value::Object(credentials)
        });
    let credentials =
        prop_oneof![4 => credentials, 1 => value(&schema["properties"]["credentials"])];
    let others = properties(&schema)
        .iter()
        .filter(|(key, _)| *key != "credentials");
    let others = others
        .map(|(key, property)| (key.clone(), value(property)))
        .collect();
    (object(others), prop::option::of(credentials)).prop_map(|(mut config, credentials)| {
        if let Some(credentials) = credentials {
            config.insert("credentials".to_owned(), credentials);
        }
        config
    })
}

#[test]
fn typed_rules_find_the_errors_of_the_schema() {
    let none = Engine::new(None);
    let engines = AuthType::ALL.map(|it| (it, Engine::new(Some(it))));
    let whole = jsonschema::options().should_validate_formats(false);
    let whole = whole
        .build(&connection())
        .expect("spec.json holds a valid schema");
    proptest!(cases(500), |(config in configs())| {
        let settings = Settings::of(&config);
        let named = settings.credentials().and_then(AuthType::of);
        let engine = engines.iter().find(|(it, _)| Some(*it) == named);
        let engine = engine.map_or(&none, |(_, engine)| engine);

        let (mut found, mut expected) = (ConfigErrors::default(), ConfigErrors::default());
        check(&settings, &mut found);
        if named.is_none() && settings.credentials().is_some_and(Value::is_object) {
            let sentence = format!("credentials.auth_type must be {}.", AuthType::names());
            expected.add("credentials.auth_type", sentence);
        }
        engine.check(&settings, &mut expected);
        prop_assert_eq!(found.is_empty(), whole.is_valid(settings.as_json()));
        prop_assert_eq!(found, expected);
    });
}
