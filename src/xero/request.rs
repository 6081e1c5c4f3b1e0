//! Describes requests to Xero as data, and builds the HTTP requests.

use std::cell::Cell;

use chrono::DateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, HeaderValue, IF_MODIFIED_SINCE};
use reqwest::{Client, RequestBuilder, Url};

use crate::secret::Secret;
use crate::xero::tenants::TenantId;

/// 1753-01-01 in seconds since the epoch. An earlier `If-Modified-Since` makes Xero's database fail
/// with a 500.
pub(crate) const EARLIEST: i64 = -6_847_804_800;

/// Characters that a path segment encodes: all except the unreserved ones of RFC 3986, 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const ANY_BYTES: &str = "application/octet-stream";

/// A GET request to Xero, as data.
#[derive(Debug, Default)]
pub(crate) struct ApiRequest<'a> {
    /// The path below the base URL.
    pub(crate) path: String,
    /// The query parameters.
    pub(crate) query: Vec<(&'a str, String)>,
    /// The `xero-tenant-id` header. Without it the request is about the token itself, and no rate
    /// limit of an organisation applies.
    pub(crate) tenant: Option<&'a TenantId>,
    /// The `If-Modified-Since` header, seconds since the epoch.
    pub(crate) modified_since: Option<i64>,
    /// The media type of the requested file, empty if unknown. `None` requests JSON.
    pub(crate) file_type: Option<&'a str>,
    /// The streams that need the response. Their statuses show waits for rate limits, and log lines
    /// name the first one.
    pub(crate) streams: &'a [&'static str],
    /// The request is about one document among many. The others are read even if it fails.
    pub(crate) is_one_of_many: bool,
    /// Counts the attempts after the first one.
    pub(crate) retries: Option<&'a Cell<usize>>,
    /// Gets the number of bytes of the last body as it was received, before decompression.
    pub(crate) received: Option<&'a Cell<u64>>,
    /// The body to assume for a 304. If nothing changed, Xero usually sends 200 with an empty list,
    /// but has also sent 304.
    pub(crate) unchanged_body: String,
}

impl<'a> ApiRequest<'a> {
    /// Counts one more attempt.
    pub(crate) fn count_retry(&self) {
        if let Some(retries) = self.retries {
            retries.set(retries.get() + 1);
        }
    }

    /// Returns the stream that log lines name.
    pub(crate) fn stream(&self) -> Option<&'static str> {
        self.streams.first().copied()
    }

    /// Builds the HTTP request to the API at `base_url`.
    pub(crate) fn build(&self, client: &Client, base_url: &str, token: &Secret) -> RequestBuilder {
        let request = client.get(self.url(base_url)).bearer_auth(token.expose());
        let mut request = match self.file_type {
            // Without this header Xero sends XML.
            None => request.header(ACCEPT, "application/json"),
            // The headers of Xero's SDKs, which its OpenAPI demands. Errors may have any format.
            Some(media_type) => {
                let media_type = HeaderValue::from_str(media_type);
                let media_type = media_type.ok().filter(|it| !it.is_empty());
                let media_type = media_type.unwrap_or(HeaderValue::from_static(ANY_BYTES));
                request
                    .header(ACCEPT, ANY_BYTES)
                    .header("contentType", media_type)
            }
        };
        if let Some(tenant) = self.tenant {
            request = request.header("xero-tenant-id", &**tenant);
        }
        let since = self.modified_since.map(|since| since.max(EARLIEST));
        if let Some(since) = since.and_then(|since| DateTime::from_timestamp(since, 0)) {
            // The documentation shows no time zone and the OpenAPI demands one. Xero's SDKs send Z.
            let since = since.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            request = request.header(IF_MODIFIED_SINCE, since);
        }
        request
    }

    fn url(&self, base_url: &str) -> String {
        let address = format!("{base_url}{}", self.path);
        let Ok(mut url) = Url::parse_with_params(&address, &self.query) else {
            return address; // reqwest reports what is wrong
        };
        // `parse_with_params` writes a space as +, but Xero's examples write it as %20.
        let query = url.query().filter(|query| !query.is_empty());
        let query = query.map(|query| query.replace('+', "%20"));
        url.set_query(query.as_deref());
        url.into()
    }
}

/// Encodes an id as one segment of a path. Ids come from rows and states, so an id must not be able
/// to change the address.
pub(crate) fn segment(id: &str) -> String {
    match id {
        // URL parsers resolve these even if they are encoded. Encoded twice they become ids that
        // Xero does not know.
        "." | ".." => id.replace('.', "%252E"),
        _ => utf8_percent_encode(id, ENCODED).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_with_any_characters_is_one_segment() {
        for (id, path) in [
            (
                "70784a63-d24b-46a9-a4db-0e70a274b056",
                "/I/70784a63-d24b-46a9-a4db-0e70a274b056/H",
            ),
            ("{A}", "/I/%7BA%7D/H"),
            ("a/../../Users", "/I/a%2F..%2F..%2FUsers/H"),
            ("a?b=c#d", "/I/a%3Fb%3Dc%23d/H"),
            ("%2e%2e", "/I/%252e%252e/H"),
            ("..", "/I/%252E%252E/H"),
            (".", "/I/%252E/H"),
            ("a\\b c\u{e9}\n", "/I/a%5Cb%20c%C3%A9%0A/H"),
        ] {
            let call = ApiRequest {
                path: format!("/I/{}/H", segment(id)),
                ..ApiRequest::default()
            };
            assert_eq!(
                call.url("http://a.b"),
                format!("http://a.b{path}"),
                "{id:?}"
            );
        }
    }

    #[test]
    fn urls_are_written_as_xero_writes_them() {
        let call = |path: &str, query| ApiRequest {
            path: path.to_owned(),
            query,
            ..ApiRequest::default()
        };
        let order = vec![("order", "UpdatedDateUTC ASC".to_owned())];
        for (api, call, url) in [
            (
                "https://a.b",
                call("/connections", vec![]),
                "https://a.b/connections",
            ),
            (
                "https://a.b",
                call("/I", order.clone()),
                "https://a.b/I?order=UpdatedDateUTC%20ASC",
            ),
            (
                "http://a.b/x+y",
                call("/I", order),
                "http://a.b/x+y/I?order=UpdatedDateUTC%20ASC",
            ),
            (
                "http://a.b",
                call("/I", vec![("q", "a+b&c".to_owned())]),
                "http://a.b/I?q=a%2Bb%26c",
            ),
        ] {
            assert_eq!(call.url(api), url);
        }
    }
}
