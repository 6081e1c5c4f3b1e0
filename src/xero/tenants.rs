//! The organisations that a token opens.

use serde::Deserialize;

use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::json;
use crate::xero::client::Client;
use crate::xero::fault::RequestError;
use crate::xero::request::Call;

/// An organisation.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    /// The value of the `xero-tenant-id` header.
    pub(crate) id: String,
    /// The organisation's name, shortened for messages. The name is known only if the list of
    /// connections was read.
    pub(crate) name: Option<String>,
    /// Why this organisation cannot be read although others can.
    pub(crate) blocked: Option<Failure>,
}

impl Tenant {
    /// An organisation that is not blocked.
    pub(crate) fn new(id: &str, name: Option<String>) -> Tenant {
        Tenant {
            id: id.to_lowercase(),
            name: name.as_deref().map(excerpt),
            blocked: None,
        }
    }

    /// Names the organisation in a sentence. Never shows its id, because some platforms treat the
    /// id as a secret.
    pub(crate) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or("the organisation")
    }
}

/// Lists the organisations that the token opens. Leaves practices out, because they have no books.
pub(crate) async fn connections(client: &Client) -> Result<Vec<Tenant>, RequestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Connection {
        tenant_id: Option<String>,
        tenant_type: Option<String>,
        tenant_name: Option<String>,
    }
    let call = Call {
        path: "/connections".into(),
        ..Call::default()
    };
    let list = |body: &[u8]| {
        json::read::<Vec<Connection>>(body)
            .map_err(|misread| format!("the list of connections cannot be read ({misread})"))
    };
    let connections = client.get(&call, list).await?;
    let mut tenants: Vec<Tenant> = Vec::new();
    for connection in connections {
        let kind = connection.tenant_type.as_deref();
        let is_organisation = kind.is_none_or(|kind| kind.eq_ignore_ascii_case("organisation"));
        let Some(id) = connection.tenant_id.filter(|_| is_organisation) else {
            continue;
        };
        let tenant = Tenant::new(&id, connection.tenant_name);
        if tenants.iter().all(|other| other.id != tenant.id) {
            tenants.push(tenant);
        }
    }
    Ok(tenants)
}
