//! Asks whether an organisation is in the country of an API. Payroll differs from country to country, but
//! the United Kingdom and New Zealand share its addresses.

use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::streams::{self, Stream};
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
    let organisations = &streams::organisations;
    let granted = session.scopes().await?;
    if granted.is_some_and(|granted| !organisations.readable_with(&granted)) {
        return Ok(());
    }
    let parse = |body: &[u8]| Organisation::parse(body).map(|it| it.country);
    let country = session.shared_list(organisations, tenant, stream, parse);
    match country.await? {
        Some(country) if country != expected => Err(Failure::absence(format!(
            "{} has no {}: the organisation is in the country {}, and the stream is for {expected}. Leave the stream out if none of your organisations is in {expected}.",
            tenant.label(),
            stream.name,
            excerpt(&country),
        ))),
        _ => Ok(()),
    }
}
