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

/// Lists the organisations that the token can access. Omits practices and other connections, because
/// they have no accounting data, and logs their types.
pub(crate) async fn list(client: &XeroClient) -> Result<Vec<Tenant>, RequestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Connection {
        tenant_id: Option<String>,
        tenant_type: Option<String>,
        tenant_name: Option<String>,
    }
    let call = ApiRequest {
        path: format!("{}/connections", IDENTITY.base_path),
        ..ApiRequest::default()
    };
    let parse = |body: &[u8]| {
        json::read::<Vec<Connection>>(body)
            .map_err(|misread| format!("the list of connections cannot be read ({misread})"))
    };
    let connections = client.get(&call, parse).await?;
    let (mut tenants, mut others): (Vec<Tenant>, BTreeSet<String>) = Default::default();
    for connection in connections {
        let other = connection
            .tenant_type
            .filter(|tenant_type| !tenant_type.eq_ignore_ascii_case(ORGANISATION));
        if let Some(other) = other {
            others.insert(excerpt(&other));
            continue;
        }
        let Some(id) = connection.tenant_id else {
            continue;
        };
        let tenant = Tenant::new(TenantId::new(&id), connection.tenant_name);
        if tenants.iter().all(|other| other.id != tenant.id) {
            tenants.push(tenant);
        }
    }
    if !others.is_empty() {
        let types: Vec<_> = others.into_iter().collect();
        tracing::info!(
            "the token also opens connections that are not organisations and are not read: {}",
            types.join(", ")
        );
    }
    Ok(tenants)
}
