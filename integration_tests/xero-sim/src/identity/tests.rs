//! The life of tokens, with the time as a plain number.

use super::*;
use crate::app::REDIRECT_URI;

const NOW: Millis = 1_800_000_000_000;

struct Fixture {
    identity: Identity,
    rng: fastrand::Rng,
    app: AppId,
    tenant: TenantId,
}

fn fixture() -> Fixture {
    let mut rng = fastrand::Rng::with_seed(1);
    let mut identity = Identity::default();
    let app = identity.add_app(App::web("web", "secret"), NOW, &mut rng);
    let tenant = TenantId::new(Guid(5));
    Fixture {
        identity,
        rng,
        app,
        tenant,
    }
}

impl Fixture {
    fn code(&mut self, scopes: &str, challenge: Option<&str>) -> String {
        let consent = Consent {
            app: self.app.clone(),
            tenants: vec![self.tenant.clone()],
            scopes: scope::split(scopes),
            redirect_uri: REDIRECT_URI.to_owned(),
            challenge: challenge.map(str::to_owned),
        };
        self.identity.consent(consent, NOW, &mut self.rng)
    }

    fn exchange(&mut self, exchange: Exchange<'_>, now: Millis) -> Result<TokenSet, Refusal> {
        let app = self.app.clone();
        self.identity.exchange(&app, exchange, now, &mut self.rng)
    }

    fn consent(&mut self, scopes: &str) -> TokenSet {
        let code = self.code(scopes, None);
        let tokens = self.exchange(plain(&code), NOW);
        tokens.expect("a fresh code can be exchanged")
    }

    fn refresh(&mut self, token: &str, now: Millis) -> Result<TokenSet, Refusal> {
        let app = self.app.clone();
        self.identity.refresh(&app, token, now, &mut self.rng)
    }
}

/// What a web app without PKCE sends.
fn plain(code: &str) -> Exchange<'_> {
    Exchange {
        code,
        redirect_uri: REDIRECT_URI,
        verifier: None,
    }
}

const SCOPES: &str = "openid accounting.settings.read offline_access";

#[test]
fn an_access_token_lives_for_half_an_hour() {
    let mut fixture = fixture();
    let tokens = fixture.consent(SCOPES);
    let bearer = |now| {
        let grant = fixture.identity.bearer(&tokens.access_token, now);
        grant.map(|grant| grant.scopes.join(" "))
    };
    assert_eq!(bearer(NOW), Ok(SCOPES.to_owned()));
    assert_eq!(bearer(tokens.expires_at - 1), Ok(SCOPES.to_owned()));
    let expired = BadBearer::Expired(NOW + 1_800_000);
    assert_eq!(bearer(tokens.expires_at), Err(expired));
    let unknown = fixture.identity.bearer("garbage", NOW).map(|_| ());
    assert_eq!(unknown, Err(BadBearer::Unknown));
}

#[test]
fn a_used_refresh_token_may_be_retried_for_thirty_minutes() {
    let mut fixture = fixture();
    let first = fixture.consent(SCOPES).refresh_token.expect("offline");
    let second = fixture.refresh(&first, NOW).expect("the first use");
    let again = fixture
        .refresh(&first, NOW + 29 * MINUTE)
        .expect("in grace");
    assert_ne!(second.refresh_token, again.refresh_token);
    let late = fixture.refresh(&first, NOW + 30 * MINUTE).map(|_| ());
    assert_eq!(late, Err(Refusal::InvalidGrant));
    let second = second.refresh_token.expect("a refresh brings a new one");
    assert!(fixture.refresh(&second, NOW + 30 * MINUTE).is_ok());
}

#[test]
fn an_unused_refresh_token_dies_after_sixty_days() {
    let mut fixture = fixture();
    let token = fixture.consent(SCOPES).refresh_token.expect("offline");
    let late = fixture.refresh(&token, NOW + 60 * DAY).map(|_| ());
    assert_eq!(late, Err(Refusal::InvalidGrant));
    assert!(fixture.refresh(&token, NOW + 60 * DAY - 1).is_ok());
}

#[test]
fn refresh_and_id_tokens_need_their_scopes() {
    for (scopes, refresh, id) in [
        ("accounting.settings.read", false, false),
        ("openid accounting.settings.read", false, true),
        ("offline_access accounting.settings.read", true, false),
    ] {
        let tokens = fixture().consent(scopes);
        let found = (tokens.refresh_token.is_some(), tokens.id_token.is_some());
        assert_eq!(found, (refresh, id), "{scopes}");
    }
}

#[test]
fn a_code_and_a_refresh_token_belong_to_their_app() {
    let mut fixture = fixture();
    let other = App::web("other", "secret");
    let other = fixture.identity.add_app(other, NOW, &mut fixture.rng);
    let token = fixture.consent(SCOPES).refresh_token.expect("offline");
    fixture.app = other;
    let foreign = fixture.refresh(&token, NOW).map(|_| ());
    assert_eq!(foreign, Err(Refusal::InvalidGrant));
}

