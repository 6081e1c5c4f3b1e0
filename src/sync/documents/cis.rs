//! Finds out whether an organisation is a contractor in the Construction Industry Scheme of the United
//! Kingdom. Only contacts of a contractor have settings.

use serde::Deserialize;

use crate::failure::Failure;
use crate::json;
use crate::rows::documents::{self, DocumentRow, Parent};
use crate::rows::envelope::Envelope;
use crate::streams::{self, Stream};
use crate::sync::explain;
use crate::sync::session::Session;
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::request::{self, ApiRequest};
use crate::xero::tenants::Tenant;

/// The country code of the United Kingdom in Xero.
const UNITED_KINGDOM: &str = "GB";

/// The settings of the organisation itself.
#[derive(Debug, Default)]
pub(crate) struct Scheme {
    /// The rows about the organisation. Empty outside the United Kingdom.
    pub(crate) rows: Vec<DocumentRow>,
    /// Whether its contacts may have settings.
    pub(crate) is_contractor: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Organisation {
    #[serde(rename = "OrganisationID")]
    id: String,
    country_code: Option<String>,
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
    let to_failure = |error: RequestError, of: &Stream| {
        error.into_failure(|fault| explain::call(fault, of, tenant.label()))
    };
    let Session { client, cache, .. } = session;
    let missing = || Failure::system("There is no list of organisations.");
    let organisations = streams::find("organisations").ok_or_else(missing)?;
    let organisation = cache.get(
        client,
        organisations,
        tenant,
        Some(stream.name),
        organisation,
    );
    let organisation = organisation
        .await
        .map_err(|error| to_failure(error, organisations))?;
    if organisation.country_code.as_deref() != Some(UNITED_KINGDOM) {
        let label = tenant.label();
        tracing::info!(stream = stream.name, "{label} is not in the United Kingdom");
        return Ok(Scheme::default());
    }
    let parent = Parent {
        list: "Organisation",
        id: &organisation.id,
        stamp: None,
    };
    let parse = |body: &[u8]| {
        let rows = documents::read(body, stream, parent)?;
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
    let id = request::segment(&organisation.id);
    let (parent, own) = (organisations.endpoint(), stream.endpoint().path);
    let call = ApiRequest {
        path: format!("{}{}/{id}{own}", parent.api.base_path, parent.path),
        tenant: Some(&tenant.id),
        stream: Some(stream.name),
        ..ApiRequest::default()
    };
    match client.get(&call, parse).await {
        Err(RequestError::Fault(Fault::Refused { status: 404, .. })) => Ok(Scheme::default()),
        asked => asked.map_err(|error| to_failure(error, stream)),
    }
}

fn organisation(body: &[u8]) -> Result<Organisation, String> {
    let envelope = Envelope::parse(body, Some("Organisations"))?;
    let first = envelope
        .rows
        .first()
        .ok_or("the body names no organisation")?;
    json::read(first.get().as_bytes())
        .map_err(|misread| format!("the organisation cannot be read ({misread})"))
}
