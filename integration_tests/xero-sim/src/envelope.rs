//! The envelope of the answers of the Accounting API.

use crate::clock::Millis;
use crate::entity::{Endpoint, Entity};
use crate::guid::Guid;
use crate::json::Json;
use crate::listing::Listing;
use crate::rows::{self, Books, Detail};

/// Estimated bytes of a row, for the first capacity of a buffer: the size of an invoice.
const ROW_BYTES: usize = 3 * 1024;

/// The fields of the envelope about the call itself.
pub(crate) struct Head<'a> {
    /// Xero shows the calling app's name; here it is the client id.
    pub(crate) provider: &'a str,
    /// The server's clock.
    pub(crate) now: Millis,
}

/// Writes the envelope in JSON, with its rows.
pub(crate) fn json(
    head: &Head<'_>,
    endpoint: &Endpoint,
    listing: &Listing<'_>,
    books: &dyn Books,
) -> Vec<u8> {
    let mut out = Json::with_capacity(capacity(listing));
    open_list(head, endpoint, listing, &mut out);
    close_list(endpoint, listing, books, &mut out);
    out.into_bytes()
}

/// Estimated bytes of a list.
pub(crate) fn capacity(listing: &Listing<'_>) -> usize {
    1024 + ROW_BYTES * listing.rows.len()
}

/// Writes the part of a list before its first row.
pub(crate) fn open_list(
    head: &Head<'_>,
    endpoint: &Endpoint,
    listing: &Listing<'_>,
    out: &mut Json,
) {
    open(head, out);
    if let Some(pagination) = listing.pagination {
        out.key("pagination").open_object();
        for (name, value) in [
            ("page", pagination.page),
            ("pageSize", pagination.page_size),
            ("pageCount", pagination.page_count),
            ("itemCount", pagination.item_count),
        ] {
            out.key(name).number(&value.to_string());
        }
        out.close_object();
    }
    out.key(endpoint.key);
    if !is_bare(endpoint, listing) {
        out.open_array();
    }
}

/// Writes the part of a list from its first row on. It does not depend on the call.
pub(crate) fn close_list(
    endpoint: &Endpoint,
    listing: &Listing<'_>,
    books: &dyn Books,
    out: &mut Json,
) {
    for row in &listing.rows {
        rows::render(endpoint.entity, row, books, listing.options, out);
    }
    if !is_bare(endpoint, listing) {
        out.close_array();
    }
    out.close_object();
}

/// Whether the envelope holds an object and no array, as it does for a single budget.
fn is_bare(endpoint: &Endpoint, listing: &Listing<'_>) -> bool {
    endpoint.entity == Entity::Budgets && listing.options.detail == Detail::Single
}

/// Begins the object that is the envelope.
pub(crate) fn open(head: &Head<'_>, out: &mut Json) {
    out.open_object();
    out.key("Id").guid(call_id().0);
    out.key("Status").string("OK");
    out.key("ProviderName").string(head.provider);
    out.key("DateTimeUTC").date_plain(head.now);
}

/// Writes the envelope in XML without rows. A client sees from it that it did not request JSON.
pub(crate) fn xml(head: &Head<'_>) -> String {
    let (id, provider, now) = (call_id(), head.provider, head.now);
    let time = chrono::DateTime::from_timestamp_millis(now).expect("a year that chrono knows");
    let time = time.format("%Y-%m-%dT%H:%M:%S%.3fZ");
    format!(
        "<Response xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\r\n  \
         <Id>{id}</Id>\r\n  <Status>OK</Status>\r\n  \
         <ProviderName>{provider}</ProviderName>\r\n  \
         <DateTimeUTC>{time}</DateTimeUTC>\r\n</Response>"
    )
}

/// Identifies one call. It does not depend on the seed.
fn call_id() -> Guid {
    Guid::random(&mut fastrand::Rng::new())
}
