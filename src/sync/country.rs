//! Asks whether an organisation is in the country of an API. Payroll differs from country to country, but
//! the United Kingdom and New Zealand share its addresses.

use std::collections::BTreeSet;

use futures_util::StreamExt;

use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::streams::{self, Stream};
use crate::sync::concurrency::ORGANISATIONS_AT_ONCE;
use crate::sync::organisation::Organisation;
use crate::sync::session::Session;
use crate::xero::tenants::Tenant;

/// Fails with an absence if the API of a stream belongs to another country than the organisation. A token
/// without the scope of `/Organisation` cannot ask.
pub(crate) async fn check(
    session: &Session,
    stream: &'static Stream,
    tenant: &Tenant,
) -> Result<(), Failure> {
    let Some(expected) = stream.endpoint().api.country else {
        return Ok(());
    };
    match of(session, stream, tenant).await? {
        Some(country) if country != expected => Err(Failure::absence(format!(
            "{} has no {}: the organisation is in the country {}, and the stream is for {expected}. Leave the stream out if none of your organisations is in {expected}.",
            tenant.label(),
            stream.name,
            excerpt(&country),
        ))),
        _ => Ok(()),
    }
}

/// Returns the countries of the organisations, two letters each. `None` if the country of one is not known.
pub(crate) async fn of_organisations(session: &Session) -> Option<BTreeSet<String>> {
    let countries = futures_util::stream::iter(&session.tenants).map(async |tenant| {
        // An organisation that cannot be read may be in any country.
        match tenant.blocked {
            Some(_) => None,
            None => of(session, &streams::organisations, tenant)
                .await
                .ok()
                .flatten(),
        }
    });
    let countries: Vec<_> = countries.buffered(ORGANISATIONS_AT_ONCE).collect().await;
    countries.into_iter().collect()
}

/// Returns the country of an organisation, if the token can ask for it.
async fn of(
    session: &Session,
    stream: &'static Stream,
    tenant: &Tenant,
) -> Result<Option<String>, Failure> {
    let organisations = &streams::organisations;
    let granted = session.scopes().await?;
    if granted.is_some_and(|granted| !organisations.readable_with(&granted)) {
        return Ok(None);
    }
    let parse = |body: &[u8]| Organisation::parse(body).map(|it| it.country);
    session
        .shared_list(organisations, tenant, stream, parse)
        .await
}
