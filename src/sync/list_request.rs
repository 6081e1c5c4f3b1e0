//! Builds the request for one step of a walk.

use chrono::DateTime;

use crate::streams::{Endpoint, Stream};
use crate::walk::{PageRequest, SortBy};
use crate::xero::api::Api;
use crate::xero::request::{self, ApiRequest};
use crate::xero::tenants::TenantId;

/// Builds the request for `page` of the list of `stream`. The statuses of `streams` show the
/// waits for rate limits.
pub(crate) fn list_request<'a>(
    stream: &Stream,
    page: &PageRequest,
    tenant: &'a TenantId,
    streams: &'a [&'static str],
) -> ApiRequest<'a> {
    let Endpoint {
        api,
        path,
        envelope,
        ..
    } = stream.endpoint();
    let id = page
        .id
        .as_ref()
        .map(|id| format!("/{}", request::segment(id)));
    ApiRequest {
        path: format!("{}{path}{}", api.base_path, id.unwrap_or_default()),
        query: query(stream, page),
        tenant: (!stream.belongs_to_token()).then_some(tenant),
        modified_since: page.modified_since,
        streams,
        unchanged_body: envelope.map_or("[]".to_owned(), |key| format!(r#"{{"{key}":[]}}"#)),
        ..ApiRequest::default()
    }
}

/// Returns the query parameters of the request for `page` of the rows of `stream`.
pub(crate) fn query(stream: &Stream, page: &PageRequest) -> Vec<(&'static str, String)> {
    let Endpoint {
        api,
        params,
        required_filter,
        ..
    } = stream.endpoint();
    let fixed = params.iter();
    let mut query: Vec<_> = fixed
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let mut add = |name, value: Option<String>| query.extend(value.map(|value| (name, value)));
    if let (Some(filter), Some(part)) = (required_filter, page.part) {
        add(
            filter.name,
            filter.values.get(part).map(|value| (*value).to_owned()),
        );
    }
    let order = page.order.and_then(|order| match order {
        SortBy::Cursor => stream.cursor,
        SortBy::Id => Some(stream.id()),
    });
    add("order", order.map(|field| format!("{field} ASC")));
    add(api.page, page.page.map(|page| page.to_string()));
    add(api.page_size, page.page_size.map(|size| size.to_string()));
    add(api.offset, page.offset.map(|offset| offset.to_string()));
    add(
        "where",
        page.before.and_then(|midnight| before(api, midnight)),
    );
    query
}

/// Builds the filter for rows that changed before `midnight`.
fn before(api: &Api, midnight: i64) -> Option<String> {
    let date = DateTime::from_timestamp_millis(midnight)?;
    Some(format!("UpdatedDateUTC<{}", date.format(api.filter_date)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::find;

    #[test]
    fn a_request_follows_the_api_of_its_list() {
        let tenant = TenantId::new("T");
        let page = PageRequest {
            page: Some(2),
            before: Some(1_767_225_600_000),
            ..PageRequest::default()
        };
        for (name, path, has_tenant, unchanged) in [
            (
                "invoices",
                "/api.xro/2.0/Invoices",
                true,
                r#"{"Invoices":[]}"#,
            ),
            ("connections", "/connections", false, "[]"),
        ] {
            let stream = find(name).expect("the stream exists");
            let request = list_request(stream, &page, &tenant, &[]);
            assert_eq!(
                (request.path.as_str(), request.tenant.is_some()),
                (path, has_tenant)
            );
            assert_eq!(request.unchanged_body, unchanged);
            let end = &request.query[request.query.len() - 2..];
            let before = "UpdatedDateUTC<DateTime(2026,01,01)".to_owned();
            assert_eq!(end, [("page", "2".to_owned()), ("where", before)]);
        }
    }
}
