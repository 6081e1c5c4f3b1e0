//! Defines the values of `credentials.auth_type`, and the keys that each one needs.

use serde_json::Value;

/// A value of `credentials.auth_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AuthType {
    /// A web app or a PKCE app that a user consented to.
    AuthorizationCode,
    /// A Custom Connection.
    ConfidentialApplication,
    /// A pasted access token.
    AccessToken,
}

/// Whether credentials of a type must have a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

use Presence::{Optional, Required};

impl AuthType {
    /// All types, in the order of spec.json.
    pub(super) const ALL: [AuthType; 3] = [
        AuthType::AuthorizationCode,
        AuthType::ConfidentialApplication,
        AuthType::AccessToken,
    ];

    /// Returns the type that credentials name, if it exists.
    pub(super) fn of(credentials: &Value) -> Option<AuthType> {
        let name = credentials.get(AUTH_TYPE)?.as_str()?;
        AuthType::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Returns its name in the config.
    pub(super) fn name(self) -> &'static str {
        match self {
            AuthType::AuthorizationCode => "oauth2_authorization_code",
            AuthType::ConfidentialApplication => "oauth2_confidential_application",
            AuthType::AccessToken => "oauth2_access_token",
        }
    }

    /// Returns the keys of its credentials in alphabetical order. All their values are strings.
    pub(super) fn keys(self) -> &'static [(&'static str, Presence)] {
        match self {
            AuthType::AuthorizationCode => &[
                ("access_token", Optional),
                (AUTH_TYPE, Required),
                ("client_id", Required),
                // A PKCE app has none.
                ("client_secret", Optional),
                ("id_token", Optional),
                ("refresh_token", Required),
                ("token_expiry_date", Optional),
            ],
            AuthType::ConfidentialApplication => &[
                ("access_token", Optional),
                (AUTH_TYPE, Required),
                ("client_id", Required),
                ("client_secret", Required),
                ("scopes", Optional),
                ("token_expiry_date", Optional),
            ],
            AuthType::AccessToken => &[("access_token", Required), (AUTH_TYPE, Required)],
        }
    }

    /// Lists all names for a sentence.
    pub(super) fn names() -> String {
        let [first, second, third] = AuthType::ALL.map(AuthType::name);
        format!("{first}, {second} or {third}")
    }
}

/// The key that holds the type.
const AUTH_TYPE: &str = "auth_type";
