//! The life of tokens, with the time as a plain number.

use super::*;

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
    fn consent(&mut self, scopes: &str) -> TokenSet {
        let (app, tenants) = (self.app.clone(), [self.tenant.clone()]);
        let code = self
            .identity
            .consent(&app, &tenants, scopes, NOW, &mut self.rng);
        let tokens = self.identity.exchange(&app, &code, NOW, &mut self.rng);
        tokens.expect("a fresh code can be exchanged")
    }

    fn refresh(&mut self, token: &str, now: Millis) -> Result<TokenSet, Refusal> {
        let app = self.app.clone();
        self.identity.refresh(&app, token, now, &mut self.rng)
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
fn client_credentials_are_for_custom_connections_and_their_scopes() {
    let mut fixture = fixture();
    let custom = App::custom_connection("custom", "secret", &fixture.tenant)
        .scopes("accounting.settings.read accounting.invoices.read");
    let custom = fixture.identity.add_app(custom, NOW, &mut fixture.rng);
    let web = fixture.app.clone();
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
}
