//! Which apps are connected to which organisations.

use crate::app::AppId;
use crate::clock::Millis;
use crate::guid::Guid;
use crate::tenant::TenantId;

/// An app's access to an organisation, as `/connections` lists it.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) id: Guid,
    pub(crate) app: AppId,
    pub(crate) tenant: TenantId,
    /// The consent that made it. Renewing the connection does not change it: xero-php-oauth2#18.
    pub(crate) auth_event: Guid,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

/// All connections, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Connections(Vec<Connection>);

impl Connections {
    /// Connects an app to an organisation, or renews the connection that it has.
    pub(crate) fn connect(
        &mut self,
        app: &AppId,
        tenant: &TenantId,
        auth_event: Guid,
        now: Millis,
        rng: &mut fastrand::Rng,
    ) {
        let mut known = self.0.iter_mut();
        match known.find(|known| known.app == *app && known.tenant == *tenant) {
            Some(connection) => connection.updated = now,
            None => self.0.push(Connection {
                id: Guid::random(rng),
                app: app.clone(),
                tenant: tenant.clone(),
                auth_event,
                created: now,
                updated: now,
            }),
        }
    }

    /// Removes an app from an organisation.
    pub(crate) fn disconnect(&mut self, app: &AppId, tenant: &TenantId) {
        self.0
            .retain(|known| known.app != *app || known.tenant != *tenant);
    }

    /// Removes one connection of an app by its id. Returns whether there was one.
    pub(crate) fn delete(&mut self, app: &AppId, id: &str) -> bool {
        let before = self.0.len();
        self.0
            .retain(|known| known.app != *app || known.id.to_string() != id);
        self.0.len() < before
    }

    /// Removes an app from all organisations.
    pub(crate) fn remove_app(&mut self, app: &AppId) {
        self.0.retain(|known| known.app != *app);
    }

    /// Removes all apps from an organisation.
    pub(crate) fn remove(&mut self, tenant: &TenantId) {
        self.0.retain(|known| known.tenant != *tenant);
    }

    /// The connections of an app.
    pub(crate) fn of(&self, app: &AppId) -> impl Iterator<Item = &Connection> {
        self.0.iter().filter(move |known| known.app == *app)
    }

    /// Whether an app is connected to an organisation.
    pub(crate) fn has(&self, app: &AppId, tenant: &TenantId) -> bool {
        self.of(app).any(|known| known.tenant == *tenant)
    }

    /// The apps that are connected to an organisation.
    pub(crate) fn apps_of(&self, tenant: &TenantId) -> impl Iterator<Item = &AppId> {
        let of_tenant = self.0.iter().filter(move |known| known.tenant == *tenant);
        of_tenant.map(|known| &known.app)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;

    #[test]
    fn a_second_consent_renews_a_connection_and_disconnecting_ends_it() {
        let rng = &mut fastrand::Rng::with_seed(1);
        let (app, other) = (App::web("app", "").id, App::web("other", "").id);
        let tenant = TenantId::new(Guid(5));
        let mut connections = Connections::default();
        connections.connect(&app, &tenant, Guid(1), 10, rng);
        connections.connect(&other, &tenant, Guid(2), 20, rng);
        connections.connect(&app, &tenant, Guid(3), 30, rng);

        let renewed: Vec<_> = connections.of(&app).collect();
        assert_eq!(renewed.len(), 1);
        assert_eq!((renewed[0].created, renewed[0].updated), (10, 30));
        assert_eq!(renewed[0].auth_event, Guid(1), "that of the first consent");

        connections.disconnect(&app, &tenant);
        assert_eq!(connections.of(&app).count(), 0);
        assert_eq!(connections.of(&other).count(), 1);
    }

    #[test]
    fn a_connection_is_deleted_by_its_own_app() {
        let rng = &mut fastrand::Rng::with_seed(1);
        let (app, other) = (App::web("app", "").id, App::web("other", "").id);
        let tenants = [5, 6].map(|id| TenantId::new(Guid(id)));
        let mut connections = Connections::default();
        for tenant in &tenants {
            connections.connect(&app, tenant, Guid(1), 10, rng);
        }
        connections.connect(&other, &tenants[0], Guid(2), 20, rng);
        let ids: Vec<_> = connections.of(&app).map(|it| it.id.to_string()).collect();
        assert!(!connections.delete(&other, &ids[0]));
        assert!(connections.delete(&app, &ids[0]));
        assert!(!connections.delete(&app, &ids[0]));
        assert!(!connections.has(&app, &tenants[0]) && connections.has(&app, &tenants[1]));

        connections.remove_app(&app);
        assert_eq!(connections.of(&app).count(), 0);
        assert_eq!(connections.apps_of(&tenants[0]).count(), 1);
    }
}
