//! Reads the credentials, which are under the key `credentials` or at the top level.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::auth_type::AuthType;
use super::errors::ConfigErrors;
use super::settings::Settings;
use crate::dates;
use crate::secret::Secret;

/// The keys that may stand at the top level instead of under `credentials`.
pub(super) const FLAT_KEYS: [&str; 7] = [
    "access_token",
    "client_id",
    "client_secret",
    "id_token",
    "refresh_token",
    "scopes",
    "token_expiry_date",
];

/// The ways to get access tokens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Credentials {
    /// A web app or a PKCE app that a user consented to: `oauth2_authorization_code`.
    RefreshToken {
        /// The app.
        app: App,
        /// Works once. The response to its use contains the next one.
        refresh_token: Secret,
        /// The access token that Xero issued with it.
        saved_token: Option<SavedToken>,
    },
    /// A Custom Connection: `oauth2_confidential_application`.
    CustomConnection {
        /// The Custom Connection.
        app: App,
        /// The scopes to request, separated by single spaces. `None` requests all scopes of the
        /// Custom Connection.
        scopes: Option<String>,
        /// The access token of an earlier run.
        saved_token: Option<SavedToken>,
    },
    /// A pasted access token, which cannot be renewed: `oauth2_access_token`.
    AccessToken(Secret),
}

/// An app in Xero's developer portal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct App {
    pub(crate) client_id: String,
    /// `None` for a PKCE app, to which Xero gives no secret. The client id in the body of a token
    /// request then stands for both. Source: developer.xero.com, PKCE flow.
    pub(crate) client_secret: Option<Secret>,
}

/// The access token of an earlier run, saved in the config.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SavedToken {
    /// The token, a JWT as Xero issues them.
    pub(crate) access_token: Secret,
    /// `token_expiry_date`: when it expires.
    pub(crate) expires: Option<DateTime<Utc>>,
}

/// Reads the credentials. Returns `None` if they are incomplete, and adds an error for each missing
/// key.
pub(super) fn read(
    settings: &Settings,
    errors: &mut ConfigErrors,
    warnings: &mut Vec<String>,
) -> Option<Credentials> {
    let top = Fields {
        object: settings.as_json(),
        prefix: "",
    };
    let Some(credentials) = settings.credentials() else {
        reject_inner_white_space(&top, errors);
        return flat(&top, errors, warnings);
    };
    let ignored: Vec<&str> = FLAT_KEYS.into_iter().filter(|key| top.has(key)).collect();
    if !ignored.is_empty() {
        warnings.push(format!(
            "The config has credentials twice: the connector uses those under \"credentials\" and ignores those at the top level ({}).",
            ignored.join(", ")
        ));
    }
    let fields = Fields {
        object: credentials,
        prefix: "credentials.",
    };
    reject_inner_white_space(&fields, errors);
    match AuthType::of(credentials)? {
        AuthType::AuthorizationCode => {
            // A logout leaves the app in the config.
            if fields.text("client_id").is_some() {
                errors.help(
                    "credentials.refresh_token is missing.",
                    "This config has no login: run `xero-source login --force --config FILE`.",
                );
            }
            fields.refresh_token(warnings)
        }
        AuthType::ConfidentialApplication => fields.client_credentials(warnings),
        AuthType::AccessToken => fields.secret("access_token").map(Credentials::AccessToken),
    }
}

/// Adds an error for each token or id with white space inside it, which comes from pasting a
/// wrapped line. An HTTP header cannot contain it.
fn reject_inner_white_space(fields: &Fields, errors: &mut ConfigErrors) {
    for key in FLAT_KEYS.into_iter().filter(|key| *key != "scopes") {
        if fields
            .text(key)
            .is_some_and(|text| text.contains(|c: char| c.is_whitespace() || c.is_control()))
        {
            let path = format!("{}{key}", fields.prefix);
            let sentence = format!(
                "{path} contains white space or a line break: paste the value as one word."
            );
            errors.add(path, sentence);
        }
    }
}

/// Reads credentials at the top level. They have no `auth_type`, so their keys decide the kind.
fn flat(
    top: &Fields,
    errors: &mut ConfigErrors,
    warnings: &mut Vec<String>,
) -> Option<Credentials> {
    let renews = top.has("refresh_token");
    if renews || top.has("client_id") || top.has("client_secret") {
        let (keys, why) = if renews {
            (
                &["client_id"][..],
                "a refresh_token needs the client_id of its app, and of a web app the client_secret too",
            )
        } else {
            (
                &["client_id", "client_secret"][..],
                "a web app needs client_id, client_secret and refresh_token, a PKCE app client_id and refresh_token, and a Custom Connection client_id and client_secret",
            )
        };
        for key in keys {
            if !top.has(key) {
                errors.add(*key, format!("{key} is missing: {why}."));
            }
        }
        return if renews {
            top.refresh_token(warnings)
        } else {
            top.client_credentials(warnings)
        };
    }
    if !top.has("access_token") {
        let sentence = format!(
            "The config has no credentials: give either \"credentials\" with the auth_type {}, or client_id, client_secret and refresh_token at the top level.",
            AuthType::names()
        );
        errors.add("credentials", sentence);
    }
    top.secret("access_token").map(Credentials::AccessToken)
}

/// The object that holds the credentials. A value of a wrong type counts as absent, because
/// `spec::check` has reported it.
struct Fields<'a> {
    object: &'a Value,
    /// The path of the object, with a dot at the end.
    prefix: &'static str,
}

impl<'a> Fields<'a> {
    fn has(&self, key: &str) -> bool {
        self.object.get(key).is_some()
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.object.get(key)?.as_str()
    }

    fn secret(&self, key: &str) -> Option<Secret> {
        Some(Secret::new(self.text(key)?.to_owned()))
    }

    fn refresh_token(&self, warnings: &mut Vec<String>) -> Option<Credentials> {
        Some(Credentials::RefreshToken {
            app: self.app()?,
            refresh_token: self.secret("refresh_token")?,
            saved_token: self.saved_token(warnings),
        })
    }

    fn client_credentials(&self, warnings: &mut Vec<String>) -> Option<Credentials> {
        let scopes = self.text("scopes").map(|text| {
            let scopes: Vec<&str> = text.split_whitespace().collect();
            scopes.join(" ")
        });
        Some(Credentials::CustomConnection {
            app: self.app()?,
            scopes,
            saved_token: self.saved_token(warnings),
        })
    }

    fn app(&self) -> Option<App> {
        Some(App {
            client_id: self.text("client_id")?.to_owned(),
            client_secret: self.secret("client_secret"),
        })
    }

    fn saved_token(&self, warnings: &mut Vec<String>) -> Option<SavedToken> {
        let access_token = self.secret("access_token")?;
        let expires = self.text("token_expiry_date").and_then(|text| {
            let expires = dates::parse(text);
            if expires.is_none() {
                warnings.push(format!(
                    "{}token_expiry_date is not a date, so the connector ignores it.",
                    self.prefix
                ));
            }
            expires
        });
        Some(SavedToken {
            access_token,
            expires,
        })
    }
}
