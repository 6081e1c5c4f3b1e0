//! Keeps the config as JSON, so that it can be sent back with new tokens.
//!
//! Airbyte replaces the whole stored config with the one in a CONTROL message. It drops the message
//! if that config is invalid. The JSON therefore keeps its form and every key, known or unknown.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

use super::auth_type::AuthType;
use super::credentials::{App, Credentials, FLAT_KEYS};
use super::settings::Settings;
use super::spec;
use crate::failure::Failure;
use crate::secret::Secret;

/// The keys whose values are secrets.
const SECRETS: [&str; 4] = ["access_token", "client_secret", "id_token", "refresh_token"];

/// The keys of what a login brings.
const TOKENS: [&str; 4] = [
    "access_token",
    "id_token",
    "refresh_token",
    "token_expiry_date",
];

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

    /// Creates a config without any key. A login fills it.
    pub(crate) fn empty() -> StoredConfig {
        StoredConfig::new(Settings::of(&Map::new()))
    }

    /// Reads the JSON of a config that may lack keys or have wrong ones.
    pub(crate) fn read(text: &[u8]) -> Result<StoredConfig, Failure> {
        let object = super::object(text)?;
        Ok(StoredConfig::new(Settings::of(&object)))
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
        format!("{:#}\n", self.as_json())
    }

    fn credentials(&self) -> Option<&Map<String, Value>> {
        self.config.get("credentials")?.as_object()
    }

    /// Returns a setting at the top level.
    pub(crate) fn setting(&self, key: &str) -> Option<&Value> {
        self.config.get(key)
    }

    /// Returns the app of the credentials.
    pub(crate) fn app(&self) -> Option<App> {
        let credentials = self.credentials().unwrap_or(&self.config);
        let text = |key: &str| credentials.get(key)?.as_str().map(str::to_owned);
        Some(App {
            client_id: text("client_id")?,
            client_secret: text("client_secret").map(Secret::new),
        })
    }

    /// Returns whether a login has left something in the credentials.
    pub(crate) fn has_tokens(&self) -> bool {
        let credentials = self.credentials().unwrap_or(&self.config);
        TOKENS.iter().any(|key| credentials.contains_key(*key))
    }

    /// Returns the token that says who logged in.
    pub(crate) fn id_token(&self) -> Option<Secret> {
        let credentials = self.credentials().unwrap_or(&self.config);
        let text = credentials.get("id_token")?.as_str()?;
        Some(Secret::new(text.to_owned()))
    }

    /// Replaces a setting at the top level. `None` removes it.
    pub(crate) fn set(&mut self, key: &str, value: Option<Value>) {
        match value {
            Some(value) => self.config.insert(key.to_owned(), value),
            None => self.config.remove(key),
        };
    }

    /// Replaces the credentials, wherever they are. The saved access token is left out.
    pub(crate) fn set_credentials(&mut self, credentials: &Credentials) {
        for key in FLAT_KEYS {
            self.config.remove(key);
        }
        let mut object = Map::new();
        let mut insert = |key: &str, value: &str| {
            object.insert(key.to_owned(), value.into());
        };
        let app = match credentials {
            Credentials::RefreshToken {
                app, refresh_token, ..
            } => {
                insert("auth_type", AuthType::AuthorizationCode.name());
                insert("refresh_token", refresh_token.expose());
                Some(app)
            }
            Credentials::CustomConnection { app, scopes, .. } => {
                insert("auth_type", AuthType::ConfidentialApplication.name());
                if let Some(scopes) = scopes {
                    insert("scopes", scopes);
                }
                Some(app)
            }
            Credentials::AccessToken(token) => {
                insert("auth_type", AuthType::AccessToken.name());
                insert("access_token", token.expose());
                None
            }
        };
        if let Some(app) = app {
            insert("client_id", &app.client_id);
            if let Some(secret) = &app.client_secret {
                insert("client_secret", secret.expose());
            }
        }
        self.config
            .insert("credentials".to_owned(), Value::Object(object));
        self.nested = true;
    }

    /// Sets the organisations to read. No ids mean every organisation of the token.
    pub(crate) fn set_tenants(&mut self, ids: &[String]) {
        self.set("tenant_id", None);
        let ids = (!ids.is_empty()).then(|| ids.iter().map(String::as_str).collect());
        self.set("tenant_ids", ids);
    }

    /// Returns the settings without any credential. Keys that spec.json lacks are left out too, because
    /// they may hold secrets.
    pub(crate) fn without_credentials(&self) -> StoredConfig {
        let is_setting = |key: &str| {
            let is_credential = key == "credentials" || FLAT_KEYS.contains(&key);
            !is_credential && spec::keys().any(|known| known == key)
        };
        let settings = self.config.iter().filter(|(key, _)| is_setting(key));
        StoredConfig {
            config: settings
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            nested: false,
        }
    }

    /// Returns the config as JSON.
    pub(crate) fn as_json(&self) -> Value {
        Value::Object(self.config.clone())
    }

    /// Removes the tokens and keeps the app.
    pub(crate) fn remove_tokens(&mut self) {
        for key in TOKENS {
            self.config.remove(key);
            if let Some(credentials) = self.config.get_mut("credentials") {
                credentials.as_object_mut().map(|it| it.remove(key));
            }
        }
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
        self.as_json()
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
    fn a_login_replaces_the_credentials_in_both_forms_and_keeps_other_keys() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let credentials = Credentials::RefreshToken {
            app: App {
                client_id: "app".to_owned(),
                client_secret: None,
            },
            refresh_token: secret("new"),
            saved_token: None,
        };
        let flat = json!({"client_id": "old", "client_secret": "s", "refresh_token": "r",
            "scopes": "a", "tenant_id": "t", "mine": 1});
        let nested = json!({"credentials": {"client_id": "old", "client_secret": "s"},
            "tenant_ids": ["t"], "mine": 1});
        for config in [flat, nested] {
            let mut stored = stored(config);
            let app = stored.app().expect("there is an app");
            assert_eq!(
                (app.client_id.as_str(), app.client_secret),
                ("old", Some(secret("s")))
            );
            stored.set_credentials(&credentials);
            stored.set_tenants(&["u".to_owned()]);
            let credentials = json!({"auth_type": "oauth2_authorization_code",
                "client_id": "app", "refresh_token": "new"});
            let expected = json!({"credentials": credentials, "tenant_ids": ["u"], "mine": 1});
            assert_eq!(Value::Object(stored.config.clone()), expected);
            stored.set_tenants(&[]);
            stored.remove_tokens();
            let credentials = json!({"auth_type": "oauth2_authorization_code", "client_id": "app"});
            let expected = json!({"credentials": credentials, "mine": 1});
            assert_eq!(Value::Object(stored.config), expected);
        }
    }

    #[test]
    fn a_config_without_credentials_keeps_only_settings() {
        let secrets = json!({"access_token": "a", "client_id": "c", "client_secret": "s",
            "id_token": "i", "refresh_token": "r", "scopes": "s", "token_expiry_date": "t"});
        let mut flat = secrets.clone();
        flat["start_date"] = "2026-01-01".into();
        flat["my_password"] = "p".into();
        let nested = json!({"credentials": secrets, "start_date": "2026-01-01",
            "refresh_token": "r", "injected": {"token": "x"}});
        for config in [flat, nested] {
            let settings = stored(config).without_credentials();
            assert_eq!(settings.as_json(), json!({"start_date": "2026-01-01"}));
            assert!(settings.secrets().is_empty());
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let stored = stored(json!({"client_secret": "s3cr3t"}));
        assert_eq!(format!("{stored:?}"), "[config]");
    }
}
