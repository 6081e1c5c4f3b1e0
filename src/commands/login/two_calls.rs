//! A login with two calls, for scripts: `login --json` prints the address to open, and `--complete` takes
//! the address at which the browser ended.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::waiting::{self, Answer};
use super::{Login, choose};
use crate::airbyte::emit::Emitter;
use crate::cli::LoginFlags;
use crate::failure::Failure;
use crate::files;
use crate::json;
use crate::secret::Secret;
use crate::xero::auth::Consent;

/// Does the first half: prints the address to open.
pub(super) async fn begin(flags: &LoginFlags, emitter: &Emitter) -> Result<(), Failure> {
    let (_, login) = Login::prepare(flags, emitter, None).await?;
    let scopes = super::scopes(flags)?;
    let redirect_uri = super::redirect_uri(flags);
    let consent = Consent::begin(&login.app.client_id, &redirect_uri, &scopes.to_text())?;
    Pending::write(&consent, flags)?;
    let config = flags.config.to_string_lossy();
    crate::commands::print_json(&json!({
        "authorize_url": consent.address(login.draft.identity_url())?,
        "redirect_uri": consent.redirect_uri,
        "scopes": scopes.requested,
        "pending_file": path(&flags.config),
        "next_step": format!(
            "xero-source login --json --config {config} --complete ADDRESS (for a web app, with XERO_CLIENT_SECRET or --client-secret-file again)"
        ),
    }))
}

/// Does the second half: exchanges the code in the address.
pub(super) async fn complete(
    flags: &LoginFlags,
    address: &str,
    emitter: &Emitter,
) -> Result<(), Failure> {
    let (consent, flags) = Pending::read(flags)?;
    emitter.hide(&consent.verifier);
    let (_, mut login) = Login::prepare(&flags, emitter, None).await?;
    let code = consent.code(address).map_err(waiting::explain)?;
    let answer = Answer {
        code,
        browser: None,
    };
    let organisations = login.connect(&consent, answer).await?;
    Pending::remove(&flags.config);
    let choice = choose::by_flags(&organisations, &flags.tenants)?;
    login.finish(organisations, choice).await
}

/// What the second call needs to know of the first one. The client secret is not kept: the second call
/// takes it from the same flag or variable.
#[derive(Deserialize, Serialize)]
struct Pending {
    client_id: String,
    redirect_uri: String,
    scopes: String,
    verifier: String,
    state: String,
    force: bool,
    tenants: Vec<String>,
    start_date: Option<String>,
    api_url: Option<String>,
    identity_url: Option<String>,
}

/// Returns the file of the pending login of a config.
fn path(config: &Path) -> PathBuf {
    let name = config.file_name().unwrap_or_default().to_string_lossy();
    files::folder(config).join(format!(".{name}.login"))
}

impl Pending {
    /// Writes the file. Only its owner can read it.
    fn write(consent: &Consent, flags: &LoginFlags) -> Result<(), Failure> {
        let pending = Pending {
            client_id: consent.client_id.clone(),
            redirect_uri: consent.redirect_uri.clone(),
            scopes: consent.scopes.clone(),
            verifier: consent.verifier.expose().to_owned(),
            state: consent.state.expose().to_owned(),
            force: flags.force,
            tenants: flags.tenants.clone(),
            start_date: flags.start_date.clone(),
            api_url: flags.api_url.clone(),
            identity_url: flags.identity_url.clone(),
        };
        let text = serde_json::to_vec(&pending).map_err(|error| {
            Failure::system("The pending login cannot be written as JSON.").because(error)
        })?;
        files::replace(&path(&flags.config), &text).map_err(|error| {
            Failure::config(format!(
                "The pending login cannot be written to {}: {}. Give this user permission to write there.",
                files::shown(&path(&flags.config)),
                files::cause(&error)
            ))
            .because(error)
        })
    }

    /// Reads the file of the first call. Returns the consent, and the flags of both calls.
    fn read(flags: &LoginFlags) -> Result<(Consent, LoginFlags), Failure> {
        let none = || {
            Failure::config(format!(
                "There is no pending login in {}. Run login --json with the same --config first, and open the address that it prints.",
                files::shown(&path(&flags.config))
            ))
        };
        let text = std::fs::read(path(&flags.config)).map_err(|error| none().because(error))?;
        let pending: Pending = json::read(&text).map_err(|misread| none().because(misread))?;
        let consent = Consent {
            client_id: pending.client_id.clone(),
            redirect_uri: pending.redirect_uri,
            scopes: pending.scopes,
            verifier: Secret::new(pending.verifier),
            state: Secret::new(pending.state),
        };
        let mut flags = flags.clone();
        flags.client_id = Some(pending.client_id);
        flags.force |= pending.force;
        flags.start_date = flags.start_date.or(pending.start_date);
        flags.api_url = flags.api_url.or(pending.api_url);
        flags.identity_url = flags.identity_url.or(pending.identity_url);
        if flags.tenants.is_empty() {
            flags.tenants = pending.tenants;
        }
        Ok((consent, flags))
    }

    /// Removes the file of a completed login.
    fn remove(config: &Path) {
        let _ = std::fs::remove_file(path(config)); // its code is spent in any case
    }
}
