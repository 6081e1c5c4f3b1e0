//! Prepares pages before a measurement.

use std::thread;

use crate::clock::{Millis, SECOND};
use crate::entity::{ENDPOINTS, Endpoint, Paging};
use crate::envelope::{self, Head};
use crate::json::Json;
use crate::listing::{self, Listing};
use crate::prepared::{PageKey, PreparedPages, PreparedRows};
use crate::query::Query;
use crate::tenant::Tenant;
use crate::world::World;
use crate::world::slot::Slot;

impl World {
    /// Writes and compresses the pages of 1,000 rows of all organisations, on all processors. To
    /// serve such a page then costs little. The texts of the answers do not change. An edit
    /// of an organisation discards its pages. The pages are those of a client that asks for
    /// `unitdp=4` and continues by `If-Modified-Since`, as the connector does.
    pub fn prepare_pages(&mut self) {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let mut tenants: Vec<&mut Slot> = self.tenants.values_mut().collect();
        let share = tenants.len().div_ceil(threads).max(1);
        thread::scope(|scope| {
            for share in tenants.chunks_mut(share) {
                scope.spawn(|| {
                    for tenant in share {
                        let pages = pages(tenant.get());
                        tenant.get_mut().prepare(pages);
                    }
                });
            }
        });
    }
}

/// The pages that a client gets from the organisation's lists if each of its requests begins where
/// the answer before ended.
fn pages(tenant: &Tenant) -> PreparedPages {
    let mut pages = PreparedPages::new();
    for endpoint in ENDPOINTS {
        if !matches!(endpoint.paging, Paging::Pages { .. }) {
            continue;
        }
        let mut since = None;
        while let Some(listing) = first_page(endpoint, tenant, since) {
            let last = listing.rows.last().map(|row| row.updated / SECOND * SECOND);
            let (key, rows) = prepared(endpoint, tenant, &listing);
            pages.insert(key, rows);
            // More rows of one second than a page has are not prepared.
            if last == since {
                break;
            }
            since = last;
        }
    }
    pages
}

/// The first page of the rows since a moment, of a list that hides nothing and rounds nothing.
fn first_page<'a>(
    endpoint: &'static Endpoint,
    tenant: &'a Tenant,
    since: Option<Millis>,
) -> Option<Listing<'a>> {
    let pairs = [
        ("page", "1"),
        ("pageSize", "1000"),
        ("includeArchived", "true"),
        ("includeDeleted", "true"),
        ("unitdp", "4"),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut query = Query::read(endpoint, &pairs, None).ok()?;
    query.modified_since = since;
    let listing = listing::list(endpoint, tenant, &query).ok()?;
    (!listing.rows.is_empty()).then_some(listing)
}

fn prepared(
    endpoint: &Endpoint,
    tenant: &Tenant,
    listing: &Listing<'_>,
) -> (PageKey, PreparedRows) {
    // The rows do not depend on the call.
    let head = Head {
        provider: "",
        now: 0,
    };
    let mut out = Json::with_capacity(envelope::capacity(listing));
    envelope::open_list(&head, endpoint, listing, &mut out);
    let first = out.bytes().len();
    envelope::close_list(endpoint, listing, tenant, &mut out);
    let rows = PreparedRows::new(&out.bytes()[first..]);
    (
        PageKey::new(endpoint.entity, listing.options, &listing.rows),
        rows,
    )
}
