//! Reads responses of Xero's token endpoint, and explains its errors to the user. Source:
//! developer.xero.com, OAuth 2.0 troubleshooting.

use std::fmt;
use std::time::Duration;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::config::{App, Credentials};
use crate::failure::Failure;
use crate::secret::Secret;
use crate::xero::auth::store::TokenSet;
use crate::xero::problem::Problem;

/// The life of Xero's access tokens, for responses without a life.
const DEFAULT_LIFE: Duration = Duration::from_secs(1800);
/// Maximum life, in seconds. A longer one is shortened.
const LONGEST_LIFE: f64 = 86_400.0;

/// The body of a success of the token endpoint.
#[derive(Debug)]
pub(crate) enum TokenResponse {
    /// Tokens.
    Tokens(TokenSet),
    /// A complete response without an access token. A second exchange would spend the refresh
    /// token again with the same result.
    NoToken,
    /// The body is not a JSON object: it is truncated, or not from Xero. Xero accepts the same
    /// refresh token again for 30 minutes.
    Unreadable,
}

impl TokenResponse {
    /// Parses the body of a success. Parses each field separately and ignores everything else. The
    /// old refresh token is spent, so one invalid field must not lose the other tokens.
    pub(crate) fn read(body: &[u8]) -> TokenResponse {
        let text = String::from_utf8_lossy(body);
        let mut parser = serde_json::Deserializer::from_str(&text);
        let Ok(fields) = Fields::deserialize(&mut parser) else {
            return TokenResponse::Unreadable;
        };
        match fields.access_token {
            Some(access_token) => TokenResponse::Tokens(TokenSet {
                access_token,
                refresh_token: fields.refresh_token,
                id_token: fields.id_token,
                life: fields.life.unwrap_or(DEFAULT_LIFE),
            }),
            None => TokenResponse::NoToken,
        }
    }
}

/// The valid fields of a response. If a field appears twice, the last valid value counts.
#[derive(Default)]
struct Fields {
    access_token: Option<Secret>,
    refresh_token: Option<Secret>,
    id_token: Option<Secret>,
    life: Option<Duration>,
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(parser: D) -> Result<Fields, D::Error> {
        parser.deserialize_map(FieldByField)
    }
}

struct FieldByField;

impl<'de> Visitor<'de> for FieldByField {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        // Raw values, so that an invalid number or escape affects only its own field.
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            let value = value.get();
            let field = match name.as_str() {
                "access_token" => &mut fields.access_token,
                "refresh_token" => &mut fields.refresh_token,
                "id_token" => &mut fields.id_token,
                "expires_in" => {
                    fields.life = life(value).or(fields.life);
                    continue;
                }
                _ => continue,
            };
            if let Some(token) = token(value) {
                *field = Some(token);
            }
        }
        Ok(fields)
    }
}

/// Parses a token. Returns `None` for an empty text, which must not replace a working token.
fn token(value: &str) -> Option<Secret> {
    let text: String = serde_json::from_str(value).ok()?;
    (!text.trim().is_empty()).then(|| Secret::new(text))
}

/// Parses a life in seconds from a number or a text. Ignores values that are not positive, because
/// a 401 shows when the token has expired.
fn life(value: &str) -> Option<Duration> {
    let seconds: f64 = value.trim_matches(['"', ' ']).parse().ok()?;
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(LONGEST_LIFE)))
}

/// Whether the response is a refusal that another attempt would not change. Status 200 may come
/// with an error too.
pub(crate) fn is_refusal(status: u16, body: &[u8]) -> bool {
    match status {
        200 => serde_json::from_slice::<Value>(body).is_ok_and(|body| body["error"].is_string()),
        408 | 429 => false,
        _ => (300..500).contains(&status),
    }
}

/// Returns the failure for a complete response without an access token.
pub(crate) fn without_token() -> Failure {
    Failure::system(
        "Xero's token endpoint sent a response without an access token. Check that identity_url is Xero's. If it is, run the connector again within 30 minutes: Xero accepts the same refresh token for that long.",
    )
}

