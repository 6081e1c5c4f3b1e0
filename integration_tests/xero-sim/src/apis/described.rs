//! Compares the endpoints and their rows with Xero's descriptions. This needs `XERO_OPENAPI`, the
//! folder of the descriptions (github.com/XeroAPI/Xero-OpenAPI).

use std::collections::BTreeSet;
use std::path::Path;

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Value, json};

use super::draw::Tables;
use super::endpoint::{ApiEndpoint, Envelope};
use super::registry;
use crate::rows::Country;
use crate::world::World;

/// The variable that names the folder.
const VARIABLE: &str = "XERO_OPENAPI";

/// The description of an endpoint.
fn file(endpoint: &ApiEndpoint) -> &'static str {
    match (endpoint.api.base, endpoint.country) {
        ("/assets.xro/1.0", _) => "xero_assets.yaml",
        ("/projects.xro/2.0", _) => "xero-projects.yaml",
        ("/files.xro/1.0", _) => "xero_files.yaml",
        ("/payroll.xro/1.0", _) => "xero-payroll-au.yaml",
        (_, Some(Country::Australia)) => "xero-payroll-au-v2.yaml",
        (_, Some(Country::UnitedKingdom)) => "xero-payroll-uk.yaml",
        _ => "xero-payroll-nz.yaml",
    }
}

/// One description.
struct Description(Value);

impl Description {
    fn read(folder: &str, name: &str) -> Self {
        let file = Path::new(folder).join(name);
        let text = std::fs::read_to_string(&file).expect("XERO_OPENAPI has Xero's files");
        let documents = Yaml::load_from_str(&text).expect("YAML can be read");
        Self(json_of(&documents[0]))
    }

    /// Follows references.
    fn resolved<'a>(&'a self, mut node: &'a Value) -> &'a Value {
        while let Some(reference) = node["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            node = self.0.pointer(pointer).expect("references lead somewhere");
        }
        node
    }

    /// The path of a template.
    fn path(&self, template: &str) -> Option<&Value> {
        let paths = self.0["paths"].as_object().expect("there are paths");
        let parts = |path: &str| -> Vec<String> {
            let parts = path.split('/');
            let parts = parts.map(|part| if part.starts_with('{') { "{}" } else { part });
            parts.map(str::to_owned).collect()
        };
        let wanted = parts(template);
        let found = paths.iter().find(|(path, _)| parts(path) == wanted);
        found.map(|(_, path)| path)
    }

    /// The parameters of a query, and whether they are required.
    fn parameters(&self, path: &Value) -> BTreeSet<(String, bool)> {
        let all = path["get"]["parameters"].as_array().into_iter().flatten();
        let all = all.map(|parameter| self.resolved(parameter));
        let of_query = all.filter(|parameter| parameter["in"] == "query");
        let named = of_query.map(|parameter| {
            let name = parameter["name"].as_str().expect("a name").to_owned();
            (name, parameter["required"] == true)
        });
        named.collect()
    }

    /// The schema of a row in an answer, and the row of the example.
    fn row(&self, path: &Value, envelope: Envelope) -> (Value, Value) {
        let answer = path.pointer("/get/responses/200/content/application~1json");
        let answer = answer.expect("an answer in JSON");
        let schema = self.resolved(&answer["schema"]);
        let example = match &answer["example"] {
            Value::String(text) => serde_json::from_str(text).expect("the text holds JSON"),
            example => example.clone(),
        };
        let (schema, example) = match envelope {
            Envelope::List(key) | Envelope::Object(key) => (
                self.resolved(&schema["properties"][key]),
                example[key].clone(),
            ),
            _ => (schema, example),
        };
        match schema["type"] == "array" {
            true => (self.resolved(&schema["items"]).clone(), example[0].clone()),
            false => (schema.clone(), example),
        }
    }

