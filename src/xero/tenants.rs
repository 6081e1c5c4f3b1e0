//! The organisations that a token opens.

use futures_util::future::join_all;
use serde::Deserialize;

use crate::config::Config;
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::json;
use crate::rows::page::Page;
use crate::streams::{self, Family, Stream};
use crate::sync::explain;
use crate::sync::organisation_cache::OrganisationCache;
use crate::xero::client::{Client, Trouble};
use crate::xero::request::Call;
use crate::xero::retry::Fault;

/// The base of the Accounting API.
pub(crate) const ACCOUNTING: &str = "/api.xro/2.0";

/// An organisation.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    /// `xero-tenant-id`.
    pub(crate) id: String,
    /// Its name as messages show it, where Xero was asked for it.
    pub(crate) name: Option<String>,
    /// Why it cannot be read, where others can.
    pub(crate) blocked: Option<Failure>,
}

impl Tenant {
    fn new(id: &str, name: Option<String>) -> Tenant {
        Tenant {
            id: id.to_lowercase(),
            name: name.as_deref().map(excerpt),
            blocked: None,
        }
    }

    /// What to call it in a sentence. Never its id, which some platforms treat as a secret.
    pub(crate) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or("the organisation")
    }
}

/// Finds the organisations to read and proves what can be: the token is valid,
/// the organisation connected, and the least scope there. An error where none can.
pub(crate) async fn open(
    client: &Client,
    cache: &OrganisationCache,
    config: &Config,
) -> Result<Vec<Tenant>, Failure> {
    let mut tenants = match &config.tenant_id {
        Some(id) => vec![Tenant::new(id, None)],
        None => connections(client).await.map_err(in_connections)?,
    };
    let probe = streams::find("currencies")
        .ok_or_else(|| Failure::system("There is no stream of currencies."))?;
    let granted = client.auth.token().await?.scopes;
    if granted.is_some_and(|granted| !probe.readable_with(&granted)) {
        return Err(explain::missing_scope(probe));
    }
    let tried = tenants
        .iter()
        .map(|tenant| try_out(client, cache, probe, tenant));
    let tried = join_all(tried).await;
    for (tenant, tried) in tenants.iter_mut().zip(tried) {
        tenant.blocked = tried.err();
    }
    match tenants.iter().find(|tenant| tenant.blocked.is_none()) {
        Some(_) => Ok(tenants),
        None => Err(tenants
            .into_iter()
            .find_map(|tenant| tenant.blocked)
            .unwrap_or_else(none)),
    }
}

fn none() -> Failure {
    Failure::config(
        "The token opens no organisation. Authorise the app again and choose at least one organisation on Xero's consent page.",
    )
}

async fn try_out(
    client: &Client,
    cache: &OrganisationCache,
    probe: &'static Stream,
    tenant: &Tenant,
) -> Result<(), Failure> {
    let family = Family::of(probe);
    let parse = |body: &[u8]| Page::parse(body, &family, &tenant.id);
    match cache.get(client, probe, tenant, None, parse).await {
        Ok(_) => Ok(()),
        Err(Trouble::Fault(fault @ Fault::Forbidden(_))) => {
            Err(forbidden(client, fault, probe, tenant).await)
        }
        Err(trouble) => Err(trouble.told(|fault| explain::call(fault, probe, tenant.label()))),
    }
}

/// 403 has two meanings. The list of connections tells which it is.
async fn forbidden(client: &Client, fault: Fault, probe: &Stream, tenant: &Tenant) -> Failure {
    let Ok(open) = connections(client).await else {
        return explain::call(fault, probe, tenant.label());
    };
    if open.iter().any(|other| other.id == tenant.id) {
        return explain::call(fault, probe, tenant.label());
    }
    let name = |tenant: &Tenant| format!("{} ({})", tenant.label(), excerpt(&tenant.id));
    let names: Vec<String> = open.iter().map(name).collect();
    Failure::config(match names.len() {
        0 => "The token may not read the organisation of tenant_id, nor any other: the connection was removed in Xero. Authorise the app again and choose the organisation on the consent page.".to_owned(),
        _ => format!(
            "The token may not read the organisation of tenant_id. It may read: {}. Use one of these ids, leave tenant_id out to read them all, or authorise the app again for the organisation that is missing.",
            names.join(", ")
        ),
    })
}

fn in_connections(trouble: Trouble) -> Failure {
    let doing = "asking which organisations the token opens";
    trouble.told(|fault| explain::common(fault, doing))
}

/// Lists what the token opens, without practices, which have no books.
async fn connections(client: &Client) -> Result<Vec<Tenant>, Trouble> {
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
        let organisation = kind.is_none_or(|kind| kind.eq_ignore_ascii_case("organisation"));
        let Some(id) = connection.tenant_id.filter(|_| organisation) else {
            continue;
        };
        let tenant = Tenant::new(&id, connection.tenant_name);
        if tenants.iter().all(|other| other.id != tenant.id) {
            tenants.push(tenant);
        }
    }
    Ok(tenants)
}
