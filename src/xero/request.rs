//! One request to Xero as data.

use std::cell::Cell;

use chrono::DateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, HeaderValue, IF_MODIFIED_SINCE};
use reqwest::{Client, RequestBuilder, Url};

use crate::secret::Secret;
use crate::xero::tenants::TenantId;

/// 1753-01-01, seconds since the epoch: an earlier `If-Modified-Since` makes Xero's database fail with a 500.
pub(crate) const EARLIEST: i64 = -6_847_804_800;

/// What is encoded in a path: all but the unreserved characters of RFC 3986, 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const ANY_BYTES: &str = "application/octet-stream";

/// What is asked, and on whose behalf.
#[derive(Debug, Default)]
pub(crate) struct Call<'a> {
    /// Below the API's base URL.
    pub(crate) path: String,
    /// Query parameters.
    pub(crate) query: Vec<(&'a str, String)>,
    /// `xero-tenant-id`; without one the call is about the token itself and no limit of an organisation holds.
    pub(crate) tenant: Option<&'a TenantId>,
    /// `If-Modified-Since`, seconds since the epoch.
    pub(crate) modified_since: Option<i64>,
    /// The media type of the file that is asked for, empty if unknown; none where JSON is.
    pub(crate) file: Option<&'a str>,
    /// Whose status tells of waits.
    pub(crate) stream: Option<&'static str>,
    /// It is about one document among many: the others do without it if it fails.
    pub(crate) is_one_of_many: bool,
    /// Counts attempts after the first, where calls are counted.
    pub(crate) more: Option<&'a Cell<usize>>,
    /// The body that a 304 stands for. Xero answers 200 with an empty list where
    /// nothing has changed, but 304 was seen.
    pub(crate) unchanged: String,
}

impl<'a> Call<'a> {
    /// Counts one attempt more.
    pub(crate) fn again(&self) {
        if let Some(more) = self.more {
            more.set(more.get() + 1);
        }
    }

    /// The request to the API at `api`, rebuilt for each attempt.
    pub(crate) fn request(&self, client: &Client, api: &str, token: &Secret) -> RequestBuilder {
        let request = client.get(self.url(api)).bearer_auth(token.expose());
        let mut request = match self.file {
            // Without it Xero answers in XML.
            None => request.header(ACCEPT, "application/json"),
            // As Xero's own SDKs ask, and its OpenAPI demands. Errors are read in any form.
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
            // The documented form has no zone, the published OpenAPI demands one; Xero's own SDKs send Z.
            let since = since.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            request = request.header(IF_MODIFIED_SINCE, since);
        }
        request
    }

    fn url(&self, api: &str) -> String {
        let address = format!("{api}{}", self.path);
        let Ok(mut url) = Url::parse_with_params(&address, &self.query) else {
            return address; // reqwest says what is wrong with it
        };
        // Forms write a space as +; Xero's examples write it as %20.
        let query = url.query().filter(|query| !query.is_empty());
        let query = query.map(|query| query.replace('+', "%20"));
        url.set_query(query.as_deref());
        url.into()
    }
}

/// An id as one segment of a path. Ids come from rows and states: whatever they hold, it must
/// not lead to another address.
pub(crate) fn segment(id: &str) -> String {
    match id {
        // URLs resolve these however they are encoded. Encoded twice they are ids that Xero
        // does not know.
        "." | ".." => id.replace('.', "%252E"),
        _ => utf8_percent_encode(id, ENCODED).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_segment_whatever_it_holds() {
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
            let call = Call {
                path: format!("/I/{}/H", segment(id)),
                ..Call::default()
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
        let call = |path: &str, query| Call {
            path: path.to_owned(),
            query,
            ..Call::default()
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
