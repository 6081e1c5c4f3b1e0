//! What Xero's token endpoint answers, and what its errors mean to the user.
//! Source: developer.xero.com, OAuth 2.0 troubleshooting.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::config::Grant;
use crate::failure::Failure;
use crate::problem::Problem;
use crate::secret::Secret;

/// Xero's access tokens live half an hour; its answers say so.
const USUAL_LIFE: Duration = Duration::from_secs(1800);
/// Longer lives are not believed.
const LONGEST_LIFE: f64 = 86_400.0;

/// A new set of tokens.
#[derive(Debug, Deserialize)]
pub(super) struct TokenAnswer {
    #[serde(deserialize_with = "secret")]
    pub(super) access_token: Secret,
    /// The one to use next time; the one that was sent is spent.
    #[serde(default, deserialize_with = "optional_secret")]
    pub(super) refresh_token: Option<Secret>,
    #[serde(default, deserialize_with = "optional_secret")]
    pub(super) id_token: Option<Secret>,
    /// Seconds, in whatever form: a set of tokens must not be lost for a detail.
    #[serde(default)]
    expires_in: Value,
}

impl TokenAnswer {
    /// How long the access token lives.
    pub(super) fn life(&self) -> Duration {
        let text = self
            .expires_in
            .as_str()
            .and_then(|text| text.trim().parse().ok());
        let seconds = self.expires_in.as_f64().or(text);
        // A life that is over before it begins is a slip; Xero's 401 tells when it ends.
        let life = seconds.filter(|seconds| *seconds > 0.0);
        life.map_or(USUAL_LIFE, |life| {
            Duration::from_secs_f64(life.min(LONGEST_LIFE))
        })
    }
}

fn secret<'de, D: Deserializer<'de>>(parser: D) -> Result<Secret, D::Error> {
    optional_secret(parser)?.ok_or_else(|| D::Error::custom("it is empty"))
}

/// An empty token is none: it must not take the place of one that lives.
fn optional_secret<'de, D: Deserializer<'de>>(parser: D) -> Result<Option<Secret>, D::Error> {
    let text = Option::<String>::deserialize(parser)?;
    Ok(text.filter(|text| !text.trim().is_empty()).map(Secret::new))
}

/// Whether an answer of the token endpoint is its last word: trying again would
/// bring the same. Errors may come with 200 too.
pub(super) fn is_refusal(status: u16, body: &[u8]) -> bool {
    match status {
        200 => serde_json::from_slice::<Value>(body).is_ok_and(|body| body["error"].is_string()),
        408 | 429 => false,
        _ => (300..500).contains(&status),
    }
}

/// Puts a refusal of the token endpoint into words.
pub(super) fn refusal(status: u16, body: &[u8], grant: &Grant) -> Failure {
    let error = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let error = error["error"].as_str().unwrap_or_default();
    let custom = matches!(grant, Grant::ClientCredentials { .. });
    let sentence = match error {
        "invalid_grant" => {
            "Xero no longer accepts the refresh token (invalid_grant): it was revoked, was not used for 60 days, or was already exchanged by another process, for each refresh token works once. Authorise the app again and put the new refresh_token into the config; if another connection uses the same consent, give each its own or read all organisations with one."
        }
        "invalid_client" => {
            "Xero does not know this client_id and client_secret (invalid_client). Compare both with the app's Configuration page at developer.xero.com; a secret is shown there only once and may have to be generated anew."
        }
        "unauthorized_client" if custom => {
            "This app may not use client credentials (unauthorized_client): it is not a Custom Connection. Use auth_type oauth2_authorization_code with a refresh_token, or create a Custom Connection at developer.xero.com."
        }
        "unauthorized_client" => {
            "This app may not use a refresh token (unauthorized_client): it is a Custom Connection, or the refresh token belongs to another app. For a Custom Connection use auth_type oauth2_confidential_application."
        }
        "invalid_scope" => {
            "Xero refuses the requested scopes (invalid_scope): at least one is not assigned to the Custom Connection. Assign it at developer.xero.com and have the connection authorised again, or leave `scopes` out of the config to get all that are assigned."
        }
        "unsupported_grant_type" => {
            "The token endpoint does not know this kind of request (unsupported_grant_type). Is identity_url that of Xero?"
        }
        _ => {
            let text = Problem::parse(body).text;
            return Failure::config(format!(
                "Xero's token endpoint refused the credentials with HTTP {status}. Compare client_id, client_secret and identity_url with the app at developer.xero.com."
            ))
            .because(anyhow::anyhow!("{text}"));
        }
    };
    Failure::config(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Client;

    #[test]
    fn every_error_of_the_token_endpoint_has_a_sentence_that_says_what_to_do() {
        let client = || Client {
            id: "id".into(),
            secret: Secret::new("s3cret".into()),
        };
        let web = Grant::RefreshToken {
            client: client(),
            refresh_token: Secret::new("r3fresh".into()),
            cached: None,
        };
        let custom = Grant::ClientCredentials {
            client: client(),
            scopes: None,
            cached: None,
        };
        for (grant, body, words) in [
            (
                &web,
                r#"{"error":"invalid_grant"}"#,
                "Authorise the app again",
            ),
            (&web, r#"{"error":"invalid_client"}"#, "client_secret"),
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
                "leave `scopes` out",
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

    #[test]
    fn a_life_is_read_in_any_form_and_kept_believable() {
        for (text, seconds) in [
            ("1800", 1800),
            ("1800.0", 1800),
            ("\"900\"", 900),
            ("null", 1800),
            ("\"soon\"", 1800),
            ("0", 1800),
            ("-5", 1800),
            ("1e300", 86_400),
            ("18446744073709551615", 86_400),
            ("[1]", 1800),
        ] {
            let answer = format!(r#"{{"access_token":"a","expires_in":{text}}}"#);
            let answer: TokenAnswer = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer.life(), Duration::from_secs(seconds), "{text}");
        }
    }

    #[test]
    fn an_answer_may_lack_all_but_the_access_token() {
        let answer: TokenAnswer =
            serde_json::from_str(r#"{"access_token":"a","refresh_token":null}"#).unwrap();
        assert_eq!(answer.life(), Duration::from_secs(1800));
        assert!(answer.refresh_token.is_none() && answer.id_token.is_none());
        assert!(!format!("{answer:?}").contains("\"a\""));
        for body in [r#"{"token_type":"Bearer"}"#, r#"{"access_token":""}"#] {
            assert!(serde_json::from_str::<TokenAnswer>(body).is_err(), "{body}");
        }
        let empty = r#"{"access_token":"a","refresh_token":"","id_token":" "}"#;
        let answer: TokenAnswer = serde_json::from_str(empty).unwrap();
        assert!(answer.refresh_token.is_none() && answer.id_token.is_none());
    }
}
