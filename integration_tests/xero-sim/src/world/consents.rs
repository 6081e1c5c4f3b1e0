//! Apps, and the organisations that users let them into.

use crate::app::{App, AppId};
use crate::guid::Guid;
use crate::identity::{Consent, Exchange, TokenSet};
use crate::scope;
use crate::tenant::TenantId;
use crate::world::World;

impl World {
    /// Registers an app. A custom connection is connected to its organisation at once.
    pub fn add_app(&mut self, app: App) -> AppId {
        self.identity.add_app(app, self.clock.now(), &mut self.rng)
    }

    /// Registers one more redirect address of an app.
    ///
    /// # Panics
    ///
    /// If Xero does not register it, see [`App::can_register`].
    pub fn add_redirect_uri(&mut self, app: &AppId, uri: &str) {
        let app = self.identity.app_mut(app);
        app.expect("the app is of this world").register(uri);
    }

    /// A user lets an app into organisations, and the app exchanges the code: one token
    /// set for all of them.
    ///
    /// # Panics
    ///
    /// If the app is not assigned one of the scopes: Xero's consent page shows an error.
    pub fn consent(&mut self, app: &AppId, tenants: &[TenantId], scopes: &str) -> TokenSet {
        let code = self.consent_code(app, tenants, scopes);
        let redirect_uri = self.identity.known(app).redirect_uris[0].clone();
        let exchange = Exchange {
            code: &code,
            redirect_uri: &redirect_uri,
            verifier: None,
        };
        self.identity
            .exchange(app, exchange, self.clock.now(), &mut self.rng)
            .expect("a fresh code can be exchanged")
    }

    /// A consent up to the redirect, without PKCE. Returns the code, for a client that exchanges it
    /// over HTTP together with the first redirect address of the app.
    pub fn consent_code(&mut self, app: &AppId, tenants: &[TenantId], scopes: &str) -> String {
        let (known, scopes) = (self.identity.known(app), scope::split(scopes));
        if let Some(bad) = scopes.iter().find(|scope| !known.scopes.contains(scope)) {
            panic!("the consent page shows invalid_scope: {app} is not assigned {bad}");
        }
        let consent = Consent {
            app: app.clone(),
            tenants: tenants.to_vec(),
            scopes,
            redirect_uri: known.redirect_uris[0].clone(),
            challenge: None,
        };
        self.identity
            .consent(consent, self.clock.now(), &mut self.rng)
    }

    /// A user lets an app into one more organisation. The tokens of earlier consents open it too.
    pub fn connect(&mut self, app: &AppId, tenant: &TenantId) {
        let (event, now) = (Guid::random(&mut self.rng), self.clock.now());
        let connections = &mut self.identity.connections;
        connections.connect(app, tenant, event, now, &mut self.rng);
    }

    /// Whether an app is connected to an organisation.
    pub fn is_connected(&self, app: &AppId, tenant: &TenantId) -> bool {
        self.identity.connections.has(app, tenant)
    }

    /// A user removes the app from an organisation.
    pub fn disconnect(&mut self, app: &AppId, tenant: &TenantId) {
        self.identity.connections.disconnect(app, tenant);
    }
}
