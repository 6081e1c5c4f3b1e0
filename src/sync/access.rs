//! Finds the organisations that a sync reads, and proves access to each of them.

use futures_util::StreamExt;

use crate::config::Config;
use crate::excerpt::{self, excerpt};
use crate::failure::Failure;
use crate::rows::page::Page;
use crate::streams::{self, Family, Stream};
use crate::sync::explain;
use crate::sync::organisation_cache::OrganisationCache;
use crate::xero::api::ACCOUNTING;
use crate::xero::client::XeroClient;
use crate::xero::connections::{self, Connection};
use crate::xero::fault::{Fault, RequestError};
use crate::xero::tenants::{Tenant, TenantId};

/// Maximum number of organisations that a message names.
const MAX_NAMED: usize = 10;

/// Returns the organisations to read: those that the config names, or all organisations of the token.
///
/// One small request to each organisation proves that the token is valid, has the scope that nearly
/// every app has, and that the organisation is connected. An organisation that cannot be read is
/// marked as blocked. Fails if every organisation is blocked.
pub(crate) async fn open(
    client: &XeroClient,
    cache: &OrganisationCache,
    config: &Config,
) -> Result<Vec<Tenant>, Failure> {
    let is_listed = config.tenant_ids.len() != 1;
    let mut organisations = match &config.tenant_ids[..] {
        // The request that proves access also proves that the organisation is connected.
        [id] => vec![Tenant::new(TenantId::new(id), None)],
        ids => chosen(connections(client).await?, ids),
    };
    prove(client, cache, &mut organisations, is_listed).await?;
    with_an_open_one(organisations)
}

/// Returns the same organisations without a request to each of them. Marks those that the token does not
/// open as blocked. Fails if every organisation is blocked.
pub(crate) async fn listed(client: &XeroClient, config: &Config) -> Result<Vec<Tenant>, Failure> {
    let connected = connections(client).await?;
    with_an_open_one(chosen(connected, &config.tenant_ids))
}

fn with_an_open_one(organisations: Vec<Tenant>) -> Result<Vec<Tenant>, Failure> {
    if organisations.iter().any(|tenant| tenant.blocked.is_none()) {
        return Ok(organisations);
    }
    Err(blocked(&organisations).unwrap_or_else(|| Failure::config(
        "The token opens no organisation. Authorise the app again and choose at least one organisation on Xero's consent page.",
    )))
}

/// Proves the access to each organisation that is not blocked, with one small request. Marks those that
/// cannot be read as blocked. `is_listed` tells that the connections of the token were read and include
/// the organisations. Fails if the token lacks the scope of the request.
pub(crate) async fn prove(
    client: &XeroClient,
    cache: &OrganisationCache,
    organisations: &mut [Tenant],
    is_listed: bool,
) -> Result<(), Failure> {
    let probe = probe_of(client.auth.token().await?.scopes.as_deref())?;
    if organisations.len() > 1 {
        // The others would wait ten minutes for one that is offline.
        client.do_not_wait_for(organisations.iter().map(|it| &it.id));
    }
    let connected = organisations.iter_mut().filter(|it| it.blocked.is_none());
    futures_util::stream::iter(connected)
        // The client bounds the calls in flight, and with them the open connections.
        .for_each_concurrent(None, async |tenant| {
            tenant.blocked = try_probe(client, cache, probe, tenant, is_listed)
                .await
                .err();
        })
        .await;
    Ok(())
}

/// Returns the list that proves access for a token with these scopes: `/Currencies` if the token has any
/// scope of Accounting, or names no scopes. Otherwise the list of another API that the token opens. The
/// payroll APIs have none, because it depends on the country: a token for payroll alone is proved by
/// its connections.
fn probe_of(granted: Option<&[String]>) -> Result<&'static Stream, Failure> {
    let missing = || Failure::system("The API names no list to prove access.");
    let accounting = ACCOUNTING
        .probe
        .and_then(streams::find)
        .ok_or_else(missing)?;
    let Some(granted) = granted else {
        return Ok(accounting);
    };
    let open = streams::apis_open_to(granted);
    let mut probes = open.iter().filter_map(|api| streams::find(api.probe?));
    let has_payroll = open.iter().any(|api| api.is_personal);
    let probe = match open.contains(&&ACCOUNTING) {
        true => Some(accounting).filter(|probe| probe.readable_with(granted)),
        false => probes
            .find(|probe| probe.readable_with(granted))
            .or_else(|| streams::find("connections").filter(|_| has_payroll)),
    };
    probe.ok_or_else(|| explain::missing_scope(accounting))
}

/// Returns the failure of the organisations that cannot be read, if there are any.
pub(crate) fn blocked(organisations: &[Tenant]) -> Option<Failure> {
    let failures = organisations.iter().filter_map(|it| it.blocked.as_ref());
    Failure::of_organisations(&failures.collect::<Vec<_>>(), organisations.len())
}

async fn connections(client: &XeroClient) -> Result<Vec<Tenant>, Failure> {
    connections::list(client).await.map_err(not_listed)
}

/// Lists all connections of the token, also those that are no organisations.
pub(crate) async fn all_connections(client: &XeroClient) -> Result<Vec<Connection>, Failure> {
    connections::all(client).await.map_err(not_listed)
}

fn not_listed(error: RequestError) -> Failure {
    let doing = "asking which organisations the token opens";
    error.into_failure(|fault| fault.into_failure(doing))
}

/// Returns the organisations with these ids, or all of them if there are no ids. An organisation that
/// the token does not open is marked as blocked.
fn chosen(connected: Vec<Tenant>, ids: &[String]) -> Vec<Tenant> {
    if ids.is_empty() {
        return connected;
    }
    let tenant = |id: &String| {
        let id = TenantId::new(id);
        let known = connected.iter().find(|tenant| tenant.id == id).cloned();
        known.unwrap_or_else(|| Tenant {
            blocked: Some(not_connected(&id)),
            ..Tenant::new(id, None)
        })
    };
    ids.iter().map(tenant).collect()
}

fn not_connected(id: &TenantId) -> Failure {
    Failure::config(format!(
        "The token may not read the organisation {} of tenant_ids. Remove the id, or authorise the app again and choose the organisation on the consent page.",
        excerpt(id)
    ))
}

/// Requests the list that proves access. `is_listed` tells that the connections of the token were read
/// and include the organisation.
async fn try_probe(
    client: &XeroClient,
    cache: &OrganisationCache,
    probe: &'static Stream,
    tenant: &Tenant,
    is_listed: bool,
) -> Result<(), Failure> {
    let family = Family::of(probe);
    let parse = |body: &[u8]| Page::parse(body, &family, &tenant.id);
    match cache.get(client, probe, tenant, &[], parse).await {
        Ok(_) => Ok(()),
        Err(RequestError::Fault(fault @ Fault::Forbidden(_))) if !is_listed => {
            Err(forbidden(client, fault, probe, tenant).await)
        }
        Err(error) => Err(explain::request(error, probe, tenant.label())),
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
    Failure::config(match open.len() {
        0 => "The token may not read the organisation of tenant_id, nor any other: the connection was removed in Xero. Authorise the app again and choose the organisation on the consent page.".to_owned(),
        _ => format!(
            "The token may not read the organisation of tenant_id. It may read: {}. Use one of these ids, leave tenant_id out to read them all, or authorise the app again for the organisation that is missing.",
            excerpt::listed(open.iter().map(name), MAX_NAMED, open.len())
        ),
    })
}
