//! Keeps the config as JSON, so that it can be sent back with new tokens.
//!
//! Airbyte replaces the whole stored config with the one in a CONTROL message. It drops the message
//! if that config is invalid. The JSON therefore keeps its form and every key, known or unknown.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

use super::settings::Settings;
use crate::secret::Secret;

/// The keys whose values are secrets.
const SECRETS: [&str; 4] = ["access_token", "client_secret", "id_token", "refresh_token"];

/// The JSON of a config.
#[derive(Clone)]
pub(crate) struct StoredConfig {
    config: Map<String, Value>,
    /// Whether the tokens are under `credentials` and not at the top level.
    nested: bool,
}

impl StoredConfig {
    /// Keeps the settings without blanks, because spec.json allows neither null nor padding.
    pub(super) fn new(settings: Settings) -> StoredConfig {
        let nested = settings.credentials().is_some();
        let config = settings.into_object();
        StoredConfig { config, nested }
    }

    /// Returns all secrets, at the top level and under `credentials`. They include client id and
    /// secret in the encoding of HTTP's basic authentication.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let objects = [Some(&self.config), self.credentials()];
        let secrets = objects.into_iter().flatten().flat_map(|object| {
            let text = |key: &str| object.get(key).and_then(Value::as_str);
            let basic = text("client_id")
                .zip(text("client_secret"))
                .map(|(id, secret)| STANDARD.encode(format!("{id}:{secret}")));
            let own = SECRETS.into_iter().filter_map(text).map(str::to_owned);
            own.chain(basic).map(Secret::new).collect::<Vec<_>>()
        });
        secrets.collect()
    }

    /// Returns the text of a config file.
    pub(crate) fn to_text(&self) -> String {
        format!("{:#}\n", Value::Object(self.config.clone()))
    }

    fn credentials(&self) -> Option<&Map<String, Value>> {
        self.config.get("credentials")?.as_object()
    }

    /// Replaces the tokens of the config and returns the whole config. `None` keeps a token.
    pub(crate) fn with_tokens(
        &mut self,
        access_token: &Secret,
        refresh_token: Option<&Secret>,
        id_token: Option<&Secret>,
        expires: DateTime<Utc>,
    ) -> Value {
        let tokens = if self.nested {
            let credentials = self.config.get_mut("credentials");
            credentials
                .and_then(Value::as_object_mut)
                .expect("a config is accepted only if its credentials are an object")
        } else {
            &mut self.config
        };
        let expires = expires.to_rfc3339_opts(SecondsFormat::Secs, true);
        tokens.insert("access_token".to_owned(), access_token.expose().into());
        tokens.insert("token_expiry_date".to_owned(), expires.into());
        for (key, token) in [("refresh_token", refresh_token), ("id_token", id_token)] {
            if let Some(token) = token {
                tokens.insert(key.to_owned(), token.expose().into());
            }
        }
        Value::Object(self.config.clone())
    }
}

/// Shows nothing, because the config contains secrets.
impl fmt::Debug for StoredConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[config]")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored(config: Value) -> StoredConfig {
        let Value::Object(config) = config else {
            panic!("a config is an object");
        };
        StoredConfig::new(Settings::of(&config))
    }

    fn written(config: Value, refresh: Option<&str>, id: Option<&str>) -> Value {
        let secret = |text: &str| Secret::new(text.to_owned());
        let expires = DateTime::from_timestamp_millis(1_772_444_400_123).expect("a valid moment");
        stored(config).with_tokens(
            &secret("new access"),
            refresh.map(secret).as_ref(),
            id.map(secret).as_ref(),
            expires,
        )
    }

    #[test]
    fn new_tokens_replace_the_old_ones_in_place() {
        let expiry = "2026-03-02T09:40:00Z";
        let cases = [
            // The flat form, and a token response with every token.
            (
                json!({"client_id": "c", "access_token": "old", "refresh_token": "old", "tenant_id": null}),
                (Some("new refresh"), Some("new id")),
                json!({"client_id": "c", "access_token": "new access", "refresh_token": "new refresh",
                    "id_token": "new id", "token_expiry_date": expiry}),
            ),
            // The credentials form. The flat keys beside it do not change.
            (
                json!({"credentials": {"auth_type": "a", "refresh_token": "old", "id_token": null},
                    "refresh_token": "stray"}),
                (Some("new refresh"), None),
                json!({"credentials": {"auth_type": "a", "refresh_token": "new refresh",
                    "access_token": "new access", "token_expiry_date": expiry},
                    "refresh_token": "stray"}),
            ),
            // A Custom Connection has only an access token. Unknown keys stay.
            (
                json!({"credentials": {"auth_type": "b"}, "mine": {"a": [null, 1], "b": null}}),
                (None, None),
                json!({"credentials": {"auth_type": "b", "access_token": "new access",
                    "token_expiry_date": expiry}, "mine": {"a": [null, 1], "b": null}}),
            ),
            // The parser accepts blanks and padding. A stored config must not contain them.
            (
                json!({"credentials": {}, "tenant_id": "", "start_date": " 2020-01-01 ", "refresh_token": "old\n"}),
                (None, None),
                json!({"start_date": "2020-01-01", "refresh_token": "old", "access_token": "new access",
                    "token_expiry_date": expiry}),
            ),
        ];
        for (config, (refresh, id), expected) in cases {
            assert_eq!(written(config, refresh, id), expected);
        }
    }

    #[test]
    fn secrets_at_the_top_and_under_credentials_are_listed() {
        let stored = stored(
            json!({"access_token": "a", "refresh_token": 7, "tenant_id": "t",
            "credentials": {"client_id": "c", "client_secret": "s", "id_token": "i"}}),
        );
        let secrets = stored.secrets();
        let secrets: Vec<_> = secrets.iter().map(Secret::expose).collect();
        assert_eq!(secrets, ["a", "s", "i", "Yzpz"]);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let stored = stored(json!({"client_secret": "s3cr3t"}));
        assert_eq!(format!("{stored:?}"), "[config]");
    }
}
