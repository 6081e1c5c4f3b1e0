//! `logout`: revokes a login and removes its tokens from the config.

use std::path::Path;

use crate::airbyte::emit::Emitter;
use crate::cli::LogoutFlags;
use crate::config::{Config, Credentials, StoredConfig};
use crate::failure::Failure;
use crate::files;
use crate::sync::config_file;
use crate::terminal::{Input, say};
use crate::xero::auth::TokenEndpoint;
use crate::xero::http::HttpClient;
use crate::xero::retry::RetryPolicy;

/// Revokes the refresh token, which disconnects the app from the organisations of the user who
/// consented, and removes the tokens from the config. With `keep_connections` it only removes the tokens.
pub(crate) async fn logout(flags: &LogoutFlags, emitter: &Emitter) -> Result<(), Failure> {
    let path = &flags.config;
    let stored = files::read(path, "config", StoredConfig::read).await?;
    if !stored.has_tokens() {
        say("This config is logged out already.");
        return Ok(());
    }
    let config = config_file::read(path).await?;
    let revokes =
        !flags.keep_connections && matches!(config.credentials, Credentials::RefreshToken { .. });
    if revokes {
        confirm(flags).await?;
    }
    // A signal must not come between the revocation and the change of the file, nor another process
    // that renews the tokens.
    let _update = emitter.update().await;
    let _lock = config_file::lock(path).await?;
    let config = config_file::read(path).await?;
    for secret in config.stored.secrets() {
        emitter.hide(&secret);
    }
    if revokes {
        prove_rewritable(path, &config).await?;
        revoke(&config).await?;
    }
    let mut stored = config.stored;
    stored.remove_tokens();
    config_file::write(path, stored.to_text()).await.map_err(|error| {
        let subject = match revokes {
            true => "Xero has revoked the login, but the tokens",
            false => "The tokens",
        };
        Failure::config(format!(
            "{subject} could not be removed from the config file {}: {}. Remove access_token, refresh_token and id_token by hand.",
            files::shown(path),
            files::cause(&error)
        ))
        .because(error)
    })?;
    let path = path.to_string_lossy();
    if revokes {
        say("Xero has revoked the login and disconnected the organisations from the app.");
    } else if !flags.keep_connections {
        say(
            "There is nothing to revoke, because this login has no refresh token. A Custom Connection is\ndisconnected in Xero under Settings, Connected apps.",
        );
    }
    say(format_args!(
        "The tokens are removed from {path}. To log in again: xero-source login --force --config {path}"
    ));
    Ok(())
}

/// Says what the revocation does, and asks whether to go on.
async fn confirm(flags: &LogoutFlags) -> Result<(), Failure> {
    say(
        "The logout disconnects the app from all organisations of the user who logged in, also for other\nconfigs and programs that use the same app. With --keep-connections only the tokens are removed\nfrom the file.",
    );
    if flags.yes {
        return Ok(());
    }
    let mut input = Input::new();
    if !input.is_terminal() {
        return Err(Failure::config(
            "The logout needs a confirmation: give --yes, or --keep-connections.",
        ));
    }
    let answer = input
        .ask("Disconnect the organisations? [y/N]: ")
        .await
        .unwrap_or_default();
    match answer.to_lowercase().starts_with('y') {
        true => Ok(()),
        false => Err(Failure::config("Nothing was changed.")),
    }
}

/// Writes the same content, which proves that the tokens can be removed after the revocation.
async fn prove_rewritable(path: &Path, config: &Config) -> Result<(), Failure> {
    let written = config_file::write(path, config.stored.to_text()).await;
    written.map_err(|error| {
        Failure::config(format!(
            "The config file {} cannot be rewritten, so nothing was revoked: {}. Give this user permission to write the file and its folder, and log out again.",
            files::shown(path),
            files::cause(&error)
        ))
        .because(error)
    })
}

async fn revoke(config: &Config) -> Result<(), Failure> {
    let Credentials::RefreshToken {
        app, refresh_token, ..
    } = &config.credentials
    else {
        return Ok(());
    };
    let policy = RetryPolicy::Interactive;
    let http = HttpClient::new(policy, config.is_local())?;
    let endpoint = TokenEndpoint::new(&config.identity_url, http, policy);
    endpoint.revoke(app, refresh_token).await
}
