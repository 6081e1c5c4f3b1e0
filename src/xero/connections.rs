//! Reads the list of connections: the organisations that a token can access.

use serde::Deserialize;

use crate::json;
use crate::xero::api::IDENTITY;
use crate::xero::client::XeroClient;
use crate::xero::fault::RequestError;
use crate::xero::request::ApiRequest;
use crate::xero::tenants::{Tenant, TenantId};

/// Lists the organisations that the token can access. Omits practices, because they have no
/// accounting data.
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
    let mut tenants: Vec<Tenant> = Vec::new();
    for connection in connections {
        let tenant_type = connection.tenant_type.as_deref();
        let is_organisation = tenant_type.is_none_or(|it| it.eq_ignore_ascii_case("organisation"));
        let Some(id) = connection.tenant_id.filter(|_| is_organisation) else {
            continue;
        };
        let tenant = Tenant::new(TenantId::new(&id), connection.tenant_name);
        if tenants.iter().all(|other| other.id != tenant.id) {
            tenants.push(tenant);
        }
    }
    Ok(tenants)
}
