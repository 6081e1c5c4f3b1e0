//! Prepares pages before a measurement.

use std::sync::Arc;
use std::thread;

use crate::entity::{ENDPOINTS, Endpoint, Paging};
use crate::envelope::{self, Head};
use crate::json::Json;
use crate::listing::{self, Listing};
use crate::prepared::{PageKey, PreparedPages, PreparedRows};
use crate::query::Query;
use crate::tenant::Tenant;
use crate::world::World;

impl World {
    /// Writes and compresses the pages of 1,000 rows of all organisations, on all processors. To
    /// serve such a page then costs little. The texts of the answers do not change. An edit
    /// of an organisation discards its pages. Lists whose unit amounts can have four decimals
    /// are prepared for `unitdp=4`.
    pub fn prepare_pages(&mut self) {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let mut tenants: Vec<&mut Arc<Tenant>> = self.tenants.values_mut().collect();
        let share = tenants.len().div_ceil(threads).max(1);
        thread::scope(|scope| {
            for share in tenants.chunks_mut(share) {
                scope.spawn(|| {
                    for tenant in share {
                        let pages = pages(tenant);
                        Arc::make_mut(tenant).prepare(pages);
                    }
                });
            }
        });
    }
}

/// All pages of the organisation's lists that have pages of 1,000 rows.
fn pages(tenant: &Tenant) -> PreparedPages {
    let has_pages = |endpoint: &&Endpoint| matches!(endpoint.paging, Paging::Pages { .. });
    let lists = ENDPOINTS.iter().filter(has_pages);
    let pages = lists.flat_map(|endpoint| {
        let listed = (1..).map_while(|number| page(endpoint, tenant, number));
        listed.map(|listing| prepared(endpoint, tenant, &listing))
    });
    pages.collect()
}

/// A page of a list that hides nothing and rounds nothing, unless it is behind the last one.
fn page<'a>(endpoint: &Endpoint, tenant: &'a Tenant, number: usize) -> Option<Listing<'a>> {
    let number = number.to_string();
    let pairs = [
        ("page", number.as_str()),
        ("pageSize", "1000"),
        ("includeArchived", "true"),
        ("includeDeleted", "true"),
        ("unitdp", "4"),
    ];
    let known = pairs.iter().filter(|(name, _)| endpoint.knows(name));
    let known: Vec<_> = known
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let query = Query::read(&known, None).ok()?;
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
    (PageKey::of(endpoint.entity, listing), rows)
}
