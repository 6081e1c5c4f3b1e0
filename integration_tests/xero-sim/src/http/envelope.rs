//! The envelope of the answers of the Accounting API.

use crate::clock::Millis;
use crate::entity::{Endpoint, Entity};
use crate::guid::Guid;
use crate::json::Json;
use crate::listing::Listing;
use crate::rows::{self, Books, Detail};

/// Room for a row when it is first guessed how long an answer gets: an invoice's size.
const ROW_BYTES: usize = 3 * 1024;

/// What the envelope says of the call itself.
pub(super) struct Head<'a> {
    /// Xero shows the calling app's name; here it is the client id.
    pub(super) provider: &'a str,
    /// The server's clock.
    pub(super) now: Millis,
}

/// The envelope in JSON, its rows written straight into it.
pub(super) fn json(
    head: &Head<'_>,
    endpoint: &Endpoint,
    listing: &Listing<'_>,
    books: &dyn Books,
) -> Vec<u8> {
    let mut out = Json::with_capacity(1024 + ROW_BYTES * listing.rows.len());
    open(head, &mut out);
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
    // A single budget stands there as an object, everything else in an array.
    let bare = endpoint.entity == Entity::Budgets && listing.options.detail == Detail::Single;
    if !bare {
        out.open_array();
    }
    for row in &listing.rows {
        rows::render(endpoint.entity, row, books, listing.options, &mut out);
    }
    if !bare {
        out.close_array();
    }
    out.close_object();
    out.into_bytes()
}

/// Begins the object that is the envelope.
pub(super) fn open(head: &Head<'_>, out: &mut Json) {
    out.open_object();
    out.key("Id").guid(call_id().0);
    out.key("Status").string("OK");
    out.key("ProviderName").string(head.provider);
    out.key("DateTimeUTC").date_plain(head.now);
}

/// The envelope in XML, without rows: enough for a client to see that it forgot to ask for
/// JSON.
pub(super) fn xml(head: &Head<'_>) -> String {
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

/// Names one call, so it need not follow from the world's seed.
fn call_id() -> Guid {
    Guid::random(&mut fastrand::Rng::new())
}
