//! Apps, as they are registered on Xero's developer portal.

use std::fmt;

use crate::scope;
use crate::tenant::TenantId;

/// The redirect address of a new app, which is that of Xero's own command line.
pub const REDIRECT_URI: &str = "http://localhost:8742/callback";

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

    /// Connections of an app of this tier.
    const fn connections(self) -> usize {
        match self {
            Self::Starter => 5,
            Self::Core => 50,
            Self::Advanced => 10_000,
        }
    }
}

/// Which grants an app may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AppKind {
    /// Users consent in a browser; tokens are refreshed. The app has a secret.
    Web,
    /// The same for a mobile or desktop app. It has no secret and must use PKCE.
    Pkce,
    /// Machine to machine, for exactly one organisation; no refresh tokens.
    CustomConnection(TenantId),
}

/// An app. Made by [`App::web`], [`App::pkce`] or [`App::custom_connection`]; the other methods
/// change one property each.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) id: AppId,
    pub(crate) secret: Option<String>,
    pub(crate) kind: AppKind,
    pub(crate) tier: Tier,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) bulk: bool,
    pub(crate) certified: bool,
    pub(crate) opaque: bool,
    connection_limit: Option<usize>,
}

impl App {
    /// A web app, for the authorization-code and refresh-token grants.
    pub fn web(client_id: &str, client_secret: &str) -> Self {
        Self::new(client_id, Some(client_secret), AppKind::Web)
    }

    /// A mobile or desktop app, for the same grants without a secret. Its requests for tokens carry
    /// `client_id` in the form, and a consent needs PKCE.
    pub fn pkce(client_id: &str) -> Self {
        Self::new(client_id, None, AppKind::Pkce)
    }

    /// A custom connection, for the client-credentials grant. It acts for no user, so scopes that
    /// concern a user, such as `offline_access`, cannot be assigned to it.
    pub fn custom_connection(client_id: &str, client_secret: &str, tenant: &TenantId) -> Self {
        let kind = AppKind::CustomConnection(tenant.clone());
        let mut app = Self::new(client_id, Some(client_secret), kind);
        app.scopes
            .retain(|scope| !scope::OF_USERS.contains(&scope.as_str()));
        app
    }

    fn new(client_id: &str, client_secret: Option<&str>, kind: AppKind) -> Self {
        Self {
            id: AppId(client_id.to_owned()),
            secret: client_secret.map(str::to_owned),
            kind,
            tier: Tier::Advanced,
            scopes: scope::ALL.iter().map(|scope| (*scope).to_owned()).collect(),
            redirect_uris: vec![REDIRECT_URI.to_owned()],
            bulk: false,
            certified: false,
            opaque: false,
            connection_limit: None,
        }
    }

    /// Whether Xero lets an app register this redirect address: `https`, or `http` for `localhost`,
    /// without wildcards.
    pub fn can_register(redirect_uri: &str) -> bool {
        let local = || {
            let rest = redirect_uri.strip_prefix("http://localhost")?;
            rest.starts_with([':', '/']).then_some(rest)
        };
        let rest = redirect_uri.strip_prefix("https://").or_else(local);
        let is_odd = |it: char| it.is_whitespace() || it.is_control() || it == '*' || it == '#';
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(is_odd))
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

    /// Registers one more redirect address. The first one is [`REDIRECT_URI`].
    ///
    /// # Panics
    ///
    /// If Xero does not register it, see [`App::can_register`].
    #[must_use]
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.register(uri);
        self
    }

    /// Whether one consent may connect several organisations at once. Xero opens bulk connections
    /// to few apps, so the default is `false`.
    #[must_use]
    pub fn bulk_connections(self, bulk: bool) -> Self {
        Self { bulk, ..self }
    }

    /// Whether Xero certified the app. The default is `false`: an organisation takes two such apps.
    #[must_use]
    pub fn certified(self, certified: bool) -> Self {
        Self { certified, ..self }
    }

    /// Limits the connections of the app. The default is the limit of its tier.
    #[must_use]
    pub fn connection_limit(self, connections: usize) -> Self {
        Self {
            connection_limit: Some(connections),
            ..self
        }
    }

    /// How many connections the app may have.
    pub(crate) fn connections(&self) -> usize {
        self.connection_limit.unwrap_or(self.tier.connections())
    }

    pub(crate) fn register(&mut self, redirect_uri: &str) {
        assert!(
            Self::can_register(redirect_uri),
            "Xero registers https addresses and http://localhost only, not {redirect_uri}"
        );
        self.redirect_uris.push(redirect_uri.to_owned());
    }

    /// The only organisation of a custom connection.
    pub(crate) fn only_tenant(&self) -> Option<&TenantId> {
        match &self.kind {
            AppKind::CustomConnection(tenant) => Some(tenant),
            AppKind::Web | AppKind::Pkce => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_localhost_can_be_registered() {
        for (uri, expected) in [
            ("https://example.com/callback", true),
            (REDIRECT_URI, true),
            ("http://localhost/", true),
            ("http://127.0.0.1:8742/callback", false),
            ("http://[::1]:8742/callback", false),
            ("http://localhost.example.com/", false),
            ("http://example.com/", false),
            ("https://*.example.com/", false),
            ("https://example.com/#part", false),
            ("https://example.com/ ", false),
            ("https://", false),
            ("myapp://callback", false),
            ("", false),
        ] {
            assert_eq!(App::can_register(uri), expected, "{uri}");
        }
    }

    #[test]
    fn the_tier_limits_the_connections_unless_the_app_has_its_own_limit() {
        let app = App::web("id", "secret");
        assert_eq!(app.connections(), 10_000);
        let starter = app.tier(Tier::Starter);
        assert_eq!(starter.connections(), 5);
        assert_eq!(starter.connection_limit(1).connections(), 1);
    }
}
