//! The config without blanks: settings that are null, empty or white space are removed, and white
//! space around strings as well.

use serde_json::{Map, Value};

/// The settings that the config really gives.
#[derive(Debug)]
pub(super) struct Settings(Value);

impl Settings {
    /// Removes blanks: clients send optional keys as null or as an empty string, and people paste
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

    /// A string at the top level.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// A boolean at the top level. False if it is absent.
    pub(super) fn boolean(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A whole number at the top level, which may be written as 300.0. One that does not fit is
    /// the largest that does: no limit of Xero's is higher.
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
