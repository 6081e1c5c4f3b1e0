//! Finds out which app logs in: from flags, variables, the existing config, or questions.

use std::path::Path;

use crate::cli::{AppType, LoginFlags};
use crate::config::{App, StoredConfig};
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::files;
use crate::secret::Secret;
use crate::terminal::{Input, say};

/// The variable with the client id.
const CLIENT_ID: &str = "XERO_CLIENT_ID";
/// The variable with the client secret.
const CLIENT_SECRET: &str = "XERO_CLIENT_SECRET";

/// Returns the type of the app and its credentials. Asks for what is missing if there is an `input`.
pub(super) async fn find(
    flags: &LoginFlags,
    existing: Option<&StoredConfig>,
    redirect_uri: &str,
    mut input: Option<&mut Input>,
) -> Result<(AppType, App), Failure> {
    let known = existing.and_then(StoredConfig::app);
    let given = flags.client_id.clone().and_then(filled);
    let given = given.or_else(|| variable(CLIENT_ID));
    let client_id = match given.or_else(|| known.as_ref().map(|app| app.client_id.clone())) {
        Some(client_id) => client_id,
        None => {
            let asked = match &mut input {
                Some(input) => {
                    introduce(flags.app, redirect_uri);
                    ask_client_id(input).await
                }
                None => None,
            };
            asked.ok_or_else(|| {
                Failure::config(
                    "There is no client ID. Give --client-id or the variable XERO_CLIENT_ID. The app's Configuration page at developer.xero.com shows it.",
                )
            })?
        }
    };
    let known = known.filter(|app| app.client_id == client_id);
    let secret = match (flags.app, &flags.client_secret_file) {
        (Some(AppType::Pkce), _) => None,
        (_, Some(path)) => Some(read_secret(path).await?),
        _ => {
            let given = variable(CLIENT_SECRET).map(Secret::new);
            let is_known = known.is_some();
            match given.or_else(|| known.and_then(|app| app.client_secret)) {
                None if !is_known => ask_secret(flags.app, input).await,
                secret => secret,
            }
        }
    };
    let app_type = flags.app.unwrap_or(match secret {
        Some(_) => AppType::Web,
        None => AppType::Pkce,
    });
    if secret.is_none() && app_type != AppType::Pkce {
        return Err(Failure::config(
            "There is no client secret. Type it when asked, or give --client-secret-file or the variable XERO_CLIENT_SECRET. A mobile or desktop app has none: log in with --app pkce.",
        ));
    }
    let app = App {
        client_id,
        client_secret: secret,
    };
    Ok((app_type, app))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().and_then(filled)
}

/// Returns a value without white space around it. `None` if nothing remains.
fn filled(value: impl AsRef<str>) -> Option<String> {
    let value = value.as_ref().trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Says which app is needed.
fn introduce(app: Option<AppType>, redirect_uri: &str) {
    match app {
        Some(AppType::Custom) => say(
            "Log in with a Custom Connection. Create it at https://developer.xero.com/app/manage, and have its\nuser accept it. Its Configuration page shows the client ID and makes a client secret.\n",
        ),
        _ => say(format_args!(
            "Log in to Xero with an app of your own. Create it at https://developer.xero.com/app/manage:\na \"Mobile or desktop app\", which has no secret, or a \"Web app\", with the redirect URI\n\n  {redirect_uri}\n\nIts Configuration page shows the client ID. For a Custom Connection: xero-source login --app custom.\n"
        )),
    }
}

/// Asks until there is an answer. `None` if the input has ended.
async fn ask_client_id(input: &mut Input) -> Option<String> {
    loop {
        let client_id = input.ask("Client ID: ").await?;
        if !client_id.is_empty() {
            return Some(client_id);
        }
    }
}

async fn ask_secret(app: Option<AppType>, input: Option<&mut Input>) -> Option<Secret> {
    let input = input?;
    let typed = match app {
        None => {
            input
                .ask_secret("Client secret (press Enter if the app has none): ")
                .await?
        }
        Some(_) => input.ask_secret("Client secret: ").await?,
    };
    (!typed.is_empty()).then(|| Secret::new(typed))
}

async fn read_secret(path: &Path) -> Result<Secret, Failure> {
    let text = tokio::fs::read_to_string(path).await.map_err(|error| {
        Failure::config(format!(
            "The file of --client-secret-file cannot be read: {}.",
            excerpt(&error.to_string())
        ))
    })?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Failure::config(
            "The file of --client-secret-file is empty.",
        ));
    }
    if files::is_open_to_others(path).await {
        tracing::warn!(
            "other users of this machine can read the file with the client secret: chmod 600 it"
        );
    }
    Ok(Secret::new(text.to_owned()))
}
