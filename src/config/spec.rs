//! Contains the specification that the connector publishes, and the same rules as code.
//!
//! Airbyte builds its form from spec.json and checks stored configs against it. When the connector
//! starts, it checks the config against the table below. It does not validate spec.json itself,
//! because a JSON Schema engine would be its largest dependency. Tests compare the table with
//! spec.json by means of such an engine.

#[cfg(test)]
mod tests;

use serde_json::Value;
use uuid::Uuid;

use super::auth_type::{AuthType, Presence};
use super::errors::{ConfigErrors, quoted, type_of};
use super::settings::Settings;
use super::start_date;
use crate::config::Interval;

/// The ConnectorSpecification, a JSON object.
pub(crate) const SPEC: &str = include_str!("../../spec.json");

/// The rule for a value.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// Any string.
    Text,
    /// A string of a certain form: the check, and the description of the form.
    Form(fn(&str) -> bool, &'static str),
    /// A whole number: the minimum, and the maximum if there is one.
    Integer(u32, Option<u32>),
    /// True or false.
    Boolean,
    /// An object.
    Object,
    /// An array of strings of a certain form.
    Forms(fn(&str) -> bool, &'static str),
}

use Rule::{Boolean, Form, Forms, Integer, Object, Text};

/// How error messages describe a GUID.
const GUID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx (a GUID)";

/// The settings at the top level and their rules, in alphabetical order.
const SETTINGS: [(&str, Rule); 24] = [
    ("access_token", Text),
    ("api_url", Text),
    ("attachments_directory", Text),
    ("attachments_max_megabytes", Integer(1, Some(1024))),
    ("client_id", Text),
    ("client_secret", Text),
    ("credentials", Object),
    ("daily_call_reserve", Integer(0, None)),
    ("download_attachments", Boolean),
    ("id_token", Text),
    ("identity_url", Text),
    ("lookback_seconds", Integer(0, Some(86_400))),
    ("max_calls_per_sync", Integer(0, None)),
    ("max_concurrent_calls", Integer(1, None)),
    ("reconcile_days", Integer(1, None)),
    ("refresh_token", Text),
    (
        "report_interval",
        Form(is_interval, "month, quarter or year"),
    ),
    ("report_lookback_periods", Integer(0, Some(60))),
    ("report_tracking_category", Text),
    ("scopes", Text),
    (
        "start_date",
        Form(start_date::has_form, "YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ"),
    ),
    ("tenant_id", Form(is_guid, GUID)),
    ("tenant_ids", Forms(is_guid, GUID)),
    ("token_expiry_date", Text),
];

/// The one setting that every config must have.
const REQUIRED: &str = "start_date";

/// Returns the keys that a config may have at the top level.
pub(super) fn keys() -> impl Iterator<Item = &'static str> + Clone {
    SETTINGS.iter().map(|(key, _)| *key)
}

/// Adds an error for each rule that the settings break.
pub(super) fn check(settings: &Settings, errors: &mut ConfigErrors) {
    let credentials = settings.credentials().filter(|it| it.is_object());
    let auth_type = credentials.and_then(AuthType::of);
    if credentials.is_some() && auth_type.is_none() {
        let sentence = format!("credentials.auth_type must be {}.", AuthType::names());
        errors.add("credentials.auth_type", sentence);
    }
    if settings.get(REQUIRED).is_none() {
        errors.add(REQUIRED, format!("{REQUIRED} is missing."));
    }
    for (key, rule) in SETTINGS {
        if let Some(value) = settings.get(key) {
            rule.check(key, value, errors);
        }
        if key == "credentials"
            && let Some((credentials, auth_type)) = credentials.zip(auth_type)
        {
            check_credentials(credentials, auth_type, errors);
        }
    }
}

/// Adds the errors of the credentials: first missing keys, then values of a wrong type.
fn check_credentials(credentials: &Value, auth_type: AuthType, errors: &mut ConfigErrors) {
    for (key, presence) in auth_type.keys() {
        if *presence == Presence::Required && credentials.get(key).is_none() {
            let path = format!("credentials.{key}");
            let sentence = format!("{path} is missing.");
            errors.add(path, sentence);
        }
    }
    for (key, _) in auth_type.keys() {
        if let Some(value) = credentials.get(key) {
            Text.check(&format!("credentials.{key}"), value, errors);
        }
    }
}

impl Rule {
    /// Adds an error if the value at a path breaks the rule.
    fn check(self, path: &str, value: &Value, errors: &mut ConfigErrors) {
        if let Some(fault) = self.fault(value) {
            errors.add(path, format!("{path}{} {fault}.", quoted(path, value)));
        }
        if let (Forms(is_formed, form), Value::Array(items)) = (self, value) {
            for (index, item) in items.iter().enumerate() {
                Form(is_formed, form).check(&format!("{path}.{index}"), item, errors);
            }
        }
    }

    /// Returns how a value breaks the rule, as the end of a sentence. `None` if it does not.
    fn fault(self, value: &Value) -> Option<String> {
        // JSON does not distinguish integers from other numbers: 300.0 is 300.
        let number = value.as_f64();
        let (expected, is_expected) = match self {
            Text | Form(..) => ("a string", value.is_string()),
            Integer(..) => ("an integer", number.is_some_and(|it| it.fract() == 0.0)),
            Boolean => ("a boolean", value.is_boolean()),
            Object => ("an object", value.is_object()),
            Forms(..) => ("an array", value.is_array()),
        };
        if !is_expected {
            return Some(format!("must be {expected}, not {}", type_of(value)));
        }
        match self {
            Form(is_formed, form) if !value.as_str().is_some_and(is_formed) => {
                Some(format!("must look like {form}"))
            }
            Integer(least, _) if number < Some(f64::from(least)) => {
                Some(format!("must be at least {least}"))
            }
            Integer(_, Some(most)) if number > Some(f64::from(most)) => {
                Some(format!("must be at most {most}"))
            }
            _ => None,
        }
    }
}

fn is_interval(text: &str) -> bool {
    Interval::named(text).is_some()
}

fn is_guid(text: &str) -> bool {
    // `Uuid` also accepts forms without hyphens or in braces. They have other lengths.
    text.len() == "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx".len() && Uuid::try_parse(text).is_ok()
}
