//! The consent of a user in a browser, with PKCE (RFC 7636): the address that asks for it, the
//! address at which the browser ends, and the exchange of the code in it.

use aws_lc_rs::{digest, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;

use crate::config::App;
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::secret::Secret;
use crate::xero::auth::store::TokenSet;
use crate::xero::auth::token_endpoint::TokenEndpoint;
use crate::xero::auth::token_response;

/// The token endpoint of Xero, whose consent page is on another host.
const IDENTITY_URL: &str = "https://identity.xero.com";
/// The host of Xero's consent page.
const LOGIN_URL: &str = "https://login.xero.com";
/// The path of the consent page.
const AUTHORIZE: &str = "/identity/connect/authorize";

/// Number of random bytes in a verifier and in a state. As base64 they have the 43 characters that
/// RFC 7636 recommends for a verifier.
const RANDOM_BYTES: usize = 32;

/// One request for the consent of a user.
#[derive(Clone, Debug)]
pub(crate) struct Consent {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    /// The requested scopes, separated by spaces.
    pub(crate) scopes: String,
    /// Proves to the token endpoint that this process asked for the consent.
    pub(crate) verifier: Secret,
    /// Proves to this process that the browser's answer belongs to this consent.
    pub(crate) state: Secret,
}

/// Why an address at which a browser ended has no code for the consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoCode {
    /// The address is not one to which Xero sends a browser.
    NoAnswer,
    /// The address has a code without a state, so its end is missing.
    CutShort,
    /// The answer belongs to another consent.
    OtherConsent,
    /// The user did not allow the access.
    Denied,
    /// Xero reports another error, with this text.
    Refused(String),
}

impl Consent {
    /// Begins a consent with a new verifier and a new state.
    pub(crate) fn begin(
        client_id: &str,
        redirect_uri: &str,
        scopes: &str,
    ) -> Result<Consent, Failure> {
        Ok(Consent {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            scopes: scopes.to_owned(),
            verifier: random()?,
            state: random()?,
        })
    }

    /// Returns the address that a browser opens. `identity_url` is the base URL of the token endpoint.
    pub(crate) fn address(&self, identity_url: &str) -> Result<String, Failure> {
        let base = match identity_url {
            IDENTITY_URL => LOGIN_URL,
            // A simulator has the consent page beside its token endpoint.
            other => other,
        };
        let url = Url::parse_with_params(
            &format!("{base}{AUTHORIZE}"),
            [
                ("response_type", "code"),
                ("client_id", &self.client_id),
                ("redirect_uri", &self.redirect_uri),
                ("scope", &self.scopes),
                ("state", self.state.expose()),
                ("code_challenge", &challenge(&self.verifier)),
                ("code_challenge_method", "S256"),
            ],
        );
        let url = url.map_err(|error| {
            Failure::system("The address of the consent page cannot be built.").because(error)
        })?;
        // Form encoding writes a space as `+`. Some proxies and chat programs change that character.
        Ok(url.as_str().replace('+', "%20"))
    }

    /// Returns the code in the address at which the browser ended. Accepts the whole address or its
    /// end from the question mark on.
    pub(crate) fn code(&self, address: &str) -> Result<Secret, NoCode> {
        let query = address.trim().split_once('?').map(|(_, query)| query);
        let query = query.unwrap_or_default().split('#').next();
        let url = Url::parse(&format!("answer:?{}", query.unwrap_or_default()));
        let url = url.map_err(|_| NoCode::NoAnswer)?;
        let value = |name| {
            let found = url.query_pairs().find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned())
        };
        let (code, error) = (value("code"), value("error"));
        if code.is_none() && error.is_none() {
            return Err(NoCode::NoAnswer);
        }
        match value("state").filter(|state| !state.is_empty()) {
            None if code.is_some() => return Err(NoCode::CutShort),
            Some(state) if state == self.state.expose() => {}
            _ => return Err(NoCode::OtherConsent),
        }
        match (code, error.as_deref()) {
            (_, Some("access_denied")) => Err(NoCode::Denied),
            (_, Some(error)) => Err(NoCode::Refused(excerpt(error))),
            (Some(code), None) => Ok(Secret::new(code)),
            (None, None) => Err(NoCode::NoAnswer),
        }
    }

    /// Exchanges a code for tokens. A code works once. If the response is lost, the repeated request is
    /// refused, and the user has to consent again.
    pub(crate) async fn exchange(
        &self,
        endpoint: &TokenEndpoint,
        app: &App,
        code: &Secret,
    ) -> Result<TokenSet, Failure> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", self.verifier.expose()),
        ];
        if app.client_secret.is_none() {
            form.push(("client_id", &app.client_id));
        }
        let refusal = |status, body: &[u8]| token_response::code_refusal(status, body, app);
        let tokens = endpoint
            .request(app, &form, "exchanging the code of the consent", refusal)
            .await?;
        if tokens.refresh_token.is_none() {
            return Err(Failure::config(
                "Xero sent no refresh token. Request the scope offline_access: without it the access ends after 30 minutes.",
            ));
        }
        Ok(tokens)
    }
}

