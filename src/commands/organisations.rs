//! The organisations of a login, as `status` and `tenants` show them.

use crate::failure::Failure;
use crate::sync::access;
use crate::sync::organisation_cache::OrganisationCache;
use crate::sync::session::Access;
use crate::xero::connections::Connection;
use crate::xero::tenants::{Tenant, TenantId};

/// A connection of the token, or an organisation of the config that the token does not open.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) tenant: Tenant,
    pub(super) tenant_type: String,
    /// The day on which the app was connected. `None` if the token does not open the organisation.
    pub(super) connected_since: Option<String>,
    /// Whether the config reads it.
    pub(super) is_chosen: bool,
    /// The calls that Xero still allows today, if a response told them.
    pub(super) calls_left_today: Option<usize>,
}

/// Lists the connections of the token, and the organisations of the config that it does not open. Proves
/// the access to each organisation with one call.
pub(super) async fn list(access: &Access) -> Result<Vec<Listed>, Failure> {
    let Access { config, client } = access;
    let connections = access::all_connections(client).await?;
    let ids = &config.tenant_ids;
    let is_open = |id: &&String| connections.iter().any(|it| *it.tenant.id == *id.as_str());
    let absent: Vec<Listed> = ids
        .iter()
        .filter(|id| !is_open(id))
        .map(|id| Listed {
            tenant: Tenant {
                blocked: Some(Failure::config(
                    "Not connected. Connect it again with xero-source login --force, or remove it from tenant_ids.",
                )),
                ..Tenant::new(TenantId::new(id), None)
            },
            tenant_type: String::new(),
            connected_since: None,
            is_chosen: true,
            calls_left_today: None,
        })
        .collect();
    let is_chosen = |connection: &Connection| {
        let id = &connection.tenant.id;
        connection.is_organisation() && (ids.is_empty() || ids.iter().any(|it| **id == **it))
    };
    let mut proven: Vec<Tenant> = connections
        .iter()
        .filter(|connection| connection.is_organisation())
        .map(|connection| connection.tenant.clone())
        .collect();
    access::prove(client, &OrganisationCache::default(), &mut proven, true).await?;
    let mut proven = proven.into_iter();
    let mut listed: Vec<Listed> = Vec::new();
    for connection in connections {
        let is_chosen = is_chosen(&connection);
        let tenant = match connection.is_organisation() {
            true => proven.next().unwrap_or(connection.tenant),
            false => Tenant {
                blocked: Some(Failure::config("Not an organisation.")),
                ..connection.tenant
            },
        };
        listed.push(Listed {
            calls_left_today: client.capacity(&tenant.id).calls_today,
            tenant,
            tenant_type: connection.tenant_type,
            connected_since: connection.created.map(|it| it.chars().take(10).collect()),
            is_chosen,
        });
    }
    listed.extend(absent);
    Ok(listed)
}

impl Listed {
    /// Says whether the organisation can be read, or why not.
    pub(super) fn readable(&self) -> String {
        match &self.tenant.blocked {
            None => "yes".to_owned(),
            Some(failure) => format!("no: {failure}"),
        }
    }

    /// Returns the organisation's name for a table.
    pub(super) fn name(&self) -> String {
        self.tenant.name.clone().unwrap_or_default()
    }
}
