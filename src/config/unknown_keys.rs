//! Keys that the specification does not have.
//!
//! Platforms add keys of their own, so most unknown keys only bring a warning. A key that is
//! nearly the name of a setting is a typing error and refuses the config: with a misspelt
//! `tenant_id` the connector would read every organisation.

use serde_json::Value;

use super::auth_type::AuthType;
use super::errors::ConfigErrors;
use super::settings::Settings;
use super::spec;

/// The most letters by which a misspelt key differs from the setting.
const LETTERS: usize = 2;

/// Mage, another client, keeps the refresh token in its own secret store; this key of its config
/// names the secret.
const MAGES_KEY: &str = "refresh_token_secret_name";

/// Fields of a token answer that are not settings. People paste such an answer whole, so these are
/// not typing errors, however similar to a setting.
const OF_TOKEN_ANSWER: [&str; 3] = ["expires_in", "scope", "token_type"];

/// The setting that restricts a config to one organisation, and what other clients' keys for it
/// contain, such as `xero_tenant_id`.
const TENANT: &str = "tenant_id";
const OF_TENANT: [&str; 3] = ["tenantid", "organisationid", "organizationid"];

/// The most unknown keys that a warning names.
const NAMED: usize = 20;
/// The longest key that a message shows, in characters. Tokens are longer.
const LONGEST: usize = 40;

/// Adds an error for each misspelt key, and one warning for all other unknown keys.
pub(super) fn check(settings: &Settings, errors: &mut ConfigErrors, warnings: &mut Vec<String>) {
    let settings_at_top: Vec<&str> = spec::keys().collect();
    let top = Place {
        object: settings.as_json(),
        prefix: "",
        settings: &settings_at_top,
    };
    let mut unknown = unknown(&top, &settings_at_top, &[&top], errors);
    if let Some(object) = settings.credentials() {
        let of_any_type: Vec<&str> = keys(AuthType::ALL).collect();
        let of_this_type: Vec<&str> = match AuthType::of(object) {
            Some(auth_type) => keys([auth_type]).collect(),
            None => of_any_type.clone(),
        };
        let credentials = Place {
            object,
            prefix: "credentials.",
            settings: &of_this_type,
        };
        // A setting of the top level may stand under `credentials` by mistake.
        let others: Vec<&str> = spec::keys()
            .filter(|key| !of_any_type.contains(key))
            .collect();
        let outside = Place {
            settings: &others,
            ..top
        };
        unknown.extend(self::unknown(
            &credentials,
            &of_any_type,
            &[&credentials, &outside],
            errors,
        ));
    }
    if !unknown.is_empty() {
        warnings.push(sentence(&unknown));
    }
}

/// The keys of credentials of these types.
fn keys(types: impl IntoIterator<Item = AuthType>) -> impl Iterator<Item = &'static str> {
    let keys = types.into_iter().flat_map(AuthType::keys);
    keys.map(|(key, _)| *key)
}

/// An object that holds settings.
#[derive(Clone, Copy)]
struct Place<'a> {
    object: &'a Value,
    /// The path of the object, with a dot at the end.
    prefix: &'static str,
    settings: &'a [&'static str],
}

/// Returns the paths of the keys in `place` that are not `known`. A key that nearly spells a
/// setting which one of the `meant` objects lacks becomes an error instead.
fn unknown(
    place: &Place,
    known: &[&str],
    meant: &[&Place],
    errors: &mut ConfigErrors,
) -> Vec<String> {
    let mut unknown = Vec::new();
    for key in place
        .object
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys())
    {
        if known.contains(&key.as_str()) {
            continue;
        }
        let path = format!("{}{key}", place.prefix);
        if key == MAGES_KEY && place.object.get("refresh_token").is_none() {
            let fault = format!(
                "{path} is a setting of Mage: it names the secret in Mage that holds the refresh token. Put the token itself under {}refresh_token.",
                place.prefix
            );
            errors.add(format!("{}refresh_token", place.prefix), fault);
        } else if !OF_TOKEN_ANSWER.contains(&key.as_str())
            && let Some(setting) = meant.iter().find_map(|place| nearest(key, place))
        {
            let path = if is_shown(&path) { &path } else { "A key" };
            let fault = format!("{path} is not a setting: is {setting} meant?");
            errors.add(setting, fault);
        } else {
            unknown.push(path);
        }
    }
    unknown
}

/// Returns the path of the setting that `key` nearly spells and that `place` lacks.
fn nearest(key: &str, place: &Place) -> Option<String> {
    let absent = place
        .settings
        .iter()
        .filter(|setting| place.object.get(setting).is_none());
    let distance = |setting: &str| strsim::osa_distance(&letters(key), &letters(setting));
    let (distance, setting) = absent
        .clone()
        .map(|setting| (distance(setting), setting))
        .min()?;
    let tenant = absent.clone().find(|setting| **setting == TENANT);
    let names_tenant = OF_TENANT.iter().any(|name| letters(key).contains(name));
    let meant = match tenant.filter(|_| names_tenant) {
        None if distance <= LETTERS => setting,
        tenant => tenant?,
    };
    Some(format!("{}{meant}", place.prefix))
}

/// Returns a key in lower case, without separators.
fn letters(key: &str) -> String {
    let letters = key.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a message may show a path: it is short and plain, so not a token pasted as a key.
fn is_shown(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-. ".contains(c);
    path.len() <= LONGEST && path.chars().all(plain)
}

/// Names the keys that may be shown and counts the others.
fn sentence(paths: &[String]) -> String {
    let names = paths.iter().filter(|path| is_shown(path));
    let mut names: Vec<String> = names.take(NAMED).cloned().collect();
    let more = paths.len() - names.len();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    format!(
        "The config has keys that the connector does not know and does not use: {}.",
        names.join(", ")
    )
}
