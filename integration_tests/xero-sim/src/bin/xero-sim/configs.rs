//! The apps of the program, and one connector config per kind of credentials.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::DateTime;
use serde_json::{Value, json};
use xero_sim::{App, AppId, TenantId, TokenSet, World};

use crate::flags::Flags;
use crate::{DAY, HISTORY_END};

/// The client ids and secrets.
pub(crate) const WEB: (&str, &str) = ("web-client-id", "web-client-secret");
pub(crate) const PKCE: &str = "pkce-client-id";
pub(crate) const CUSTOM: (&str, &str) = ("custom-client-id", "custom-client-secret");

/// A connector config.
pub(crate) struct Config {
    /// The name of its file.
    pub(crate) file: &'static str,
    /// What it is for.
    pub(crate) about: &'static str,
    pub(crate) content: Value,
}

/// Registers a web app and a PKCE app that the user lets into the organisations, and a custom
/// connection for the first organisation. Returns the web app and a config for each kind.
pub(crate) fn register(
    world: &mut World,
    tenants: &[TenantId],
    flags: &Flags,
) -> (AppId, Vec<Config>) {
    let scopes = flags.scopes();
    let connected = &tenants[..flags.connected.unwrap_or(tenants.len()).min(tenants.len())];
    let web = world.add_app(flags.shape(App::web(WEB.0, WEB.1)));
    let tokens = world.consent(&web, connected, &scopes);
    let mut credentials = vec![
        (
            "web_app.json",
            "a web app: a secret, and a refresh token that changes with each use",
            json!({
                "auth_type": "oauth2_authorization_code",
                "client_id": WEB.0,
                "client_secret": WEB.1,
                "refresh_token": tokens.refresh_token,
                "access_token": tokens.access_token,
                "id_token": tokens.id_token,
                "token_expiry_date": expiry(&tokens),
            }),
        ),
        (
            "access_token.json",
            "an access token alone, which is valid for 30 minutes",
            json!({
                "auth_type": "oauth2_access_token",
                "access_token": tokens.access_token,
            }),
        ),
    ];
    if let Some(first) = tenants.first() {
        let app = App::custom_connection(CUSTOM.0, CUSTOM.1, first);
        let of_users = ["openid", "profile", "email", "offline_access"];
        let mut scopes: Vec<_> = scopes.split(' ').collect();
        scopes.retain(|scope| !of_users.contains(scope));
        world.add_app(app.tier(flags.tier.into()).scopes(&scopes.join(" ")));
        credentials.push((
            "custom_connection.json",
            "a custom connection: a secret, the first organisation, no user",
            json!({
                "auth_type": "oauth2_confidential_application",
                "client_id": CUSTOM.0,
                "client_secret": CUSTOM.1,
            }),
        ));
    }
    let pkce = world.add_app(flags.shape(App::pkce(PKCE)));
    let tokens = world.consent(&pkce, connected, &scopes);
    credentials.push((
        "pkce_app.json",
        "a mobile or desktop app: no secret, and a refresh token that changes with each use",
        json!({
            "auth_type": "oauth2_authorization_code",
            "client_id": PKCE,
            "refresh_token": tokens.refresh_token,
            "access_token": tokens.access_token,
            "id_token": tokens.id_token,
            "token_expiry_date": expiry(&tokens),
        }),
    ));
    // All generated rows have stamps in the two years before.
    let start = DateTime::from_timestamp_millis(HISTORY_END - 2 * 366 * DAY).unwrap_or_default();
    let config = |(file, about, credentials)| Config {
        file,
        about,
        content: json!({
            "start_date": start.format("%Y-01-01T00:00:00Z").to_string(),
            "tenant_id": connected.first().map(TenantId::as_str),
            "credentials": credentials,
        }),
    };
    (web, credentials.into_iter().map(config).collect())
}

fn expiry(tokens: &TokenSet) -> Option<String> {
    let at = DateTime::from_timestamp_millis(tokens.expires_at);
    at.map(|at| at.to_rfc3339())
}

/// Writes each config into a file of its own that only its owner may read, and `README.txt` with a
/// line for each. The configs cover all organisations of the consent, so they name none.
pub(crate) fn write(folder: &Path, configs: &[Config]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut readme = String::new();
    for config in configs {
        let mut content = config.content.clone();
        if let Some(fields) = content.as_object_mut() {
            fields.remove("tenant_id");
        }
        let text = serde_json::to_string_pretty(&content)?;
        replace(&folder.join(config.file), &text)?;
        readme += &format!("{:<24}{}\n", config.file, config.about);
    }
    replace(&folder.join("README.txt"), readme.trim_end())
}

/// Writes a file in place of the one of an earlier run, whatever its permissions were.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")
}
