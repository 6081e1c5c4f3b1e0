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
        Claims { scopes, expires }
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
                },
            ),
            (
                jwt(r#"{"scope":"a b"}"#),
                Claims {
                    scopes,
                    expires: None,
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
