//! How access tokens are come by, in Xero's three ways, out of either form of
//! the config: the `credentials` object or the same keys at the top level.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::auth_type::AuthType;
use super::date;
use super::faults::Faults;
use super::settings::Settings;
use crate::secret::Secret;

/// The keys that may stand at the top level in place of `credentials`.
const FLAT_KEYS: [&str; 7] = [
    "access_token",
    "client_id",
    "client_secret",
    "id_token",
    "refresh_token",
    "scopes",
    "token_expiry_date",
];

/// A way to come by access tokens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Grant {
    /// A web app that a user consented to: `oauth2_authorization_code`.
    RefreshToken {
        /// The web app.
        client: Client,
        /// Works once; its use brings the next one.
        refresh_token: Secret,
        /// The access token that came with it.
        cached: Option<Cached>,
    },
    /// A Custom Connection: `oauth2_confidential_application`.
    ClientCredentials {
        /// The Custom Connection.
        client: Client,
        /// What to ask for, separated by single spaces; without it, all that the
        /// Custom Connection was given.
        scopes: Option<String>,
        /// The access token of an earlier run.
        cached: Option<Cached>,
    },
    /// A pasted access token, which cannot be renewed: `oauth2_access_token`.
    AccessToken(Secret),
}

/// An app of Xero's developer portal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Client {
    /// The app's `client_id`.
    pub(crate) id: String,
    /// The app's `client_secret`.
    pub(crate) secret: Secret,
}

/// An access token that is in the config already.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cached {
    /// The token, a JWT as Xero issues them.
    pub(crate) access_token: Secret,
    /// When it stops working, if that was written down.
    pub(crate) expires: Option<DateTime<Utc>>,
}

/// The one complete way that the settings describe.
pub(super) fn read(
    settings: &Settings,
    faults: &mut Faults,
    warnings: &mut Vec<String>,
) -> Option<Grant> {
    let top = Fields {
        object: settings.as_json(),
        prefix: "",
    };
    let Some(credentials) = settings.credentials() else {
        one_word_each(&top, faults);
        return flat(&top, faults, warnings);
    };
    let ignored: Vec<&str> = FLAT_KEYS.into_iter().filter(|key| top.has(key)).collect();
    if !ignored.is_empty() {
        warnings.push(format!(
            "The config has credentials twice: those under \"credentials\" are used, those at the top level ({}) are not.",
            ignored.join(", ")
        ));
    }
    let fields = Fields {
        object: credentials,
        prefix: "credentials.",
    };
    one_word_each(&fields, faults);
    match AuthType::of(credentials)? {
        AuthType::AuthorizationCode => fields.refresh_token(warnings),
        AuthType::ConfidentialApplication => fields.client_credentials(warnings),
        AuthType::AccessToken => fields.secret("access_token").map(Grant::AccessToken),
    }
}

/// A token or id that was pasted with a line break inside it can be neither sent
/// nor right.
fn one_word_each(fields: &Fields, faults: &mut Faults) {
    for key in FLAT_KEYS.into_iter().filter(|key| *key != "scopes") {
        if fields
            .text(key)
            .is_some_and(|text| text.contains(|c: char| c.is_whitespace() || c.is_control()))
        {
            let path = format!("{}{key}", fields.prefix);
            let sentence =
                format!("{path} has a blank or a line break inside it: paste it as one word.");
            faults.add(path, sentence);
        }
    }
}

/// Without an `auth_type` the keys tell which way is meant.
fn flat(top: &Fields, faults: &mut Faults, warnings: &mut Vec<String>) -> Option<Grant> {
    let renews = top.has("refresh_token");
    if renews || top.has("client_id") || top.has("client_secret") {
        let why = if renews {
            "a refresh_token needs the client_id and the client_secret of its app"
        } else {
            "client_id and client_secret belong together, with a refresh_token or as a Custom Connection without one"
        };
        for key in ["client_id", "client_secret"] {
            if !top.has(key) {
                faults.add(key, format!("{key} is missing: {why}."));
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
            "There are no credentials: give either \"credentials\" with the auth_type {}, or client_id, client_secret and refresh_token at the top level.",
            AuthType::names()
        );
        faults.add("credentials", sentence);
    }
    top.secret("access_token").map(Grant::AccessToken)
}

/// The object that the credentials stand in. What is of a wrong type reads as
/// absent; the specification has already found fault with it.
struct Fields<'a> {
    object: &'a Value,
    /// What stands before a key in the path of a setting.
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

    fn refresh_token(&self, warnings: &mut Vec<String>) -> Option<Grant> {
        Some(Grant::RefreshToken {
            client: self.client()?,
            refresh_token: self.secret("refresh_token")?,
            cached: self.cached(warnings),
        })
    }

    fn client_credentials(&self, warnings: &mut Vec<String>) -> Option<Grant> {
        let scopes = self.text("scopes").map(|text| {
            let scopes: Vec<&str> = text.split_whitespace().collect();
            scopes.join(" ")
        });
        Some(Grant::ClientCredentials {
            client: self.client()?,
            scopes,
            cached: self.cached(warnings),
        })
    }

    fn client(&self) -> Option<Client> {
        Some(Client {
            id: self.text("client_id")?.to_owned(),
            secret: self.secret("client_secret")?,
        })
    }

    fn cached(&self, warnings: &mut Vec<String>) -> Option<Cached> {
        let access_token = self.secret("access_token")?;
        let expires = self.text("token_expiry_date").and_then(|text| {
            let expires = date::moment(text);
            if expires.is_none() {
                warnings.push(format!(
                    "{}token_expiry_date is not a date; it is ignored.",
                    self.prefix
                ));
            }
            expires
        });
        Some(Cached {
            access_token,
            expires,
        })
    }
}
