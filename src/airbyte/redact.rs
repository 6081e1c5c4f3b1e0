//! Removes secrets from messages for people. This is the last protection, after `Secret`: a server
//! or a proxy may repeat a token in an error.

use crate::excerpt::fitted;
use crate::secret::Secret;

/// The replacement for a secret.
const REPLACEMENT: &str = "[hidden]";

/// Minimum length of a secret, in bytes. A shorter one may be part of any word, so it is not
/// hidden.
const MIN_SECRET_LENGTH: usize = 8;

/// Number of bytes at the start of a secret that count as the secret, because messages may shorten
/// the text that they quote.
const PREFIX_LENGTH: usize = 16;

/// Maximum length of a message text, in bytes as JSON.
const MAX_TEXT_LENGTH: usize = 1_900;

/// Maximum number of spellings that are remembered. A sync of days renews its tokens a hundred times.
const MAX_SPELLINGS: usize = 128;

/// The first spellings are those of the four secrets in the config. This many are never forgotten.
const CONFIG_SPELLINGS: usize = 16;

/// The secrets, in each spelling in which a server may repeat them: those of the config, and the last
/// tokens.
#[derive(Debug, Default)]
pub(crate) struct Redaction(Vec<Secret>);

impl Redaction {
    /// Removes this secret from all later texts.
    pub(crate) fn hide(&mut self, secret: &Secret) {
        let text = secret.expose();
        if text.len() < MIN_SECRET_LENGTH {
            return;
        }
        let json = serde_json::Value::from(text).to_string();
        let json = json.trim_start_matches('"');
        let json = json.strip_suffix('"').unwrap_or(json);
        // As in the body of a token request.
        let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for written in [text, json, &json.replace('/', "\\/"), &form] {
            let written = Secret::new(written.to_owned());
            if self.0.contains(&written) {
                continue;
            }
            if self.0.len() == MAX_SPELLINGS {
                self.0.remove(CONFIG_SPELLINGS);
            }
            self.0.push(written);
        }
    }

    /// Removes the secrets from a text and limits its length.
    pub(crate) fn clean(&self, text: &mut String) {
        for secret in &self.0 {
            let secret = secret.expose();
            if let Some(shown) = without(text, secret) {
                *text = shown;
            }
        }
        *text = fitted(std::mem::take(text), MAX_TEXT_LENGTH);
    }
}

/// Returns the text without the secret and its beginnings. `None` if it contains neither.
fn without(text: &str, secret: &str) -> Option<String> {
    let bytes = secret.char_indices().map(|(at, it)| at + it.len_utf8());
    let end = bytes.take_while(|end| *end <= PREFIX_LENGTH).last();
    let beginning = &secret[..end.unwrap_or_default()];
    let mut rest = text;
    let mut shown = None;
    while let Some(at) = rest.find(beginning) {
        let found = rest[at..].char_indices().zip(secret.chars());
        let same = found.take_while(|((_, one), other)| one == other);
        let end = same
            .last()
            .map_or(0, |((end, one), _)| end + one.len_utf8());
        let shown = shown.get_or_insert_with(String::new);
        shown.push_str(&rest[..at]);
        shown.push_str(REPLACEMENT);
        rest = &rest[at + end..];
    }
    shown.map(|shown| shown + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_in_every_form_and_in_part() {
        let mut redaction = Redaction::default();
        for secret in [
            "s3cret/with\"odd\"+chars",
            "short",
            "rightlong",
            "eyJhbGciOiJSUzI1NiJ9.e30.x",
        ] {
            redaction.hide(&Secret::new(secret.to_owned()));
        }
        for (text, shown) in [
            ("no secret", "no secret"),
            ("short, rightlong.", "short, [hidden]."),
            ("rightlon", "rightlon"),
            ("[s3cret/with\"odd\"+chars]", "[[hidden]]"),
            (r#"{"a":"s3cret/with\"odd\"+chars"}"#, r#"{"a":"[hidden]"}"#),
            (
                r#"{"a":"s3cret\/with\"odd\"+chars"}"#,
                r#"{"a":"[hidden]"}"#,
            ),
            ("a=s3cret%2Fwith%22odd%22%2Bchars&b", "a=[hidden]&b"),
            ("eyJhbGciOiJSUzI1NiJ9.e30.x!", "[hidden]!"),
            ("eyJhbGciOiJSUzI1NiJ...", "[hidden]..."),
            ("eyJhbGciOiJSUzI", "eyJhbGciOiJSUzI"),
            ("rightlongrightlong", "[hidden][hidden]"),
            ("", ""),
        ] {
            let mut text = text.to_owned();
            redaction.clean(&mut text);
            assert_eq!(text, shown);
        }
        let mut long = "w".repeat(MAX_TEXT_LENGTH + 1);
        redaction.clean(&mut long);
        assert_eq!(long.len(), MAX_TEXT_LENGTH);
    }

    #[test]
    fn the_secrets_of_the_config_and_the_last_tokens_are_remembered() {
        let mut redaction = Redaction::default();
        let secret = |number: usize| format!("{number:04}/secret+of+many");
        for number in 0..1_000 {
            redaction.hide(&Secret::new(secret(number)));
        }
        assert_eq!(redaction.0.len(), MAX_SPELLINGS);
        for number in [0, 3, 980, 999] {
            let mut text = secret(number);
            redaction.clean(&mut text);
            assert_eq!(text, REPLACEMENT, "{number}");
        }
    }
}
