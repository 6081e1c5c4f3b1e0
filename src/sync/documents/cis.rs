//! Finds out whether an organisation is a contractor in the Construction Industry Scheme of the United
//! Kingdom. Only contacts of a contractor have settings.

use serde::Deserialize;

use crate::failure::Failure;
use crate::rows::documents::{self, DocumentRow, Parent};
use crate::rows::envelope::Envelope;
use crate::streams::{self, Stream};
use crate::sync::explain;
use crate::sync::organisation::Organisation;
use crate::sync::session::Session;
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::request::{self, ApiRequest};
use crate::xero::tenants::Tenant;

/// The country code of the United Kingdom in Xero.
pub(crate) const UNITED_KINGDOM: &str = "GB";

/// The settings of the organisation itself.
#[derive(Debug, Default)]
pub(crate) struct Scheme {
    /// The rows about the organisation. Empty outside the United Kingdom.
    pub(crate) rows: Vec<DocumentRow>,
    /// Whether its contacts may have settings.
    pub(crate) is_contractor: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Setting {
    #[serde(rename = "CISContractorEnabled")]
    contractor: Option<bool>,
    /// The name in Xero's published example.
    #[serde(rename = "CISEnabled")]
    enabled: Option<bool>,
}

/// Requests the settings of the organisation. An organisation in the United Kingdom costs one
/// request, and one more for `/Organisation` unless the cache has it.
pub(crate) async fn ask(
    session: &Session,
    stream: &'static Stream,
    tenant: &Tenant,
) -> Result<Scheme, Failure> {
    let parse = |body: &[u8]| {
        let organisation = Organisation::parse(body)?;
        let id = organisation
            .id
            .ok_or("the organisation has no OrganisationID")?;
        Ok::<_, String>((id, organisation.country))
    };
    let organisations = &streams::organisations;
    let read = session.shared_list(organisations, tenant, stream, parse);
    let (organisation_id, country) = read.await?;
    if country.as_deref() != Some(UNITED_KINGDOM) {
        let label = tenant.label();
        tracing::info!(stream = stream.name, "{label} is not in the United Kingdom");
        return Ok(Scheme::default());
    }
    let parent = Parent {
        list: "Organisation",
        id: &organisation_id,
        stamp: None,
    };
    let parse = |body: &[u8]| {
        let rows = documents::read(body, stream, parent)?.rows;
        let envelope = Envelope::parse(body, stream.endpoint().envelope)?;
        let settings = envelope.rows.into_iter();
        let mut settings = settings.map(|row| serde_json::from_str(row.get()).unwrap_or_default());
        let is_contractor =
            settings.any(|it: Setting| it.contractor.or(it.enabled).unwrap_or(false));
        Ok::<_, ParseError>(Scheme {
            rows,
            is_contractor,
        })
    };
    let id = request::segment(&organisation_id);
    let (parent, own) = (organisations.endpoint(), stream.endpoint().path);
    let call = ApiRequest {
        path: format!("{}{}/{id}{own}", parent.api.base_path, parent.path),
        tenant: Some(&tenant.id),
        streams: &[stream.name],
        ..ApiRequest::default()
    };
    match session.client.get(&call, parse).await {
        Err(RequestError::Fault(Fault::Refused { status: 404, .. })) => Ok(Scheme::default()),
        result => result.map_err(|error| explain::request(error, stream, tenant.label())),
    }
}
