//! Reads the list of connections: the organisations that a token can access.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::excerpt::excerpt;
use crate::json;
use crate::xero::api::IDENTITY;
use crate::xero::client::XeroClient;
use crate::xero::fault::RequestError;
use crate::xero::request::ApiRequest;
use crate::xero::tenants::{Tenant, TenantId};

/// The type of a connection to an organisation. Another type is PRACTICE.
const ORGANISATION: &str = "ORGANISATION";

/// A connection of the app to an organisation or to something else, such as a practice.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) tenant: Tenant,
    /// ORGANISATION, or another type.
    pub(crate) tenant_type: String,
    /// When the app was connected, as Xero writes it.
    pub(crate) created: Option<String>,
    /// The consent that connected the app. A later consent to the same organisation does not change
    /// it. Source: xero-php-oauth2 issue 18.
    pub(crate) auth_event: Option<String>,
}

impl Connection {
    /// Whether this is a connection to an organisation, which has accounting data.
    pub(crate) fn is_organisation(&self) -> bool {
        self.tenant_type.eq_ignore_ascii_case(ORGANISATION)
    }
}

/// Lists the connections of the token, each once.
pub(crate) async fn all(client: &XeroClient) -> Result<Vec<Connection>, RequestError> {
    let call = ApiRequest {
        path: format!("{}/connections", IDENTITY.base_path),
        ..ApiRequest::default()
    };
    client.get(&call, parse).await
}

/// Parses the list of connections. The error explains why the body is not one.
pub(crate) fn parse(body: &[u8]) -> Result<Vec<Connection>, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Listed {
        tenant_id: Option<String>,
        tenant_type: Option<String>,
        tenant_name: Option<String>,
        auth_event_id: Option<String>,
        created_date_utc: Option<String>,
    }
    let listed = json::read::<Vec<Listed>>(body)
        .map_err(|misread| format!("the list of connections cannot be read ({misread})"))?;
    let mut connections: Vec<Connection> = Vec::new();
    for listed in listed {
        let Some(id) = listed.tenant_id else {
            continue;
        };
        let tenant = Tenant::new(TenantId::new(&id), listed.tenant_name);
        if connections.iter().all(|other| other.tenant.id != tenant.id) {
            connections.push(Connection {
                tenant,
                tenant_type: listed
                    .tenant_type
                    .map_or(ORGANISATION.to_owned(), |it| excerpt(&it)),
                created: listed.created_date_utc.map(|it| excerpt(&it)),
                auth_event: listed.auth_event_id,
            });
        }
    }
    Ok(connections)
}

/// Lists the organisations that the token can access. Omits practices and other connections, because
/// they have no accounting data, and logs their types.
pub(crate) async fn list(client: &XeroClient) -> Result<Vec<Tenant>, RequestError> {
    let connections = all(client).await?.into_iter();
    let (organisations, others): (Vec<_>, Vec<_>) =
        connections.partition(Connection::is_organisation);
    if !others.is_empty() {
        let types: BTreeSet<_> = others.into_iter().map(|other| other.tenant_type).collect();
        let types: Vec<_> = types.into_iter().collect();
        tracing::info!(
            "the token also opens connections that are not organisations and are not read: {}",
            types.join(", ")
        );
    }
    Ok(organisations.into_iter().map(|it| it.tenant).collect())
}
