//! `/api.xro/2.0`: who may ask, what is asked, and the answer in its envelope.

use std::sync::Arc;

use super::envelope;
use super::headers::{correlated, left};
use super::incoming::bearer;
use crate::app::{App, Kind, Tier};
use crate::entity::{ENDPOINTS, Endpoint, Entity};
use crate::guid::Guid;
use crate::identity::BadBearer;
use crate::limits::{Caller, Remaining};
use crate::listing::{self, Listing};
use crate::log::Request;
use crate::problem;
use crate::query::Query;
use crate::reply::Reply;
use crate::rows::{Books, Detail, Millis, Options};
use crate::scope;
use crate::shared::{Shared, Slot};
use crate::tenant::{Tenant, TenantId};
use crate::token::Grant;
use crate::world::World;

/// An admitted call: what is to be written, and into what. One that is refused for what it
/// asks holds its place like any other.
pub(super) struct Order {
    caller: Caller,
    remaining: Remaining,
    ask: Result<Ask, Reply>,
}

/// What a call asks for.
struct Ask {
    endpoint: &'static Endpoint,
    /// One document instead of the list.
    single: Option<Guid>,
    query: Query,
    as_json: bool,
}

/// Decides all that does not need the rows. A call that reaches the limits counts, also
/// if it is refused afterwards.
pub(super) fn open(
    shared: &Arc<Shared>,
    request: &Request,
    path: &str,
) -> Result<(Order, Slot), Reply> {
    let mut world = shared.world();
    let now = world.now();
    let (caller, app, grant) = caller(&world, request)?;
    let seed = world.known(&caller.tenant).seed;
    let admitted = world.limits.admit(&caller, app.tier, seed, now);
    let remaining =
        admitted.map_err(|exceeded| left(problem::exceeded(exceeded), exceeded.remaining))?;
    let offline = world.known(&caller.tenant).offline;
    drop(world);

    let slot = Slot::new(shared, caller.clone());
    let ask = || {
        if offline {
            return Err(problem::organisation_offline());
        }
        let (endpoint, single) = route(path).ok_or_else(problem::not_found)?;
        if request.method != "GET" {
            return Err(problem::not_implemented());
        }
        permitted(&grant, &app, endpoint)?;
        let since = request.if_modified_since.as_deref();
        let pairs = request.query.iter();
        let known: Vec<_> = pairs
            .filter(|(name, _)| endpoint.knows(name))
            .cloned()
            .collect();
        let query = Query::read(&known, since);
        Ok(Ask {
            query: query.map_err(|bad| problem::unreadable_where(&bad))?,
            as_json: accepts_json(request),
            endpoint,
            single,
        })
    };
    let order = Order {
        caller,
        remaining,
        ask: ask(),
    };
    Ok((order, slot))
}

/// Completes an answer that is given in the place of the honest one. It costs nothing of
/// the limits, yet tells what is left of them to whoever may ask.
pub(super) fn complete(world: &mut World, request: &Request, reply: Reply) -> Reply {
    let reply = match caller(world, request) {
        Ok((caller, app, _)) => {
            let (seed, now) = (world.known(&caller.tenant).seed, world.now());
            left(reply, world.limits.remaining(&caller, app.tier, seed, now))
        }
        Err(_) => reply,
    };
    correlated(reply)
}

/// Who calls, with which app and by which grant.
fn caller(world: &World, request: &Request) -> Result<(Caller, App, Grant), Reply> {
    let token = bearer(request).ok_or(BadBearer::Unknown);
    let grant = token.and_then(|token| world.identity.bearer(token, world.now()));
    let grant = grant.map_err(problem::bad_bearer)?.clone();
    let app = world.identity.app(&grant.app);
    let app = app.expect("a token's app is registered").clone();
    let caller = Caller {
        tenant: connected(world, &app, request).ok_or_else(problem::forbidden)?,
        app: app.id.clone(),
    };
    Ok((caller, app, grant))
}

