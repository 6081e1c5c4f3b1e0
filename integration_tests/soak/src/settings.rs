//! The settings of a connection: its config, and the modes of its streams.

use fastrand::Rng;
use serde_json::{Value, json};
use xero_sim::TenantId;

use crate::checks;
use crate::destination::Mode;
use crate::organisations::{Access, CLIENT_ID, CLIENT_SECRET, Scene};
use crate::streams::Stream;

/// How a stream is written.
pub(crate) fn mode(stream: &Stream, rng: &mut Rng) -> Mode {
    // The simulator derives the payments of a batch and the contacts of a group from other documents, and
    // stamps neither the batch nor the contact.
    let is_derived = matches!(
        stream.name.as_str(),
        "batch_payment_lines" | "batch_payments" | "contact_group_members" | "expense_claims"
    );
    match (stream.cursor.is_empty() || is_derived, rng.u8(..10)) {
        (false, 0..7) => Mode::Deduplicated,
        (_, 7) => Mode::Append,
        _ => Mode::Overwrite,
    }
}

/// A config that gives access to the organisations.
pub(crate) fn config(scene: &Scene, url: &str, rng: &mut Rng) -> Value {
    let lookback = [0, 0, 60, 300][rng.usize(..4)];
    let calls = [0, 10, 100, 1_000][rng.usize(..4)];
    let concurrent = [1, 3, 100, 100][rng.usize(..4)];
    let mut config = json!({
        "start_date": "2020-01-01",
        "api_url": url,
        "identity_url": url,
        "lookback_seconds": lookback,
        "max_calls_per_sync": calls,
        "max_concurrent_calls": concurrent,
    });
    let is_flat = rng.bool();
    let app = match scene.access {
        Access::WebApp => json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
        Access::PkceApp => json!({"client_id": CLIENT_ID}),
        Access::CustomConnection => json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
        Access::AccessToken => json!({}),
    };
    match is_flat {
        true => {
            for (name, value) in app.as_object().into_iter().flatten() {
                config[name] = value.clone();
            }
        }
        false => {
            config["credentials"] = app;
            config["credentials"]["auth_type"] = json!(match scene.access {
                Access::WebApp | Access::PkceApp => "oauth2_authorization_code",
                Access::CustomConnection => "oauth2_confidential_application",
                Access::AccessToken => "oauth2_access_token",
            });
        }
    }
    set_tokens(&mut config, scene);
    if rng.bool() && scene.access != Access::AccessToken {
        let credentials = credentials(&mut config);
        if let Some(credentials) = credentials.as_object_mut() {
            credentials.remove("access_token");
        }
    }
    match (scene.tenants.len(), rng.u8(..3)) {
        (1, 0) => config["tenant_id"] = json!(scene.tenants[0].as_str()),
        (_, 1) => {
            let ids: Vec<_> = scene.tenants.iter().map(TenantId::as_str).collect();
            config["tenant_ids"] = json!(ids);
        }
        _ => {}
    }
    config
}

/// The object that holds the tokens.
fn credentials(config: &mut Value) -> &mut Value {
    match config.get("credentials").is_some() {
        true => &mut config["credentials"],
        false => config,
    }
}

/// Puts the tokens of a consent into a config.
pub(crate) fn set_tokens(config: &mut Value, scene: &Scene) {
    let Some(tokens) = &scene.tokens else { return };
    let credentials = credentials(config);
    credentials["access_token"] = json!(tokens.access_token);
    if let Some(credentials) = credentials.as_object_mut() {
        credentials.remove("token_expiry_date");
    }
    if scene.access != Access::AccessToken {
        credentials["refresh_token"] = json!(tokens.refresh_token);
    }
}

/// A config without its secrets.
pub(crate) fn masked(config: &Value) -> Value {
    let mut config = config.clone();
    let mask = |object: &mut Value| {
        for name in checks::SECRETS {
            if object.get(name).is_some() {
                object[name] = json!("***");
            }
        }
    };
    mask(&mut config);
    if config.get("credentials").is_some() {
        mask(&mut config["credentials"]);
    }
    config
}
