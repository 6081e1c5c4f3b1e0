//! PKCE (RFC 7636) with the method S256, the only one that Xero takes.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The base64url form of 32 bytes.
const CHALLENGE_LENGTH: usize = 43;

/// Whether a text has the form of a code challenge.
pub(crate) fn is_challenge(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() == CHALLENGE_LENGTH && text.bytes().all(is_base64url)
}

/// Whether a verifier is well-formed and has this challenge.
pub(crate) fn fits(challenge: &str, verifier: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(is_unreserved)
        && URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn a_verifier_fits_its_challenge_only() {
        let long = "a".repeat(129);
        for (challenge, verifier, expected) in [
            (CHALLENGE, VERIFIER, true),
            (CHALLENGE, &VERIFIER.to_lowercase(), false),
            (VERIFIER, VERIFIER, false),
            (CHALLENGE, "", false),
            (CHALLENGE, &long, false),
        ] {
            assert_eq!(fits(challenge, verifier), expected, "{verifier}");
        }
        // The right digest of a verifier that is too short.
        let short = URL_SAFE_NO_PAD.encode(digest(&SHA256, b"short"));
        assert!(!fits(&short, "short"));
    }

    #[test]
    fn a_challenge_is_base64url_of_32_bytes() {
        for (text, expected) in [
            (CHALLENGE, true),
            ("", false),
            (&CHALLENGE[1..], false),
            (&format!("{CHALLENGE}A"), false),
            (&CHALLENGE.replace('-', "+"), false),
        ] {
            assert_eq!(is_challenge(text), expected, "{text}");
        }
    }
}