#[test]
fn a_code_is_exchanged_once_and_within_five_minutes() {
    let mut fixture = fixture();
    for (now, ok) in [(NOW + 5 * MINUTE - 1, true), (NOW + 5 * MINUTE, false)] {
        let code = fixture.code(SCOPES, None);
        assert_eq!(fixture.exchange(plain(&code), now).is_ok(), ok);
        let again = fixture.exchange(plain(&code), NOW).map(|_| ());
        assert_eq!(again, Err(Refusal::InvalidGrant));
    }
}

#[test]
fn a_code_needs_its_redirect_address_and_its_verifier() {
    // The example of RFC 7636, appendix B.
    let challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let verifier = Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let other = Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXx");
    for (challenge, redirect_uri, verifier, ok) in [
        (None, REDIRECT_URI, None, true),
        (None, REDIRECT_URI, verifier, false),
        (None, "http://localhost:8742/callback/", None, false),
        (None, "", None, false),
        (challenge, REDIRECT_URI, verifier, true),
        (challenge, REDIRECT_URI, other, false),
        (challenge, REDIRECT_URI, None, false),
        (challenge, "https://example.com/", verifier, false),
    ] {
        let mut fixture = fixture();
        let code = fixture.code(SCOPES, challenge);
        let exchange = Exchange {
            code: &code,
            redirect_uri,
            verifier,
        };
        let refused = fixture.exchange(exchange, NOW).err();
        let expected = (!ok).then_some(Refusal::InvalidGrant);
        assert_eq!(refused, expected, "{exchange:?} after {challenge:?}");
    }
}

#[test]
fn revocation_ends_the_whole_consent_and_the_connections_of_its_app() {
    let mut fixture = fixture();
    let other = App::pkce("other");
    let other = fixture.identity.add_app(other, NOW, &mut fixture.rng);
    let first = fixture.consent(SCOPES).refresh_token.expect("offline");
    let second = fixture.refresh(&first, NOW).expect("the first use");
    let second = second.refresh_token.expect("a refresh brings a new one");
    let connected = |fixture: &Fixture| fixture.identity.connections.of(&fixture.app).count();

    fixture.identity.revoke(&other, &second);
    let app = fixture.app.clone();
    fixture.identity.revoke(&app, "unknown");
    assert_eq!(connected(&fixture), 1);
    assert!(fixture.refresh(&second, NOW).is_ok());

    fixture.identity.revoke(&app, &second);
    assert_eq!(connected(&fixture), 0);
    for token in [first, second] {
        let revoked = fixture.refresh(&token, NOW).map(|_| ());
        assert_eq!(revoked, Err(Refusal::InvalidGrant));
    }
}

#[test]
fn uncertified_apps_are_counted_without_custom_connections() {
    let mut fixture = fixture();
    let tenant = fixture.tenant.clone();
    let apps = [
        App::web("certified", "").certified(true),
        App::custom_connection("custom", "", &tenant),
        App::pkce("pkce"),
    ];
    for app in apps {
        let is_connected = app.only_tenant().is_some();
        let app = fixture.identity.add_app(app, NOW, &mut fixture.rng);
        if !is_connected {
            let connections = &mut fixture.identity.connections;
            connections.connect(&app, &tenant, Guid(1), NOW, &mut fixture.rng);
        }
    }
    fixture.consent(SCOPES);
    let counted = fixture
        .identity
        .other_uncertified_apps(&fixture.app, &tenant);
    assert_eq!(counted, 1, "the PKCE app");
}

#[test]
fn client_credentials_are_for_custom_connections_and_their_scopes() {
    let mut fixture = fixture();
    let custom = App::custom_connection("custom", "secret", &fixture.tenant)
        .scopes("accounting.settings.read accounting.invoices.read");
    let custom = fixture.identity.add_app(custom, NOW, &mut fixture.rng);
    let web = fixture.app.clone();
    let pkce = fixture
        .identity
        .add_app(App::pkce("pkce"), NOW, &mut fixture.rng);
    let mut ask = |app: &AppId, scopes| {
        let tokens = fixture
            .identity
            .client_credentials(app, scopes, NOW, &mut fixture.rng);
        tokens.map(|tokens| (tokens.scope, tokens.refresh_token, tokens.id_token))
    };
    let all = "accounting.settings.read accounting.invoices.read".to_owned();
    assert_eq!(ask(&custom, None), Ok((all, None, None)));
    let one = "accounting.settings.read";
    assert_eq!(ask(&custom, Some(one)), Ok((one.to_owned(), None, None)));
    let broad = Some("accounting.transactions.read");
    assert_eq!(ask(&custom, broad), Err(Refusal::InvalidScope));
    assert_eq!(ask(&web, None), Err(Refusal::UnauthorizedClient));
    assert_eq!(ask(&pkce, None), Err(Refusal::UnauthorizedClient));
}
