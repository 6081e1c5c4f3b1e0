//! The identity server without HTTP: consents, connections, the three grants and revocation.

use std::collections::HashMap;

use crate::app::{App, AppId, AppKind};
use crate::clock::Millis;
use crate::clock::{DAY, MINUTE, SECOND};
use crate::connections::Connections;
use crate::guid::Guid;
use crate::pkce;
use crate::scope;
use crate::tenant::TenantId;
use crate::token::{self, Grant};

/// How long an access token lives, in seconds.
pub(crate) const ACCESS_TOKEN_LIFE: i64 = 1_800;
/// Time after which an unused refresh token expires.
const REFRESH_TOKEN_LIFE: Millis = 60 * DAY;
/// Time for which a used refresh token is accepted again, in case the answer was lost.
const REFRESH_GRACE: Millis = 30 * MINUTE;
/// Time for which the code in the redirect of a consent can be exchanged.
const CODE_LIFE: Millis = 5 * MINUTE;

/// The successful answer of the token endpoint.
#[derive(Clone, Debug)]
pub struct TokenSet {
    /// The bearer token.
    pub access_token: String,
    /// Only with the scope `offline_access`, never for a custom connection.
    pub refresh_token: Option<String>,
    /// Only where a user consented, to the scope `openid`.
    pub id_token: Option<String>,
    /// The granted scopes, separated by spaces.
    pub scope: String,
    /// When the access token expires.
    pub expires_at: Millis,
}

/// Why the token endpoint refuses a request, by the error codes of OAuth 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    UnauthorizedClient,
    UnsupportedGrantType,
}

/// Why a bearer token gives no access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadBearer {
    /// Expired at this time.
    Expired(Millis),
    /// Not a token of this simulator.
    Unknown,
}

/// What a user consented to on the authorize page.
#[derive(Clone, Debug)]
pub(crate) struct Consent {
    pub(crate) app: AppId,
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: String,
    /// The S256 code challenge.
    pub(crate) challenge: Option<String>,
}

/// What an app sends to exchange a code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) code: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: Option<&'a str>,
}

/// A code that waits to be exchanged.
#[derive(Debug)]
struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: Option<String>,
    expires: Millis,
}

#[derive(Debug)]
struct RefreshToken {
    grant: Grant,
    issued: Millis,
    first_used: Option<Millis>,
}

/// Apps, connections and tokens. One user consents to everything, so an app sees the connections of
/// all its consents with any of its tokens.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    pub(crate) connections: Connections,
    apps: Vec<App>,
    /// The user, once there is a consent.
    user: Option<Guid>,
    codes: HashMap<String, Code>,
    access: HashMap<String, (Grant, Millis)>,
    refresh: HashMap<String, RefreshToken>,
}

impl Identity {
    /// Registers an app. A custom connection is connected at once.
    pub(crate) fn add_app(&mut self, app: App, now: Millis, rng: &mut fastrand::Rng) -> AppId {
        let id = app.id.clone();
        assert!(self.app(&id).is_none(), "client id {id} is taken");
        if let AppKind::CustomConnection(tenant) = &app.kind {
            let event = Guid::random(rng);
            self.connections.connect(&id, tenant, event, now, rng);
        }
        self.apps.push(app);
        id
    }

    /// All apps.
    pub(crate) fn apps(&self) -> impl Iterator<Item = &App> {
        self.apps.iter()
    }

    /// The app of a client id.
    pub(crate) fn app(&self, id: &AppId) -> Option<&App> {
        self.apps.iter().find(|app| app.id == *id)
    }

    /// The app of a client id, to change.
    pub(crate) fn app_mut(&mut self, id: &AppId) -> Option<&mut App> {
        self.apps.iter_mut().find(|app| app.id == *id)
    }

    /// The app that a client id belongs to, with its secret if it has one.
    pub(crate) fn authenticate(&self, id: &str, secret: Option<&str>) -> Option<AppId> {
        self.apps
            .iter()
            .find(|app| app.id.as_str() == id && app.secret.as_deref() == secret)
            .map(|app| app.id.clone())
    }

    /// How many uncertified apps besides this one are connected to an organisation. Custom
    /// connections do not count.
    pub(crate) fn other_uncertified_apps(&self, app: &AppId, tenant: &TenantId) -> usize {
        let counts = |id: &&AppId| {
            let known = self.known(id);
            known.id != *app && !known.certified && known.only_tenant().is_none()
        };
        self.connections.apps_of(tenant).filter(counts).count()
    }

    /// A user consents: connects the organisations and leaves a code to exchange.
    pub(crate) fn consent(
        &mut self,
        consent: Consent,
        now: Millis,
        rng: &mut fastrand::Rng,
    ) -> String {
        let grant = Grant {
            app: consent.app,
            scopes: consent.scopes,
            auth_event: Guid::random(rng),
            user: Some(*self.user.get_or_insert(Guid::random(rng))),
        };
        for tenant in &consent.tenants {
            self.connections
                .connect(&grant.app, tenant, grant.auth_event, now, rng);
        }
        let text = token::opaque(rng);
        let code = Code {
            grant,
            redirect_uri: consent.redirect_uri,
            challenge: consent.challenge,
            expires: now + CODE_LIFE,
        };
        self.codes.insert(text.clone(), code);
        text
    }

