//! Collects the errors of a config: one sentence per setting, without secrets.

use serde_json::Value;

use crate::excerpt::one_line;
use crate::failure::Failure;

/// The settings whose values are numbers or dates.
const NUMBERS_AND_DATES: [&str; 8] = [
    "attachments_max_megabytes",
    "daily_call_reserve",
    "lookback_seconds",
    "max_calls_per_sync",
    "max_concurrent_calls",
    "reconcile_days",
    "report_lookback_periods",
    "start_date",
];

/// Maximum length of a quoted value, in characters.
const LONGEST: usize = 60;

/// The errors found so far, each with the path of its setting.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ConfigErrors(Vec<(String, String)>);

impl ConfigErrors {
    /// Adds an error. A setting keeps only its first error, because that one explains the others.
    pub(super) fn add(&mut self, path: impl Into<String>, sentence: String) {
        let path = path.into();
        if self.0.iter().all(|(known, _)| *known != path) {
            self.0.push((path, sentence));
        }
    }

    /// Adds a sentence to an error that has been added before.
    pub(super) fn help(&mut self, error: &str, help: &str) {
        for (_, sentence) in self.0.iter_mut().filter(|(_, it)| it == error) {
            *sentence = format!("{sentence} {help}");
        }
    }

    /// Whether the config is valid.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all errors in one message.
    pub(super) fn into_failure(self) -> Failure {
        let sentences: Vec<String> = self.0.into_iter().map(|(_, sentence)| sentence).collect();
        Failure::config(format!(
            "The config cannot be used. {}",
            sentences.join(" ")
        ))
    }
}

/// Quotes a value after a space, or returns an empty string if the value may be a secret. People
/// paste tokens into the wrong field, so only numbers, dates and plain URLs are quoted.
pub(super) fn quoted(path: &str, value: &Value) -> String {
    let is_harmless = match (path, value) {
        (path, Value::Number(_)) => NUMBERS_AND_DATES.contains(&path),
        (path, Value::String(text)) if NUMBERS_AND_DATES.contains(&path) => text
            .chars()
            .all(|c| c.is_ascii_digit() || "-:./TZ+ ".contains(c)),
        // Secrets in URLs stand in the user name, the query or the fragment.
        ("api_url" | "identity_url", Value::String(text)) => {
            text.contains("://") && !text.contains(['@', '?', '#'])
        }
        _ => false,
    };
    if !is_harmless {
        return String::new();
    }
    let text = one_line(&value.to_string());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!(" {}...", &text[..end]),
        None => format!(" {text}"),
    }
}

/// Names the JSON type of a value, with its article.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_that_may_be_secrets_are_not_quoted() {
        let long = format!("https://{}", "a".repeat(80));
        let cut = format!(" \"https://{}...", "a".repeat(LONGEST - 9));
        let cases = [
            ("start_date", json!("2021-13-01"), " \"2021-13-01\""),
            ("start_date", json!(20210101), " 20210101"),
            ("start_date", json!("eyJhbGciOi"), ""),
            ("start_date", json!({"a": 1}), ""),
            ("lookback_seconds", json!("5"), " \"5\""),
            ("lookback_seconds", json!("s3cr3t"), ""),
            (
                "api_url",
                json!("ftp://api.xero.com"),
                " \"ftp://api.xero.com\"",
            ),
            ("api_url", json!(long), cut.as_str()),
            ("api_url", json!("https://me:s3cr3t@api.xero.com"), ""),
            ("identity_url", json!("https://x.example?token=s3cr3t"), ""),
            ("identity_url", json!("s3cr3t"), ""),
            ("tenant_id", json!("1234"), ""),
            ("client_secret", json!(1234), ""),
        ];
        for (path, value, expected) in cases {
            assert_eq!(quoted(path, &value), expected, "{path} {value}");
        }
    }
}