/// Explains why the token endpoint refused to renew tokens.
pub(crate) fn refusal(status: u16, body: &[u8], credentials: &Credentials) -> Failure {
    let (app, custom) = match credentials {
        Credentials::RefreshToken { app, .. } => (Some(app), false),
        Credentials::CustomConnection { app, .. } => (Some(app), true),
        Credentials::AccessToken(_) => (None, false),
    };
    let sentence = match error(body).as_str() {
        "invalid_grant" => {
            "Xero no longer accepts the refresh token (invalid_grant). It was revoked, was not used for 60 days, or was exchanged by another process: each refresh token works once. Authorise the app again and put the new refresh_token into the config. If another connection uses the same consent, give each connection its own consent, or read all organisations with one connection."
        }
        "invalid_client" => return unknown_app(app),
        "unauthorized_client" if custom => {
            "This app may not use client credentials (unauthorized_client): it is not a Custom Connection. Use auth_type oauth2_authorization_code with a refresh_token, or create a Custom Connection at developer.xero.com."
        }
        "unauthorized_client" => {
            "This app may not use a refresh token (unauthorized_client): it is a Custom Connection, or the refresh token belongs to another app. For a Custom Connection use auth_type oauth2_confidential_application."
        }
        "invalid_scope" => {
            "Xero refuses the requested scopes (invalid_scope): at least one is not assigned to the Custom Connection. Assign it at developer.xero.com and have the connection authorised again, or remove `scopes` from the config to request all assigned scopes."
        }
        _ => return other_refusal(status, body),
    };
    Failure::config(sentence)
}

/// Explains why the token endpoint refused the code of a consent.
pub(crate) fn code_refusal(status: u16, body: &[u8], app: &App) -> Failure {
    match error(body).as_str() {
        "invalid_grant" => Failure::config(
            "Xero does not accept the code of this consent (invalid_grant): a code expires after five minutes and works once. Log in again.",
        ),
        "unauthorized_client" => Failure::config(
            "This app has no consent page (unauthorized_client), so it is a Custom Connection. Log in with --app custom.",
        ),
        _ => client_refusal(status, body, app),
    }
}

/// Explains a refusal that is not specific to the request of an app.
pub(super) fn client_refusal(status: u16, body: &[u8], app: &App) -> Failure {
    match error(body).as_str() {
        "invalid_client" => unknown_app(Some(app)),
        _ => other_refusal(status, body),
    }
}

/// Returns the error code of a refusal.
fn error(body: &[u8]) -> String {
    let error = serde_json::from_slice::<Value>(body).unwrap_or_default();
    error["error"].as_str().unwrap_or_default().to_owned()
}

fn unknown_app(app: Option<&App>) -> Failure {
    let has_secret = app.is_some_and(|app| app.client_secret.is_some());
    Failure::config(match has_secret {
        false => {
            "Xero does not accept this client_id without a client_secret (invalid_client). Compare it with the app's Configuration page at developer.xero.com. If the app is a web app and not a mobile or desktop app, put its client_secret into the config."
        }
        true => {
            "Xero does not know this client_id and client_secret (invalid_client). Compare both with the app's Configuration page at developer.xero.com. Xero shows a secret only once, so you may have to generate another one."
        }
    })
}

