//! Reads an HTTP request and converts it to an entry of the log.

use axum::body::to_bytes;
use axum::extract::Request as HttpRequest;
use axum::http::HeaderMap;

use super::api_call::not_described;
use crate::apis::is_api;
use crate::identity::BadBearer;
use crate::log::Request;
use crate::server_state::ServerState;
use crate::tenant::TenantId;
use crate::token::Grant;
use crate::world::World;

/// Xero's limit on the size of a request.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// Reads a request whole.
pub(super) async fn read(shared: &ServerState, request: HttpRequest) -> Request {
    let (head, body) = request.into_parts();
    // An unreadable body counts as empty, and the token endpoint refuses it.
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let header = |name| header(&head.headers, name);
    let mut read = Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: pairs(head.uri.query().unwrap_or_default().as_bytes()),
        form: pairs(&body),
        authorization: header("authorization"),
        tenant: header("xero-tenant-id"),
        if_modified_since: header("if-modified-since"),
        accept: header("accept"),
        range: header("range"),
        accept_encoding: header("accept-encoding"),
        ..Request::default()
    };
    let world = shared.world();
    read.received = world.now();
    read.tenant_id = tenant(&world, &read);
    read.undocumented = not_described(&read, |id| world.country(id));
    read
}

/// The grant behind a request's bearer token.
pub(super) fn grant<'w>(world: &'w World, request: &Request) -> Result<&'w Grant, BadBearer> {
    let token = bearer(request).ok_or(BadBearer::Unknown)?;
    world.identity.bearer(token, world.now())
}

/// A request's bearer token.
pub(super) fn bearer(request: &Request) -> Option<&str> {
    request.authorization.as_deref()?.strip_prefix("Bearer ")
}

/// Returns the organisation that a request names, whether or not the caller has access to it.
fn tenant(world: &World, request: &Request) -> Option<TenantId> {
    if let Some(id) = request.tenant.as_deref().filter(|id| !id.is_empty()) {
        return world.tenant(id).map(|tenant| tenant.id.clone());
    }
    if !is_api(&request.path) {
        return None;
    }
    let grant = grant(world, request).ok()?;
    world.identity.app(&grant.app)?.only_tenant().cloned()
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}