/// The organisation of a call, if the app is connected to it. A custom connection need
/// not name its only one.
fn connected(world: &World, app: &App, request: &Request) -> Option<TenantId> {
    let named = request.tenant.as_deref().filter(|id| !id.is_empty());
    let id = match (named, &app.kind) {
        (Some(id), _) => id,
        (None, Kind::CustomConnection(tenant)) => tenant.as_str(),
        (None, Kind::Web) => return None,
    };
    let mut connections = world.identity.connections.of(&app.id);
    connections
        .find(|connection| connection.tenant.as_str() == id)
        .map(|connection| connection.tenant.clone())
}

/// The endpoint of a path below `/api.xro/2.0`, and the document that it names.
fn route(path: &str) -> Option<(&'static Endpoint, Option<Guid>)> {
    let list = |path: &str| ENDPOINTS.iter().find(|endpoint| endpoint.path == path);
    if let Some(endpoint) = list(path) {
        return Some((endpoint, None));
    }
    let (parent, id) = path.rsplit_once('/')?;
    // Tables without a GUID of their own, such as Currencies, have no such address.
    let endpoint = list(parent).filter(|endpoint| endpoint.id.ends_with("ID"))?;
    Some((endpoint, Some(Guid::parse(id)?)))
}

/// A scope that the token lacks and an endpoint that the app may not use get the same 401.
fn permitted(grant: &Grant, app: &App, endpoint: &Endpoint) -> Result<(), Reply> {
    let in_tier = app.tier == Tier::Advanced || endpoint.entity != Entity::Journals;
    if in_tier && scope::opens(&grant.scopes, endpoint.scopes) {
        Ok(())
    } else {
        Err(problem::unauthorized(problem::UNAUTHORIZED))
    }
}

/// Xero speaks XML unless it is asked for JSON by name; `*/*` does not ask.
fn accepts_json(request: &Request) -> bool {
    let accept = request.accept.as_deref().unwrap_or_default();
    accept.to_ascii_lowercase().contains("json")
}

impl Order {
    /// The organisation's books as they are now.
    pub(super) fn snapshot(&self, world: &World) -> Arc<Tenant> {
        Arc::clone(world.known(&self.caller.tenant))
    }

    /// Writes the answer from a snapshot taken at `now`.
    pub(super) fn write(&self, tenant: &Tenant, now: Millis) -> Reply {
        let asked = self.ask.as_ref().map_err(Reply::clone);
        let body = asked.and_then(|ask| ask.body(self.caller.app.as_str(), tenant, now));
        let reply = body.unwrap_or_else(|refused| refused);
        correlated(left(reply, self.remaining))
    }
}

impl Ask {
    fn body(&self, provider: &str, tenant: &Tenant, now: Millis) -> Result<Reply, Reply> {
        let listing = match self.single {
            Some(id) => {
                let mut rows = tenant.rows(self.endpoint.entity).iter();
                let row = rows.find(|row| row.id == id.0);
                Listing {
                    rows: vec![row.ok_or_else(problem::not_found)?],
                    options: Options {
                        detail: Detail::Single,
                        unitdp: self.query.unitdp,
                    },
                    pagination: None,
                }
            }
            None => listing::list(self.endpoint, tenant, &self.query)
                .map_err(|_| problem::high_volume())?,
        };
        let head = envelope::Head { provider, now };
        let reply = if self.as_json {
            let body = envelope::json(&head, self.endpoint, &listing, tenant);
            Reply::json(200, body)
        } else {
            Reply::new(200, "text/xml; charset=utf-8", envelope::xml(&head))
        };
        Ok(Reply {
            rows: Some(listing.rows.len()),
            ..reply
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_a_list_or_a_document() {
        let id = "/00000000-0000-4000-8000-000000000001";
        for (path, expected) in [
            ("/Invoices", Some((Entity::Invoices, false))),
            ("/Organisation", Some((Entity::Organisations, false))),
            (
                "/Organisation/Actions",
                Some((Entity::OrganisationActions, false)),
            ),
            ("/Employees", None),
            ("/Invoices/History", None),
            ("", None),
        ] {
            let found = route(path).map(|(endpoint, id)| (endpoint.entity, id.is_some()));
            assert_eq!(found, expected, "{path}");
        }
        for (list, has_documents) in [("/Invoices", true), ("/Currencies", false)] {
            let found = route(&format!("{list}{id}"));
            assert_eq!(found.is_some(), has_documents, "{list}");
        }
    }
}