fn other_refusal(status: u16, body: &[u8]) -> Failure {
    if error(body) == "unsupported_grant_type" {
        return Failure::config(
            "The token endpoint does not know this kind of request (unsupported_grant_type). Check that identity_url is Xero's.",
        );
    }
    let text = Problem::parse(body).text;
    Failure::config(format!(
        "Xero's token endpoint refused the credentials with HTTP {status}. Compare client_id, client_secret and identity_url with the app at developer.xero.com."
    ))
    .because(anyhow::anyhow!("{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_token_endpoint_has_a_sentence_that_says_what_to_do() {
        let app = || App {
            client_id: "id".into(),
            client_secret: Some(Secret::new("s3cret".into())),
        };
        let pkce = Credentials::RefreshToken {
            app: App {
                client_secret: None,
                ..app()
            },
            refresh_token: Secret::new("r3fresh".into()),
            saved_token: None,
        };
        let web = Credentials::RefreshToken {
            app: app(),
            refresh_token: Secret::new("r3fresh".into()),
            saved_token: None,
        };
        let custom = Credentials::CustomConnection {
            app: app(),
            scopes: None,
            saved_token: None,
        };
        for (grant, body, words) in [
            (
                &web,
                r#"{"error":"invalid_grant"}"#,
                "Authorise the app again",
            ),
            (
                &web,
                r#"{"error":"invalid_client"}"#,
                "this client_id and client_secret",
            ),
            (
                &pkce,
                r#"{"error":"invalid_client"}"#,
                "without a client_secret",
            ),
            (
                &web,
                r#"{"error":"unauthorized_client"}"#,
                "oauth2_confidential_application",
            ),
            (
                &custom,
                r#"{"error":"unauthorized_client"}"#,
                "oauth2_authorization_code",
            ),
            (
                &custom,
                r#"{"error":"invalid_scope","error_description":"Client credentials scope validation failed"}"#,
                "remove `scopes`",
            ),
            (
                &web,
                r#"{"error":"unsupported_grant_type"}"#,
                "identity_url",
            ),
            (&web, "<html>", "HTTP 400"),
            (&web, r#"{"error":{}}"#, "HTTP 400"),
        ] {
            let failure = refusal(400, body.as_bytes(), grant);
            assert_eq!(failure.kind, crate::failure::Kind::Config);
            assert!(failure.to_string().contains(words), "{body}: {failure}");
        }
    }

    fn tokens(body: &str) -> TokenSet {
        match TokenResponse::read(body.as_bytes()) {
            TokenResponse::Tokens(answer) => answer,
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn a_life_is_parsed_in_any_form_and_limited() {
        for (text, seconds) in [
            ("1800", 1800),
            ("1800.0", 1800),
            ("\"900\"", 900),
            ("\" 900 \"", 900),
            ("null", 1800),
            ("\"soon\"", 1800),
            ("0", 1800),
            ("-5", 1800),
            ("1e300", 86_400),
            ("1e999", 86_400),
            ("\"NaN\"", 1800),
            ("18446744073709551615", 86_400),
            ("[1]", 1800),
            ("{\"seconds\":1800}", 1800),
        ] {
            let answer = tokens(&format!(r#"{{"access_token":"a","expires_in":{text}}}"#));
            assert_eq!(answer.life, Duration::from_secs(seconds), "{text}");
        }
    }

    #[test]
    fn each_field_is_parsed_separately() {
        let secret = |text: &str| Some(Secret::new(text.to_owned()));
        let nested = "[".repeat(500) + &"]".repeat(500);
        for (fields, refresh, id) in [
            (
                r#""refresh_token":"r","id_token":"i""#,
                secret("r"),
                secret("i"),
            ),
            (r#""refresh_token":null"#, None, None),
            (r#""refresh_token":"","id_token":" ""#, None, None),
            (
                r#""refresh_token":"r","id_token":{"raw":"i"}"#,
                secret("r"),
                None,
            ),
            (r#""refresh_token":"r","id_token":["i"]"#, secret("r"), None),
            (r#""refresh_token":"r","id_token":7"#, secret("r"), None),
            (
                r#""refresh_token":"old","refresh_token":"r""#,
                secret("r"),
                None,
            ),
            (
                r#""refresh_token":"r","refresh_token":null"#,
                secret("r"),
                None,
            ),
            (
                r#""refresh_token":"r","refresh_token":"""#,
                secret("r"),
                None,
            ),
            (
                r#""refresh_token":"r","scope":"\ud800","x":1e999"#,
                secret("r"),
                None,
            ),
            (
                &format!(r#""x":{nested},"refresh_token":"r""#),
                secret("r"),
                None,
            ),
        ] {
            for body in [
                format!(r#"{{"access_token":"a",{fields}}}"#),
                format!(r#" {{{fields},"access_token":"a","access_token":5}} <!-- proxy -->"#),
            ] {
                let answer = tokens(&body);
                assert_eq!(Some(answer.access_token), secret("a"), "{body}");
                assert_eq!(
                    (answer.refresh_token, answer.id_token),
                    (refresh.clone(), id.clone()),
                    "{body}"
                );
            }
        }
        let latin1 = b"{\"scope\":\"caf\xe9\",\"access_token\":\"a\"}";
        assert!(matches!(
            TokenResponse::read(latin1),
            TokenResponse::Tokens(_)
        ));
        assert!(!format!("{:?}", tokens(r#"{"access_token":"s3cret"}"#)).contains("s3cret"));
    }

    #[test]
    fn a_response_without_an_access_token_is_not_unreadable() {
        for body in [
            "{}",
            r#"{"token_type":"Bearer","refresh_token":"r"}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":null}"#,
            r#"{"access_token":{"raw":"a"}}"#,
            r#"{"access_token":7}"#,
        ] {
            let read = TokenResponse::read(body.as_bytes());
            assert!(matches!(read, TokenResponse::NoToken), "{body}: {read:?}");
        }
        for body in ["", "<html>", "[]", "null", r#"{"access_token":"a"#] {
            let read = TokenResponse::read(body.as_bytes());
            assert!(
                matches!(read, TokenResponse::Unreadable),
                "{body}: {read:?}"
            );
        }
    }
}
