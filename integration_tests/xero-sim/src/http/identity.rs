//! The identity host's endpoints for tokens and their revocation, and `/connections`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde_json::{Value, json};

use super::incoming;
use crate::app::AppId;
use crate::clock::Millis;
use crate::connections::Connection;
use crate::identity::{ACCESS_TOKEN_LIFE, Exchange, Identity, Refusal, TokenSet};
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
        "authorization_code" => {
            let exchange = Exchange {
                code: field("code"),
                redirect_uri: field("redirect_uri"),
                verifier: request.field("code_verifier"),
            };
            identity.exchange(&app, exchange, now, rng)
        }
        "refresh_token" => identity.refresh(&app, field("refresh_token"), now, rng),
        "client_credentials" => identity.client_credentials(&app, scopes, now, rng),
        _ => Err(Refusal::UnsupportedGrantType),
    }
}

/// `POST /connect/revocation`
pub(super) fn revocation(world: &mut World, request: &Request) -> Reply {
    let Some(app) = client(&world.identity, request) else {
        return problem::token_refused(Refusal::InvalidClient);
    };
    let Some(token) = request.field("token") else {
        return problem::token_refused(Refusal::InvalidRequest);
    };
    world.identity.revoke(&app, token);
    Reply {
        status: 200,
        ..Reply::default()
    }
}

/// The app behind the header `Authorization: Basic`. An app without a secret sends `client_id` in
/// the form instead.
fn client(identity: &Identity, request: &Request) -> Option<AppId> {
    let Some(authorization) = request.authorization.as_deref() else {
        return identity.authenticate(request.field("client_id")?, None);
    };
    let encoded = authorization.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    identity.authenticate(id, Some(secret))
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
    let grant = match incoming::grant(world, request) {
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

/// The path of one connection, without its id.
pub(super) const CONNECTION: &str = "/connections/";

/// `DELETE /connections/{id}`
pub(super) fn delete_connection(world: &mut World, request: &Request) -> Reply {
    let app = match incoming::grant(world, request) {
        Ok(grant) => grant.app.clone(),
        Err(bad) => return problem::bad_bearer(bad),
    };
    let id = request.path.strip_prefix(CONNECTION).unwrap_or_default();
    match world.identity.connections.delete(&app, id) {
        true => Reply {
            status: 204,
            ..Reply::default()
        },
        false => problem::not_found(),
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
