//! The identity server without HTTP: consents, connections and the three grants.

use std::collections::HashMap;

use crate::app::{App, AppId, AppKind};
use crate::clock::Millis;
use crate::clock::{DAY, MINUTE, SECOND};
use crate::connections::Connections;
use crate::guid::Guid;
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
    codes: HashMap<String, (Grant, Millis)>,
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

    /// The app that a client id and secret belong to.
    pub(crate) fn authenticate(&self, id: &str, secret: &str) -> Option<AppId> {
        self.apps
            .iter()
            .find(|app| app.id.as_str() == id && app.secret == secret)
            .map(|app| app.id.clone())
    }

    /// A user consents: connects the organisations and leaves a code to exchange.
    pub(crate) fn consent(
        &mut self,
        app: &AppId,
        tenants: &[TenantId],
        scopes: &str,
        now: Millis,
        rng: &mut fastrand::Rng,
    ) -> String {
        let scopes = scope::split(scopes);
        let assigned = &self.known(app).scopes;
        if let Some(bad) = scopes.iter().find(|scope| !assigned.contains(scope)) {
            panic!("the consent page shows invalid_scope: {app} is not assigned {bad}");
        }
        let grant = Grant {
            app: app.clone(),
            scopes,
            auth_event: Guid::random(rng),
            user: Some(Guid::random(rng)),
        };
        for tenant in tenants {
            self.connections
                .connect(app, tenant, grant.auth_event, now, rng);
        }
        let code = token::opaque(rng);
        self.codes.insert(code.clone(), (grant, now + CODE_LIFE));
        code
    }

    /// The grant behind a bearer token that has not expired.
    pub(crate) fn bearer(&self, token: &str, now: Millis) -> Result<&Grant, BadBearer> {
        match self.access.get(token) {
            None => Err(BadBearer::Unknown),
            Some((_, expires)) if *expires <= now => Err(BadBearer::Expired(*expires)),
            Some((grant, _)) => Ok(grant),
        }
    }

    /// `grant_type=authorization_code`: each code works once.
    pub(crate) fn exchange(
        &mut self,
        app: &AppId,
        code: &str,
        now: Millis,
        rng: &mut fastrand::Rng,
    ) -> Result<TokenSet, Refusal> {
        match self.codes.remove(code) {
            Some((grant, expires)) if grant.app == *app && now < expires => {
                Ok(self.issue(&grant, now, rng))
            }
            _ => Err(Refusal::InvalidGrant),
        }
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
        if known.kind == AppKind::Web {
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

    fn known(&self, app: &AppId) -> &App {
        self.app(app)
            .expect("an AppId is given out by add_app only")
    }
}

#[cfg(test)]
mod tests;
