//! Apps, as they are registered on Xero's developer portal.

use std::fmt;

use crate::scope;
use crate::tenant::TenantId;

/// An app's client id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AppId(String);

impl AppId {
    /// The client id as a config names it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The commercial tier of an app, as far as it affects reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// 1,000 calls a day for each organisation.
    Starter,
    /// 5,000 calls a day for each organisation, as on every tier above it.
    Core,
    /// Opens Journals, once the app has passed an assessment.
    Advanced,
}

impl Tier {
    /// Calls a day for each organisation.
    pub const fn daily_calls(self) -> u32 {
        match self {
            Self::Starter => 1_000,
            Self::Core | Self::Advanced => 5_000,
        }
    }
}

/// Which grants an app may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AppKind {
    /// Users consent in a browser; tokens are refreshed.
    Web,
    /// Machine to machine, for exactly one organisation; no refresh tokens.
    CustomConnection(TenantId),
}

/// An app. Made by [`App::web`] or [`App::custom_connection`]; the other methods change
/// one property each.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) id: AppId,
    pub(crate) secret: String,
    pub(crate) kind: AppKind,
    pub(crate) tier: Tier,
    pub(crate) scopes: Vec<String>,
    pub(crate) opaque: bool,
}

impl App {
    /// A web app, for the authorization-code and refresh-token grants.
    pub fn web(client_id: &str, client_secret: &str) -> Self {
        Self::new(client_id, client_secret, AppKind::Web)
    }

    /// A custom connection, for the client-credentials grant. It acts for no user, so scopes that
    /// concern a user, such as `offline_access`, cannot be assigned to it.
    pub fn custom_connection(client_id: &str, client_secret: &str, tenant: &TenantId) -> Self {
        let kind = AppKind::CustomConnection(tenant.clone());
        let mut app = Self::new(client_id, client_secret, kind);
        app.scopes
            .retain(|scope| !scope::OF_USERS.contains(&scope.as_str()));
        app
    }

    fn new(client_id: &str, client_secret: &str, kind: AppKind) -> Self {
        Self {
            id: AppId(client_id.to_owned()),
            secret: client_secret.to_owned(),
            kind,
            tier: Tier::Advanced,
            scopes: scope::ALL.iter().map(|scope| (*scope).to_owned()).collect(),
            opaque: false,
        }
    }

    /// Sets the tier. The default is [`Tier::Advanced`], which opens everything.
    #[must_use]
    pub fn tier(self, tier: Tier) -> Self {
        Self { tier, ..self }
    }

    /// Assigns only these scopes, separated by spaces. The default is every scope.
    #[must_use]
    pub fn scopes(self, scopes: &str) -> Self {
        Self {
            scopes: scope::split(scopes),
            ..self
        }
    }

    /// Whether access tokens are opaque strings instead of JWTs. The default is `false`.
    #[must_use]
    pub fn opaque_tokens(self, opaque: bool) -> Self {
        Self { opaque, ..self }
    }
}