    /// The grant behind a bearer token that has not expired.
    pub(crate) fn bearer(&self, token: &str, now: Millis) -> Result<&Grant, BadBearer> {
        match self.access.get(token) {
            None => Err(BadBearer::Unknown),
            Some((_, expires)) if *expires <= now => Err(BadBearer::Expired(*expires)),
            Some((grant, _)) => Ok(grant),
        }
    }

    /// The app that a bearer token was issued to, even if the token has expired.
    pub(crate) fn bearers_app(&self, token: &str) -> Option<&App> {
        let (grant, _) = self.access.get(token)?;
        self.app(&grant.app)
    }

    /// `grant_type=authorization_code`: each code works once, with the redirect address and the
    /// PKCE verifier of its consent.
    pub(crate) fn exchange(
        &mut self,
        app: &AppId,
        exchange: Exchange<'_>,
        now: Millis,
        rng: &mut fastrand::Rng,
    ) -> Result<TokenSet, Refusal> {
        if self.known(app).only_tenant().is_some() {
            return Err(Refusal::UnauthorizedClient);
        }
        let code = self.codes.remove(exchange.code);
        let code = code.ok_or(Refusal::InvalidGrant)?;
        let is_proven = match (&code.challenge, exchange.verifier) {
            (Some(challenge), Some(verifier)) => pkce::fits(challenge, verifier),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let is_own = code.grant.app == *app && code.redirect_uri == exchange.redirect_uri;
        match is_proven && is_own && now < code.expires {
            true => Ok(self.issue(&code.grant, now, rng)),
            false => Err(Refusal::InvalidGrant),
        }
    }

    /// Revokes all refresh tokens of the consent that a refresh token comes from, and removes the
    /// app from all organisations. Any other token has no effect, as OAuth 2.0 wants it.
    pub(crate) fn revoke(&mut self, app: &AppId, token: &str) {
        let Some(known) = self.refresh.get(token).filter(|it| it.grant.app == *app) else {
            return;
        };
        let event = known.grant.auth_event;
        self.refresh.retain(|_, it| it.grant.auth_event != event);
        self.connections.remove_app(app);
    }

    /// `grant_type=refresh_token`: a new refresh token each time; the old one has its grace.
    pub(crate) fn refresh(
        &mut self,
        app: &AppId,
        token: &str,
        now: Millis,
        rng: &mut fastrand::Rng,
    ) -> Result<TokenSet, Refusal> {
        let known = self.refresh.get_mut(token).ok_or(Refusal::InvalidGrant)?;
        let ends = match known.first_used {
            Some(used) => used + REFRESH_GRACE,
            None => known.issued + REFRESH_TOKEN_LIFE,
        };
        if known.grant.app != *app || ends <= now {
            return Err(Refusal::InvalidGrant);
        }
        known.first_used.get_or_insert(now);
        let grant = known.grant.clone();
        Ok(self.issue(&grant, now, rng))
    }

    /// `grant_type=client_credentials`: for custom connections only. Without `scope` it
    /// grants all that the app is assigned.
    pub(crate) fn client_credentials(
        &mut self,
        app: &AppId,
        scopes: Option<&str>,
        now: Millis,
        rng: &mut fastrand::Rng,
    ) -> Result<TokenSet, Refusal> {
        let known = self.known(app);
        if known.only_tenant().is_none() {
            return Err(Refusal::UnauthorizedClient);
        }
        let scopes = scopes.map_or_else(|| known.scopes.clone(), scope::split);
        if !scopes.iter().all(|scope| known.scopes.contains(scope)) {
            return Err(Refusal::InvalidScope);
        }
        let grant = Grant {
            app: app.clone(),
            scopes,
            auth_event: Guid::random(rng),
            user: None,
        };
        Ok(self.issue(&grant, now, rng))
    }

    fn issue(&mut self, grant: &Grant, now: Millis, rng: &mut fastrand::Rng) -> TokenSet {
        let app = self.known(&grant.app);
        let expires = now + ACCESS_TOKEN_LIFE * SECOND;
        let access_token = token::access(app, grant, now, expires, rng);
        let refresh_token = token::is_refreshable(app, grant).then(|| token::opaque(rng));
        let id_token = token::identity(grant, now, expires, rng);

        self.access
            .insert(access_token.clone(), (grant.clone(), expires));
        if let Some(token) = &refresh_token {
            let refresh = RefreshToken {
                grant: grant.clone(),
                issued: now,
                first_used: None,
            };
            self.refresh.insert(token.clone(), refresh);
        }
        TokenSet {
            access_token,
            refresh_token,
            id_token,
            scope: grant.scopes.join(" "),
            expires_at: expires,
        }
    }

    /// An app whose id was given out by this identity server.
    pub(crate) fn known(&self, app: &AppId) -> &App {
        self.app(app)
            .expect("an AppId is given out by add_app only")
    }
}

#[cfg(test)]
mod tests;
