//! Reads error bodies. Xero sends JSON with keys in two casings, plain text, HTML or an empty body.

use serde_json::Value;

use crate::excerpt::excerpt;
use crate::json;

/// Minimum length of a word that is hidden because it may be a secret, in bytes.
const SHORTEST_SECRET: usize = 16;

/// The message and the error number of an error body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The message: `Detail`, `Message`, `Title` or `error` of a JSON body, or the plain text.
    pub(crate) text: String,
    /// `ErrorNumber` of a 400.
    pub(crate) number: Option<i64>,
}

impl Problem {
    /// Parses a body. Without a message the text is empty.
    pub(crate) fn parse(body: &[u8]) -> Problem {
        match json::read(body) {
            Ok(Value::Object(fields)) => {
                // "Detail" in live answers, "detail" in the documentation.
                let field = |name: &str| {
                    let found = fields
                        .iter()
                        .find(|(key, _)| key.eq_ignore_ascii_case(name));
                    found.map(|(_, value)| value)
                };
                let text = ["detail", "message", "title", "error"];
                let text = text.into_iter().find_map(|name| field(name)?.as_str());
                Problem {
                    text: shorten(text.unwrap_or_default()),
                    number: field("errornumber").and_then(Value::as_i64),
                }
            }
            Ok(Value::String(text)) => Problem::plain(&text),
            Ok(_) => Problem::default(),
            Err(_) => Problem::plain(&String::from_utf8_lossy(body)),
        }
    }

    fn plain(text: &str) -> Problem {
        let text = text.trim();
        // HTML pages and truncated JSON have no message that fits into a log line.
        let text = match text.starts_with(['<', '{', '[']) {
            true => "",
            false => text,
        };
        Problem {
            text: shorten(text),
            number: None,
        }
    }

    /// Formats the status and the text, for example "HTTP 503 The Organisation is offline".
    pub(crate) fn with_status(&self, status: u16) -> String {
        format!("HTTP {status} {}", self.text).trim_end().to_owned()
    }

    /// Whether the text contains `words`, in any case.
    pub(crate) fn contains(&self, words: &str) -> bool {
        self.text.to_lowercase().contains(&words.to_lowercase())
    }
}

/// Shortens a text to one line and hides possible secrets. Proxies and debug pages repeat the
/// request that they refuse, including its tokens.
fn shorten(text: &str) -> String {
    let mut words = Vec::new();
    let mut scheme = false;
    for word in text.split_whitespace() {
        let secret = scheme || may_be_secret(word);
        words.push(if secret { "[hidden]" } else { word });
        scheme = ["bearer", "basic"]
            .iter()
            .any(|name| word.to_lowercase().ends_with(name));
    }
    excerpt(&words.join(" "))
}

/// Whether a word may be a token or a secret: those are long and contain digits.
fn may_be_secret(word: &str) -> bool {
    word.len() >= SHORTEST_SECRET && word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_a_server_repeats_are_hidden() {
        for (body, text) in [
            (
                "no: Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.x",
                "no: Authorization: Bearer [hidden]",
            ),
            ("Basic secret refused", "Basic [hidden] refused"),
            (
                r#"{"Detail":"refresh_token=0123456789abcdef is old"}"#,
                "[hidden] is old",
            ),
            (
                "See http://status.developer.xero.com for AuthenticationUnsuccessful",
                "See http://status.developer.xero.com for AuthenticationUnsuccessful",
            ),
        ] {
            assert_eq!(Problem::parse(body.as_bytes()).text, text);
        }
    }

    #[test]
    fn every_form_of_error_body_is_parsed() {
        let html = "<html><body>503 Service Unavailable</body></html>";
        let query =
            r#"{"ErrorNumber":16,"Type":"QueryParseException","Message":"No property 'X'"}"#;
        for (body, text, number) in [
            (
                r#"{"Type":null,"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired"}"#,
                "TokenExpired: token expired",
                None,
            ),
            (
                r#"{"title":"Forbidden","status":403,"detail":"AuthenticationUnsuccessful"}"#,
                "AuthenticationUnsuccessful",
                None,
            ),
            (query, "No property 'X'", Some(16)),
            (r#"{"error":"invalid_grant"}"#, "invalid_grant", None),
            (
                r#"{"Detail":null,"Title":"An error occurred"}"#,
                "An error occurred",
                None,
            ),
            (
                "The Organisation is offline\r\n",
                "The Organisation is offline",
                None,
            ),
            (html, "", None),
            (r#"{"Detail":"cut"#, "", None),
            ("", "", None),
            ("[1]", "", None),
            ("\"quoted\"", "quoted", None),
        ] {
            let problem = Problem::parse(body.as_bytes());
            assert_eq!(
                problem,
                Problem {
                    text: text.into(),
                    number
                },
                "{body}"
            );
        }
        assert_eq!(Problem::parse(b"\xff\xfe").text, "\u{fffd}\u{fffd}");
        assert_eq!(
            Problem::parse("ā".repeat(400).as_bytes())
                .text
                .chars()
                .count(),
            crate::excerpt::LONGEST + 3
        );
    }
}
