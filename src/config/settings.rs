//! Removes blanks from a config: null, empty strings, and white space around strings.

use serde_json::{Map, Value};

/// The settings of a config, without blanks.
#[derive(Debug)]
pub(super) struct Settings(Value);

impl Settings {
    /// Removes blanks. Clients send optional keys as null or as an empty string, and people paste
    /// tokens with a line end.
    pub(super) fn of(config: &Map<String, Value>) -> Settings {
        let mut settings = without_blanks(config);
        if let Some(Value::Object(credentials)) = settings.get("credentials") {
            let credentials = without_blanks(credentials);
            if credentials.is_empty() {
                settings.remove("credentials");
            } else {
                settings.insert("credentials".to_owned(), Value::Object(credentials));
            }
        }
        Settings(Value::Object(settings))
    }

    /// Returns the settings as JSON.
    pub(super) fn as_json(&self) -> &Value {
        &self.0
    }

    /// Returns the settings as an object.
    pub(super) fn into_object(self) -> Map<String, Value> {
        match self.0 {
            Value::Object(settings) => settings,
            _ => Map::new(),
        }
    }

    /// Returns a setting at the top level, of any type.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Returns the `credentials`, of any type.
    pub(super) fn credentials(&self) -> Option<&Value> {
        self.get("credentials")
    }

    /// Returns a string at the top level.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// Returns a boolean at the top level, or false if it is absent.
    pub(super) fn boolean(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Returns a whole number at the top level, which may be written as 300.0. A number that is too
    /// large becomes the largest `u32`, which no limit of Xero exceeds.
    pub(super) fn whole_number(&self, key: &str) -> Option<u32> {
        Some(self.get(key)?.as_f64()? as u32)
    }
}

fn without_blanks(object: &Map<String, Value>) -> Map<String, Value> {
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