/// Returns the S256 code challenge of a verifier.
fn challenge(verifier: &Secret) -> String {
    let hash = digest::digest(&digest::SHA256, verifier.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(hash)
}

/// Returns a text that nobody can guess.
fn random() -> Result<Secret, Failure> {
    let mut bytes = [0; RANDOM_BYTES];
    rand::fill(&mut bytes).map_err(|error| {
        Failure::system("The system has no random numbers for a secure login.").because(error)
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn consent() -> Consent {
        Consent {
            client_id: "APP".to_owned(),
            redirect_uri: "http://localhost:8742/callback".to_owned(),
            scopes: "offline_access accounting.settings.read".to_owned(),
            // The example of RFC 7636, appendix B.
            verifier: Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()),
            state: Secret::new("s+t&1".to_owned()),
        }
    }

    #[test]
    fn the_address_has_the_challenge_and_not_the_verifier() {
        let query = "response_type=code&client_id=APP&redirect_uri=http%3A%2F%2Flocalhost%3A8742%2Fcallback&scope=offline_access%20accounting.settings.read&state=s%2Bt%261&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        for (identity_url, base) in [
            ("https://identity.xero.com", "https://login.xero.com"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ] {
            let address = consent().address(identity_url).expect("it is an address");
            assert_eq!(
                address,
                format!("{base}/identity/connect/authorize?{query}")
            );
        }
    }

    proptest! {
        #[test]
        fn any_address_is_read_and_any_code_comes_back(code in "\\PC*", text in "\\PC*") {
            let state = consent().state.expose().to_owned();
            let pairs = [("code", code.as_str()), ("state", &state)];
            let address = Url::parse_with_params("http://localhost:8742/callback", pairs);
            let read = consent().code(address.expect("it is an address").as_str());
            prop_assert_eq!(read.map(|code| code.expose().to_owned()), Ok(code));
            prop_assert!(consent().code(&text).is_err());
        }
    }

    #[test]
    fn every_consent_has_its_own_verifier_and_state_of_43_characters() {
        let begin = || Consent::begin("a", "b", "c").expect("there are random numbers");
        let (one, two) = (begin(), begin());
        let texts = [&one.verifier, &one.state, &two.verifier, &two.state];
        let different: std::collections::HashSet<_> = texts.map(Secret::expose).into();
        assert_eq!(different.len(), 4);
        assert!(texts.iter().all(|it| it.expose().len() == 43));
        assert!(!format!("{one:?}").contains(one.verifier.expose()));
    }

    #[test]
    fn a_code_counts_only_with_the_state_of_the_consent() {
        let code = Ok("c/1".to_owned());
        for (address, expected) in [
            (
                "http://localhost:8742/callback?code=c%2F1&scope=a&state=s%2Bt%261&session_state=x",
                code.clone(),
            ),
            (" ?code=c%2F1&state=s%2Bt%261#top\n", code.clone()),
            ("localhost:8742/callback?state=s%2Bt%261&code=c%2F1", code),
            ("/callback?code=c&state=other", Err(NoCode::OtherConsent)),
            ("/callback?code=c", Err(NoCode::CutShort)),
            ("/callback?code=c&state=", Err(NoCode::CutShort)),
            ("/callback?error=access_denied", Err(NoCode::OtherConsent)),
            (
                "/callback?error=access_denied&state=s%2Bt%261",
                Err(NoCode::Denied),
            ),
            (
                "/callback?error=server_error&state=s%2Bt%261",
                Err(NoCode::Refused("server_error".to_owned())),
            ),
            (
                "/callback?error=a%0Ab&code=c&state=s%2Bt%261",
                Err(NoCode::Refused("a\\nb".to_owned())),
            ),
            ("/callback?state=s%2Bt%261", Err(NoCode::NoAnswer)),
            ("/callback", Err(NoCode::NoAnswer)),
            ("c/1", Err(NoCode::NoAnswer)),
            ("", Err(NoCode::NoAnswer)),
        ] {
            let code = consent().code(address);
            let code = code.map(|code| code.expose().to_owned());
            assert_eq!(code, expected, "{address}");
        }
    }
}