    /// What does not fit a schema. Xero's examples have fields that the schemas lack.
    fn faults(&self, at: &str, value: &Value, schema: &Value, example: &Value) -> Vec<String> {
        let schema = self.resolved(schema);
        let wrong = |what: &str| vec![format!("{at}: {value} is no {what}")];
        match (value, schema["type"].as_str()) {
            (Value::Null, _) => Vec::new(),
            (Value::Object(fields), _) => {
                let fields = fields.iter();
                let of = |(name, value): (&String, &Value)| {
                    let at = format!("{at}.{name}");
                    match schema["properties"].get(name) {
                        Some(schema) => self.faults(&at, value, schema, &example[name]),
                        None if example.get(name).is_some() => Vec::new(),
                        None => vec![format!("{at} is no field")],
                    }
                };
                fields.flat_map(of).collect()
            }
            (Value::Array(items), Some("array")) => {
                let items = items.iter();
                let of = |item| self.faults(at, item, &schema["items"], &example[0]);
                items.flat_map(of).collect()
            }
            (Value::String(text), Some("string") | None) => {
                let words = schema["enum"].as_array();
                let known = words.is_none_or(|words| words.contains(value));
                let id = schema["format"] != "uuid" || crate::guid::Guid::parse(text).is_some();
                if known && id {
                    Vec::new()
                } else {
                    wrong(&schema.to_string())
                }
            }
            (Value::Number(number), Some("integer")) if number.is_f64() => wrong("integer"),
            (Value::Number(_), Some("integer" | "number") | None) => Vec::new(),
            (Value::Bool(_), Some("boolean") | None) => Vec::new(),
            (_, kind) => wrong(kind.unwrap_or("value")),
        }
    }
}

fn json_of(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(fields) => {
            let name = |name| match json_of(name) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let fields = fields.iter();
            fields
                .map(|(key, value)| (name(key), json_of(value)))
                .collect()
        }
        _ => Value::Null,
    }
}

/// The folder, if there is one.
fn folder() -> Option<String> {
    let folder = std::env::var(VARIABLE).ok();
    if folder.is_none() {
        eprintln!("{VARIABLE} names no folder, so Xero's descriptions are not looked at");
    }
    folder
}

#[test]
fn addresses_and_parameters_are_those_of_the_descriptions() {
    let Some(folder) = folder() else { return };
    for endpoint in registry::endpoints() {
        let description = Description::read(&folder, file(endpoint));
        for template in [Some(endpoint.path), endpoint.single.map(|(path, _)| path)] {
            let Some(template) = template.filter(|it| !it.is_empty()) else {
                continue;
            };
            let path = description.path(template);
            assert!(path.is_some(), "{}: {template}", endpoint.name);
            if template == endpoint.path {
                let own = endpoint.parameters.iter();
                let own = own.map(|it| (it.name.to_owned(), it.required));
                let described = description.parameters(path.expect("a path"));
                assert_eq!(own.collect::<BTreeSet<_>>(), described, "{}", endpoint.name);
            }
        }
    }
}

#[test]
fn rows_fit_the_descriptions() {
    let mut world = World::new(7);
    let countries = [
        Country::NewZealand,
        Country::Australia,
        Country::UnitedKingdom,
    ];
    let tenants = countries.map(|country| world.add_tenant_in("Demo Company", country));
    let Some(folder) = folder() else { return };
    let mut found = BTreeSet::new();
    let has_rows =
        |it: &&ApiEndpoint| !it.path.is_empty() && !matches!(it.envelope, Envelope::CountOf(_));
    for endpoint in registry::endpoints().filter(has_rows) {
        let description = Description::read(&folder, file(endpoint));
        let path = description
            .path(endpoint.path)
            .expect("the path is described");
        let (schema, example) = description.row(path, endpoint.envelope);
        let mut rows = 0;
        for tenant in &tenants {
            let tenant = world.known(tenant).as_ref();
            for row in tenant.api_rows(endpoint.name) {
                rows += 1;
                let mut value = row.value.clone();
                (endpoint.complete)(&mut value, tenant);
                found.extend(description.faults(endpoint.name, &value, &schema, &example));
            }
        }
        assert!(rows > 0, "{} has no rows", endpoint.name);
    }
    assert!(found.is_empty(), "{found:#?}");
}
