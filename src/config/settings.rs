//! The config with all leniency spent: what is null, empty or white space is
//! absent, and texts have no white space around them.

use serde_json::{Map, Value};

/// The settings that were really given, to be checked and read.
#[derive(Debug)]
pub(super) struct Settings(Value);

impl Settings {
    /// Clients send optional fields as null or as an empty text, and people copy
    /// tokens with a line end.
    pub(super) fn of(config: &Map<String, Value>) -> Settings {
        let mut settings = tidied(config);
        if let Some(Value::Object(credentials)) = settings.get("credentials") {
            let credentials = tidied(credentials);
            if credentials.is_empty() {
                settings.remove("credentials");
            } else {
                settings.insert("credentials".to_owned(), Value::Object(credentials));
            }
        }
        Settings(Value::Object(settings))
    }

    /// The settings as JSON.
    pub(super) fn as_json(&self) -> &Value {
        &self.0
    }

    /// The settings themselves.
    pub(super) fn into_object(self) -> Map<String, Value> {
        match self.0 {
            Value::Object(settings) => settings,
            _ => Map::new(),
        }
    }

    /// A setting at the top level, of whatever type.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The `credentials`, of whatever type.
    pub(super) fn credentials(&self) -> Option<&Value> {
        self.get("credentials")
    }

    /// A text at the top level.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// A truth value at the top level, false where there is none.
    pub(super) fn truth(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A number at the top level. JSON knows no integers: 300.0 is 300.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_f64()
    }
}

fn tidied(object: &Map<String, Value>) -> Map<String, Value> {
    let members = object.iter().map(|(key, value)| {
        let value = match value {
            Value::String(text) => Value::from(text.trim()),
            other => other.clone(),
        };
        (key.clone(), value)
    });
    members
        .filter(|(_, value)| !value.is_null() && value != "")
        .collect()
}
