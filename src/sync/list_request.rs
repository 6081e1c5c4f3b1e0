//! One step of a walk as a request to Xero.

use chrono::DateTime;

use crate::streams::{Endpoint, Stream};
use crate::walk::{PageRequest, SortBy};
use crate::xero::api::ACCOUNTING;
use crate::xero::request::{self, ApiRequest};
use crate::xero::tenants::TenantId;

/// Builds the request for `ask`, one step of a walk over the list of `stream`. The status of the
/// stream `told` reports the waits for rate limits.
pub(crate) fn list_request<'a>(
    stream: &Stream,
    ask: &PageRequest,
    tenant: &'a TenantId,
    told: Option<&'static str>,
) -> ApiRequest<'a> {
    let Endpoint {
        path,
        envelope,
        params,
        ..
    } = stream.endpoint();
    let fixed = params.iter();
    let mut query: Vec<_> = fixed
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let mut add = |name, value: Option<String>| query.extend(value.map(|value| (name, value)));
    let order = ask.order.and_then(|order| match order {
        SortBy::Cursor => stream.cursor,
        SortBy::Id => Some(stream.id()),
    });
    add("order", order.map(|field| format!("{field} ASC")));
    add("page", ask.page.map(|page| page.to_string()));
    add("pageSize", ask.page_size.map(|size| size.to_string()));
    add("offset", ask.offset.map(|offset| offset.to_string()));
    add("where", ask.before.and_then(before));
    let id = ask
        .id
        .as_ref()
        .map(|id| format!("/{}", request::segment(id)));
    let base = envelope.map_or("", |_| ACCOUNTING);
    ApiRequest {
        path: format!("{base}{path}{}", id.unwrap_or_default()),
        query,
        tenant: envelope.map(|_| tenant),
        modified_since: ask.modified_since,
        stream: told,
        unchanged_body: envelope.map_or("[]".to_owned(), |key| format!(r#"{{"{key}":[]}}"#)),
        ..ApiRequest::default()
    }
}

/// Builds the filter for rows that changed before `midnight`, in Xero's notation for dates.
fn before(midnight: i64) -> Option<String> {
    let date = DateTime::from_timestamp_millis(midnight)?;
    Some(date.format("UpdatedDateUTC<DateTime(%Y,%m,%d)").to_string())
}
