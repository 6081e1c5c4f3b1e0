//! Reads the claims of access tokens, which are JWTs. The connector does not check the signature,
//! because only Xero has to trust the token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The claims that the connector uses. They are empty if the token is not a JWT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The scopes of the token. `None` if the token does not name them.
    pub(crate) scopes: Option<Vec<String>>,
    /// When the token expires.
    pub(crate) expires: Option<DateTime<Utc>>,
    /// The consent that the token comes from. The connections that it made have the same
    /// `authEventId`.
    pub(crate) auth_event: Option<String>,
    /// The name of the user who consented, and the e-mail address. Only an id token has them.
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
}

impl Claims {
    /// Reads the claims from the payload, the middle part of `token`.
    pub(crate) fn read(token: &str) -> Claims {
        let payload = token.split('.').nth(1).unwrap_or_default();
        let payload = URL_SAFE_NO_PAD
            .decode(payload.trim_end_matches('='))
            .unwrap_or_default();
        let Ok(claims) = serde_json::from_slice::<Value>(&payload) else {
            return Claims::default();
        };
        let texts = |list: &Vec<Value>| {
            list.iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let scopes = match &claims["scope"] {
            Value::Array(list) => Some(texts(list)),
            Value::String(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
            _ => None,
        };
        let expires = claims["exp"]
            .as_i64()
            .and_then(|exp| DateTime::from_timestamp(exp, 0));
        let text = |key: &str| claims[key].as_str().map(str::to_owned);
        Claims {
            scopes,
            expires,
            auth_event: text("authentication_event_id"),
            name: text("name").or_else(|| {
                let names = [text("given_name"), text("family_name")];
                let names: Vec<String> = names.into_iter().flatten().collect();
                (!names.is_empty()).then(|| names.join(" "))
            }),
            email: text("email"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn claims_are_read_in_both_forms_of_scope_and_nonsense_has_none() {
        let scopes = Some(vec!["a".to_owned(), "b".to_owned()]);
        let expires = DateTime::from_timestamp(1_800_000_000, 0);
        for (token, claims) in [
            (
                jwt(r#"{"exp":1800000000,"scope":["a","b"]}"#),
                Claims {
                    scopes: scopes.clone(),
                    expires,
                    ..Claims::default()
                },
            ),
            (
                jwt(r#"{"scope":"a b"}"#),
                Claims {
                    scopes,
                    ..Claims::default()
                },
            ),
            (
                jwt(
                    r#"{"authentication_event_id":"e","given_name":"Ana","family_name":"Ngata","email":"a@b.example"}"#,
                ),
                Claims {
                    auth_event: Some("e".to_owned()),
                    name: Some("Ana Ngata".to_owned()),
                    email: Some("a@b.example".to_owned()),
                    ..Claims::default()
                },
            ),
            (jwt(r#"{"exp":"soon"}"#), Claims::default()),
            (jwt("[]"), Claims::default()),
            ("opaque".into(), Claims::default()),
            ("a.!!.c".into(), Claims::default()),
            (String::new(), Claims::default()),
        ] {
            assert_eq!(Claims::read(&token), claims, "{token}");
        }
    }
}
