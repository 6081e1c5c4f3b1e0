//! The login host: `/identity/connect/authorize`. Each form posts to the address of the page, so
//! that the server keeps nothing between two requests.

use super::pages::{self, Choice};
use crate::authorize::{AuthorizeRequest, PageError};
use crate::guid::Guid;
use crate::identity::Consent;
use crate::log::Request;
use crate::reply::Reply;
use crate::rows::Books;
use crate::tenant::TenantId;
use crate::world::World;

/// The path of the page.
pub(super) const PATH: &str = "/identity/connect/authorize";
/// Where a browser ends whose app has reached its limit: `authorize.xero.com/connectionLimit`.
pub(super) const CONNECTION_LIMIT: &str = "/connectionLimit";
/// Uncertified apps that an organisation takes.
const UNCERTIFIED_APPS: usize = 2;

/// Answers the page and its forms.
pub(super) fn answer(world: &mut World, request: &Request) -> Reply {
    step(world, request).unwrap_or_else(|error| pages::error(error.status(), error.text()))
}

fn step(world: &mut World, request: &Request) -> Result<Reply, PageError> {
    let asked = AuthorizeRequest::read(&world.identity, request)?;
    match request.field("action") {
        Some("login") => Ok(picker(world, request, &asked)),
        Some("allow") => allow(world, request, asked),
        Some("cancel") => Ok(redirect(&asked.denied())),
        _ => Ok(pages::login(&address(request), asked.app.as_str())),
    }
}

fn picker(world: &World, request: &Request, asked: &AuthorizeRequest) -> Reply {
    // Xero shows the limit before the organisations, also to a user who has connected all of
    // theirs: community 124574507.
    if has_reached_limit(world, asked, 1) {
        return redirect(CONNECTION_LIMIT);
    }
    let choices = world.open_tenants().map(|tenant| Choice {
        tenant: tenant.id.as_str(),
        name: tenant.name(),
        connected: world.identity.connections.has(&asked.app, &tenant.id),
        full: is_full(world, asked, &tenant.id),
    });
    let choices: Vec<_> = choices.collect();
    let several = world.identity.known(&asked.app).bulk;
    let client_id = asked.app.as_str();
    pages::picker(
        &address(request),
        client_id,
        &asked.scopes,
        &choices,
        several,
    )
}

fn allow(
    world: &mut World,
    request: &Request,
    asked: AuthorizeRequest,
) -> Result<Reply, PageError> {
    let chosen = request.form.iter().filter(|(name, _)| name == "tenant");
    let open = |id: &str| world.open_tenants().find(|tenant| tenant.id.as_str() == id);
    let tenants = chosen.map(|(_, id)| open(id).map(|tenant| tenant.id.clone()));
    let tenants: Option<Vec<_>> = tenants.collect();
    let tenants = tenants.ok_or(PageError::InvalidTenant)?;
    let several = world.identity.known(&asked.app).bulk;
    if tenants.is_empty() || !several && tenants.len() > 1 {
        return Err(PageError::InvalidTenant);
    }
    if tenants.iter().any(|tenant| is_full(world, &asked, tenant)) {
        return Err(PageError::TwoUncertifiedApps);
    }
    let connections = &world.identity.connections;
    let is_new = |tenant: &&TenantId| !connections.has(&asked.app, tenant);
    let new = tenants.iter().filter(is_new).count();
    if has_reached_limit(world, &asked, new) {
        return Ok(redirect(CONNECTION_LIMIT));
    }
    let consent = Consent {
        app: asked.app.clone(),
        tenants,
        scopes: asked.scopes.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        challenge: asked.challenge.clone(),
    };
    let (now, rng) = (world.now(), &mut world.rng);
    let code = world.identity.consent(consent, now, rng);
    let session = Guid::random(rng).to_string();
    Ok(redirect(&asked.granted(&code, &session)))
}

/// Whether the app has no room for this number of further connections.
fn has_reached_limit(world: &World, asked: &AuthorizeRequest, further: usize) -> bool {
    let used = world.identity.connections.of(&asked.app).count();
    used + further > world.identity.known(&asked.app).connections()
}

/// Whether an organisation refuses the app because it has two other uncertified ones.
fn is_full(world: &World, asked: &AuthorizeRequest, tenant: &TenantId) -> bool {
    let identity = &world.identity;
    !identity.known(&asked.app).certified
        && !identity.connections.has(&asked.app, tenant)
        && identity.other_uncertified_apps(&asked.app, tenant) >= UNCERTIFIED_APPS
}

/// The address of the page, with its parameters.
fn address(request: &Request) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(&request.query);
    format!("{PATH}?{}", query.finish())
}

fn redirect(address: &str) -> Reply {
    let reply = Reply {
        status: 302,
        ..Reply::default()
    };
    reply.header("Location", address)
}
