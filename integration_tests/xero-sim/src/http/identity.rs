//! The identity host's token endpoint, and `/connections`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde_json::{Value, json};

use super::incoming::bearer;
use crate::app::AppId;
use crate::clock::Millis;
use crate::connections::Connection;
use crate::identity::{ACCESS_TOKEN_LIFE, BadBearer, Identity, Refusal, TokenSet};
use crate::log::Request;
use crate::problem;
use crate::reply::Reply;
use crate::rows::Books;
use crate::world::World;

/// `POST /connect/token`
pub(super) fn token(world: &mut World, request: &Request) -> Reply {
    match grant(world, request) {
        Ok(tokens) => Reply::json(200, body(&tokens).to_string()),
        Err(refusal) => problem::token_refused(refusal),
    }
}

fn grant(world: &mut World, request: &Request) -> Result<TokenSet, Refusal> {
    let now = world.now();
    let app = client(&world.identity, request).ok_or(Refusal::InvalidClient)?;
    let (identity, rng) = (&mut world.identity, &mut world.rng);
    let field = |name| request.field(name).unwrap_or_default();
    let scopes = request.field("scope").filter(|scopes| !scopes.is_empty());
    match field("grant_type") {
        "authorization_code" => identity.exchange(&app, field("code"), now, rng),
        "refresh_token" => identity.refresh(&app, field("refresh_token"), now, rng),
        "client_credentials" => identity.client_credentials(&app, scopes, now, rng),
        _ => Err(Refusal::UnsupportedGrantType),
    }
}

/// The app behind the header `Authorization: Basic`.
fn client(identity: &Identity, request: &Request) -> Option<AppId> {
    let encoded = request.authorization.as_deref()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    identity.authenticate(id, secret)
}

fn body(tokens: &TokenSet) -> Value {
    let mut body = json!({
        "access_token": tokens.access_token,
        "expires_in": ACCESS_TOKEN_LIFE,
        "token_type": "Bearer",
        "scope": tokens.scope,
    });
    if let Some(token) = &tokens.id_token {
        body["id_token"] = token.as_str().into();
    }
    if let Some(token) = &tokens.refresh_token {
        body["refresh_token"] = token.as_str().into();
    }
    body
}

/// `GET /connections`: a bare array, with a bearer token and no organisation.
pub(super) fn connections(world: &World, request: &Request) -> Reply {
    let token = bearer(request).ok_or(BadBearer::Unknown);
    let grant = match token.and_then(|token| world.identity.bearer(token, world.now())) {
        Ok(grant) => grant,
        Err(bad) => return problem::bad_bearer(bad),
    };
    let event = request.param("authEventId");
    let listed: Vec<Value> = world
        .identity
        .connections
        .of(&grant.app)
        .filter(|connection| event.is_none_or(|id| connection.auth_event.to_string() == id))
        .map(|connection| shown(world, connection))
        .collect();
    let reply = Reply::json(200, Value::from(listed.as_slice()).to_string());
    Reply {
        rows: Some(listed.len()),
        ..reply
    }
}

fn shown(world: &World, connection: &Connection) -> Value {
    let tenant = world.known(&connection.tenant);
    json!({
        "id": connection.id.to_string(),
        "authEventId": connection.auth_event.to_string(),
        "tenantId": connection.tenant.as_str(),
        "tenantType": tenant.tenant_type,
        "tenantName": tenant.name(),
        "createdDateUtc": seven_digits(connection.created),
        "updatedDateUtc": seven_digits(connection.updated),
    })
}

/// The identity host's dates: seven digits of fraction, no zone, UTC.
fn seven_digits(at: Millis) -> String {
    let time = DateTime::from_timestamp_millis(at).expect("a year that chrono knows");
    time.format("%Y-%m-%dT%H:%M:%S%.3f0000").to_string()
}
