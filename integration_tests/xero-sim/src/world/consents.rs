//! Apps, and the organisations that users let them into.

use crate::app::{App, AppId};
use crate::guid::Guid;
use crate::identity::TokenSet;
use crate::tenant::TenantId;
use crate::world::World;

impl World {
    /// Registers an app. A custom connection is connected to its organisation at once.
    pub fn add_app(&mut self, app: App) -> AppId {
        self.identity.add_app(app, self.clock.now(), &mut self.rng)
    }

    /// A user lets an app into organisations, and the app exchanges the code: one token
    /// set for all of them.
    ///
    /// # Panics
    ///
    /// If the app is not assigned one of the scopes: Xero's consent page shows an error.
    pub fn consent(&mut self, app: &AppId, tenants: &[TenantId], scopes: &str) -> TokenSet {
        let code = self.consent_code(app, tenants, scopes);
        self.identity
            .exchange(app, &code, self.clock.now(), &mut self.rng)
            .expect("a fresh code can be exchanged")
    }

    /// A consent up to the redirect. Returns the code, for a client that exchanges it over HTTP.
    pub fn consent_code(&mut self, app: &AppId, tenants: &[TenantId], scopes: &str) -> String {
        self.identity
            .consent(app, tenants, scopes, self.clock.now(), &mut self.rng)
    }

    /// A user lets an app into one more organisation. The tokens of earlier consents open it too.
    pub fn connect(&mut self, app: &AppId, tenant: &TenantId) {
        let (event, now) = (Guid::random(&mut self.rng), self.clock.now());
        let connections = &mut self.identity.connections;
        connections.connect(app, tenant, event, now, &mut self.rng);
    }

    /// A user removes the app from an organisation.
    pub fn disconnect(&mut self, app: &AppId, tenant: &TenantId) {
        self.identity.connections.disconnect(app, tenant);
    }
}
