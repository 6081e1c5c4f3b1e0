//! Each thing that can be wrong with the address of the authorize page.

use super::*;
use crate::app::{App, REDIRECT_URI};
use crate::guid::Guid;
use crate::tenant::TenantId;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const QUERIED: &str = "https://example.com/cb?a=b";

fn identity() -> Identity {
    let mut rng = fastrand::Rng::with_seed(1);
    let mut identity = Identity::default();
    let web = App::web("web", "secret").scopes("openid accounting.settings.read");
    let custom = App::custom_connection("custom", "secret", &TenantId::new(Guid(5)));
    for app in [web.redirect_uri(QUERIED), App::pkce("pkce"), custom] {
        identity.add_app(app, 0, &mut rng);
    }
    identity
}

/// A request with the parameters of a web app, some of them changed; an empty value removes one.
fn read(changes: &[(&str, &str)]) -> Result<AuthorizeRequest, PageError> {
    let mut query = vec![
        ("client_id", "web"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid accounting.settings.read"),
        ("state", "a&b"),
    ];
    query.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    query.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let request = Request {
        query: query.into_iter().map(owned).collect(),
        ..Request::default()
    };
    AuthorizeRequest::read(&identity(), &request)
}

#[test]
fn each_wrong_parameter_has_its_error() {
    use PageError::*;
    let pkce = ("client_id", "pkce");
    let challenge = ("code_challenge", CHALLENGE);
    let method = ("code_challenge_method", "S256");
    for (changes, error) in [
        (&[][..], None),
        (&[("state", "")], None),
        (&[("redirect_uri", QUERIED)], None),
        (&[challenge, method], None),
        (&[pkce, challenge, method], None),
        (&[("client_id", "")], Some(UnknownClient)),
        (&[("client_id", "<b>")], Some(UnknownClient)),
        (&[("client_id", "custom")], Some(NoSuchGrant)),
        (&[("redirect_uri", "")], Some(InvalidRedirectUri)),
        (
            &[("redirect_uri", "http://localhost:8743/callback")],
            Some(InvalidRedirectUri),
        ),
        (
            &[("redirect_uri", "http://127.0.0.1:8742/callback")],
            Some(InvalidRedirectUri),
        ),
        (
            &[("redirect_uri", "http://localhost:8742/callback/")],
            Some(InvalidRedirectUri),
        ),
        (&[("response_type", "")], Some(UnsupportedResponseType)),
        (&[("response_type", "token")], Some(UnsupportedResponseType)),
        (&[("scope", "")], Some(InvalidScope)),
        (&[("scope", "openid unknown")], Some(InvalidScope)),
        (&[("scope", "accounting.invoices.read")], Some(InvalidScope)),
        (&[pkce], Some(ChallengeRequired)),
        (&[challenge], Some(InvalidChallenge)),
        (
            &[challenge, ("code_challenge_method", "plain")],
            Some(InvalidChallenge),
        ),
        (
            &[pkce, ("code_challenge", "short"), method],
            Some(InvalidChallenge),
        ),
    ] {
        assert_eq!(read(changes).err(), error, "{changes:?}");
    }
}

#[test]
fn the_browser_goes_back_with_the_state() {
    let request = read(&[]).expect("a good request");
    let expected = format!(
        "{REDIRECT_URI}?code=C%2B&scope=openid+accounting.settings.read&state=a%26b&session_state=S"
    );
    assert_eq!(request.granted("C+", "S"), expected);
    let denied = "error=access_denied&error_description=TenantConsent+status+DENIED";
    assert_eq!(
        request.denied(),
        format!("{REDIRECT_URI}?{denied}&state=a%26b")
    );

    let queried = read(&[("redirect_uri", QUERIED), ("state", "")]).expect("a good request");
    assert_eq!(queried.denied(), format!("{QUERIED}&{denied}"));
}
