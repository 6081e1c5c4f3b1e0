//! The APIs: checks the caller and the rate limits of a call.

use std::sync::Arc;

use super::api_call::ApiCall;
use super::call::Call;
use super::headers::{correlated, left};
use super::incoming;
use crate::app::App;
use crate::clock::Millis;
use crate::limits::{Caller, Remaining};
use crate::log::Request;
use crate::problem;
use crate::reply::Reply;
use crate::rows::Country;
use crate::server_state::{ServerState, Slot};
use crate::tenant::{Tenant, TenantId};
use crate::token::Grant;
use crate::world::World;

/// An admitted call and its caller. A call that is refused because of its parameters holds its slot
/// too.
pub(super) struct AdmittedCall {
    caller: Caller,
    remaining: Remaining,
    call: Result<Admitted, Reply>,
}

enum Admitted {
    Accounting(Call),
    Other(Box<ApiCall>),
}

/// Makes all decisions that do not need the rows. A call that passes the limits counts, even if it
/// is refused afterwards.
pub(super) fn open(
    shared: &Arc<ServerState>,
    request: &Request,
) -> Result<(AdmittedCall, Slot), Reply> {
    let mut world = shared.world();
    let now = world.now();
    let (caller, app, grant) = match caller(&world, request) {
        Ok(known) => known,
        Err(refused) => return Err(with_remaining(&mut world, request, refused)),
    };
    let seed = world.known(&caller.tenant).seed;
    let admitted = world.limits.admit(&caller, app.tier, seed, now);
    let remaining =
        admitted.map_err(|exceeded| left(problem::exceeded(exceeded), exceeded.remaining))?;
    let tenant = world.known(&caller.tenant);
    let (offline, shows_reports) = (tenant.offline, tenant.shows_reports);
    let payroll_forbidden = tenant.payroll_forbidden;
    let country = Country::of(tenant.as_ref());
    world.passed(&caller);
    drop(world);

    let slot = Slot::new(shared, caller.clone());
    let call = || {
        if offline {
            return Err(problem::organisation_offline());
        }
        match request.path.strip_prefix("/api.xro/") {
            Some(path) => {
                let path = path.strip_prefix("2.0").ok_or_else(problem::not_found)?;
                let call = Call::read(request, path, &grant, &app, shows_reports);
                call.map(Admitted::Accounting)
            }
            None if payroll_forbidden && is_payroll(&request.path) => Err(problem::forbidden()),
            None => {
                let call = ApiCall::read(request, &grant, country);
                call.map(|call| Admitted::Other(Box::new(call)))
            }
        }
    };
    let admitted = AdmittedCall {
        caller,
        remaining,
        call: call(),
    };
    Ok((admitted, slot))
}

/// Whether a path is one of the payroll APIs.
fn is_payroll(path: &str) -> bool {
    path.starts_with("/payroll.xro/")
}

/// Completes an answer that replaces the simulator's own. It costs no call of the limits.
pub(super) fn complete(world: &mut World, request: &Request, reply: Reply) -> Reply {
    correlated(with_remaining(world, request, reply))
}

/// Adds the remaining calls to an answer outside the limits, as far as it is known whose they are: all
/// answers have them. A token that is not one shows no app, and a call without an organisation has
/// only the minute of its app.
fn with_remaining(world: &mut World, request: &Request, reply: Reply) -> Reply {
    let app = incoming::bearer(request).and_then(|token| world.identity.bearers_app(token));
    let Some(app) = app.cloned() else {
        return reply;
    };
    let now = world.now();
    let named = request.tenant_id.as_ref().or_else(|| app.only_tenant());
    let Some(tenant) = named.cloned() else {
        let minute = world.limits.app_remaining(&app.id, now);
        return reply.or_header("X-AppMinLimit-Remaining", minute);
    };
    let seed = world.known(&tenant).seed;
    let (tier, app) = (app.tier, app.id);
    let caller = Caller { app, tenant };
    left(reply, world.limits.remaining(&caller, tier, seed, now))
}

/// The caller: its app and its grant.
fn caller(world: &World, request: &Request) -> Result<(Caller, App, Grant), Reply> {
    let grant = incoming::grant(world, request);
    let grant = grant.map_err(problem::bad_bearer)?.clone();
    let app = world.identity.app(&grant.app);
    let app = app.expect("a token's app is registered").clone();
    let caller = Caller {
        tenant: opened(world, &app, request).ok_or_else(problem::forbidden)?,
        app: app.id.clone(),
    };
    Ok((caller, app, grant))
}

/// Returns the organisation of a call, if the app is connected to it and the user may read it. A
/// custom connection need not name its only organisation.
fn opened(world: &World, app: &App, request: &Request) -> Option<TenantId> {
    let named = request.tenant.as_deref().filter(|id| !id.is_empty());
    let id = named.or_else(|| app.only_tenant().map(TenantId::as_str))?;
    let mut connections = world.identity.connections.of(&app.id);
    let connected = connections.find(|connection| connection.tenant.as_str() == id)?;
    let is_open = world.known(&connected.tenant).is_open();
    is_open.then(|| connected.tenant.clone())
}

impl AdmittedCall {
    /// The organisation's current books.
    pub(super) fn snapshot(&self, world: &World) -> Arc<Tenant> {
        Arc::clone(world.known(&self.caller.tenant))
    }

    /// Writes the answer from a snapshot taken at `now`.
    pub(super) fn write(&self, tenant: &Tenant, now: Millis, accepts_gzip: bool) -> Reply {
        let asked = self.call.as_ref().map_err(Reply::clone);
        let app = self.caller.app.as_str();
        let body = asked.and_then(|call| match call {
            Admitted::Accounting(call) => call.body(app, tenant, now, accepts_gzip),
            Admitted::Other(call) => call.body(app, tenant, now),
        });
        let reply = body.unwrap_or_else(|refused| refused);
        correlated(left(reply, self.remaining))
    }
}
