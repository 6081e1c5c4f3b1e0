//! The settings of a connection: its config, and the modes of its streams.

use fastrand::Rng;
use serde_json::{Value, json};
use xero_sim::TenantId;

use crate::checks;
use crate::destination::Mode;
use crate::organisations::{Access, CLIENT_ID, CLIENT_SECRET, Scene};
use crate::streams::Stream;

/// Whether the simulator derives the rows of a stream from documents of other lists, such as the payments of a
/// batch. A change of such a document leaves the stamp of the row as it is. In Xero these rows have stamps of
/// their own.
pub(crate) fn is_derived(stream: &str) -> bool {
    matches!(
        stream,
        "batch_payment_lines" | "batch_payments" | "contact_group_members" | "expense_claims"
    )
}

/// How a stream is written.
pub(crate) fn mode(stream: &Stream, rng: &mut Rng) -> Mode {
    match (
        stream.cursor.is_empty() || is_derived(&stream.name),
        rng.u8(..10),
    ) {
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
        Access::Token => json!({}),
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
                Access::Token => "oauth2_access_token",
            });
        }
    }
    set_tokens(&mut config, scene);
    if rng.bool() && scene.access != Access::Token {
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
    if rng.u8(..6) == 0 {
        // Most rows are from the two years before the present.
        config["start_date"] = json!(if rng.bool() {
            "2025-06-01"
        } else {
            "2026-06-01T12:30:00Z"
        });
    }
    config
}

/// A user changes one setting. Returns what it was.
pub(crate) fn change(config: &mut Value, scene: &Scene, rng: &mut Rng) -> String {
    let (name, value) = match rng.u8(..5) {
        0 => ("lookback_seconds", json!([0, 0, 60, 300][rng.usize(..4)])),
        1 => (
            "max_calls_per_sync",
            json!([0, 10, 100, 1_000][rng.usize(..4)]),
        ),
        2 => ("max_concurrent_calls", json!(rng.usize(1..20))),
        3 => ("reconcile_days", json!(rng.usize(1..3))),
        _ => {
            // Some of the organisations. All of them are read at the end.
            let chosen = scene.tenants.iter().filter(|_| rng.bool());
            let chosen: Vec<_> = chosen.map(TenantId::as_str).collect();
            if chosen.is_empty() || scene.access == Access::CustomConnection {
                choose_all(config);
                return "all organisations are chosen".to_owned();
            }
            if let Some(config) = config.as_object_mut() {
                config.remove("tenant_id");
            }
            ("tenant_ids", json!(chosen))
        }
    };
    let change = format!("{name} is {value}");
    config[name] = value;
    change
}

/// Whether a config chooses an organisation.
pub(crate) fn chosen(config: &Value, tenant: &TenantId) -> bool {
    let ids = config["tenant_ids"].as_array().into_iter().flatten();
    let mut ids = ids.chain(config.get("tenant_id")).peekable();
    ids.peek().is_none() || ids.any(|id| id == tenant.as_str())
}

/// The moment from which rows with a stamp are read, in the form of stamps.
pub(crate) fn start(config: &Value) -> String {
    let date = config["start_date"].as_str().unwrap_or_default();
    match date.strip_suffix('Z') {
        Some(second) => format!("{second}.000Z"),
        None => format!("{date}T00:00:00.000Z"),
    }
}

/// Chooses all organisations and documents.
pub(crate) fn choose_all(config: &mut Value) {
    config["max_calls_per_sync"] = json!(1_000_000);
    if let Some(config) = config.as_object_mut() {
        config.remove("tenant_id");
        config.remove("tenant_ids");
    }
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
    if scene.access != Access::Token {
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
