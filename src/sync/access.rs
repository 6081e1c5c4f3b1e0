//! Finds the organisations that a sync reads, and proves access to each of them.

use futures_util::future::join_all;

use crate::config::Config;
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::rows::page::Page;
use crate::streams::{self, Family, Stream};
use crate::sync::explain;
use crate::sync::organisation_cache::OrganisationCache;
use crate::xero::api::ACCOUNTING;
use crate::xero::client::XeroClient;
use crate::xero::connections;
use crate::xero::fault::{Fault, RequestError};
use crate::xero::tenants::{Tenant, TenantId};

/// Returns the organisations to read: the one of `tenant_id`, or all organisations of the token.
///
/// One small request to each organisation proves that the token is valid, has the scope that nearly
/// every app has, and that the organisation is connected. An organisation that cannot be read is
/// marked as blocked. Fails if every organisation is blocked.
pub(crate) async fn open(
    client: &XeroClient,
    cache: &OrganisationCache,
    config: &Config,
) -> Result<Vec<Tenant>, Failure> {
    let mut organisations = match &config.tenant_id {
        Some(id) => vec![Tenant::new(TenantId::new(id), None)],
        None => connections::list(client).await.map_err(|error| {
            let doing = "asking which organisations the token opens";
            error.into_failure(|fault| fault.into_failure(doing))
        })?,
    };
    let probe = ACCOUNTING.probe.and_then(streams::find);
    let probe = probe.ok_or_else(|| Failure::system("The API names no list to prove access."))?;
    let granted = client.auth.token().await?.scopes;
    if granted.is_some_and(|granted| !probe.readable_with(&granted)) {
        return Err(explain::missing_scope(probe));
    }
    let probes = organisations
        .iter()
        .map(|tenant| try_probe(client, cache, probe, tenant));
    let results = join_all(probes).await;
    for (tenant, result) in organisations.iter_mut().zip(results) {
        tenant.blocked = result.err();
    }
    if organisations.iter().any(|tenant| tenant.blocked.is_none()) {
        return Ok(organisations);
    }
    let first = organisations.into_iter().find_map(|tenant| tenant.blocked);
    Err(first.unwrap_or_else(|| Failure::config(
        "The token opens no organisation. Authorise the app again and choose at least one organisation on Xero's consent page.",
    )))
}

async fn try_probe(
    client: &XeroClient,
    cache: &OrganisationCache,
    probe: &'static Stream,
    tenant: &Tenant,
) -> Result<(), Failure> {
    let family = Family::of(probe);
    let parse = |body: &[u8]| Page::parse(body, &family, &tenant.id);
    match cache.get(client, probe, tenant, None, parse).await {
        Ok(_) => Ok(()),
        Err(RequestError::Fault(fault @ Fault::Forbidden(_))) => {
            Err(forbidden(client, fault, probe, tenant).await)
        }
        Err(error) => Err(error.into_failure(|fault| explain::call(fault, probe, tenant.label()))),
    }
}

/// Explains a 403 to the probe. Either the organisation is not connected, or the user's role
/// forbids the request. The list of connections shows which.
async fn forbidden(client: &XeroClient, fault: Fault, probe: &Stream, tenant: &Tenant) -> Failure {
    let Ok(open) = connections::list(client).await else {
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
