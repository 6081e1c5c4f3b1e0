//! Reports keys that the specification lacks.
//!
//! Platforms add keys of their own, so most unknown keys cause only a warning. A key that is nearly
//! the name of a setting is a typing error and makes the config invalid. With a misspelt
//! `tenant_id` the connector would read every organisation.

use serde_json::Value;

use super::auth_type::AuthType;
use super::errors::ConfigErrors;
use super::settings::Settings;
use super::spec;
use crate::excerpt::listed;

/// Maximum number of letters by which a misspelt key differs from the setting.
const MAX_DISTANCE: usize = 2;

/// The key by which configs of Mage name a secret. Mage, another client, keeps the refresh token in
/// its own secret store.
const MAGE_KEY: &str = "refresh_token_secret_name";

/// Fields of a token response that are not settings. People paste the whole response, so these keys
/// are no typing errors, however similar to a setting.
const TOKEN_RESPONSE_FIELDS: [&str; 3] = ["expires_in", "scope", "token_type"];

/// The setting that restricts a config to one organisation.
const TENANT: &str = "tenant_id";
/// Parts of the keys that other clients use for it, such as `xero_tenant_id`.
const TENANT_NAMES: [&str; 3] = ["tenantid", "organisationid", "organizationid"];

/// Maximum number of unknown keys that a warning names.
const MAX_NAMED: usize = 20;
/// Maximum length of a key in a message, in characters. Tokens are longer.
const MAX_LENGTH: usize = 40;

/// Adds an error for each misspelt key, and one warning for all other unknown keys.
pub(super) fn check(settings: &Settings, errors: &mut ConfigErrors, warnings: &mut Vec<String>) {
    let settings_at_top: Vec<&str> = spec::keys().collect();
    let top = Section {
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
        let credentials = Section {
            object,
            prefix: "credentials.",
            settings: &of_this_type,
        };
        // A setting of the top level may stand under `credentials` by mistake.
        let others: Vec<&str> = spec::keys()
            .filter(|key| !of_any_type.contains(key))
            .collect();
        let outside = Section {
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
        warnings.push(warning(&unknown));
    }
}

/// Returns the keys of credentials of these types.
fn keys(types: impl IntoIterator<Item = AuthType>) -> impl Iterator<Item = &'static str> {
    let keys = types.into_iter().flat_map(AuthType::keys);
    keys.map(|(key, _)| *key)
}

/// An object that holds settings.
#[derive(Clone, Copy)]
struct Section<'a> {
    object: &'a Value,
    /// The path of the object, with a dot at the end.
    prefix: &'static str,
    settings: &'a [&'static str],
}

/// Returns the paths of the keys in `section` that are not `known`. A key that nearly spells a
/// setting which one of the `candidates` lacks becomes an error instead.
fn unknown(
    section: &Section,
    known: &[&str],
    candidates: &[&Section],
    errors: &mut ConfigErrors,
) -> Vec<String> {
    let mut unknown = Vec::new();
    for key in section
        .object
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys())
    {
        if known.contains(&key.as_str()) {
            continue;
        }
        let path = format!("{}{key}", section.prefix);
        if key == MAGE_KEY && section.object.get("refresh_token").is_none() {
            let fault = format!(
                "{path} is a setting of Mage: it names the secret in Mage that holds the refresh token. Put the token itself under {}refresh_token.",
                section.prefix
            );
            errors.add(format!("{}refresh_token", section.prefix), fault);
        } else if !TOKEN_RESPONSE_FIELDS.contains(&key.as_str())
            && let Some(setting) = candidates.iter().find_map(|section| nearest(key, section))
        {
            let path = if is_shown(&path) { &path } else { "A key" };
            let fault = format!("{path} is not a setting. Did you mean {setting}?");
            errors.add(setting, fault);
        } else {
            unknown.push(path);
        }
    }
    unknown
}

/// Returns the path of the setting that `key` nearly spells and that `section` lacks.
fn nearest(key: &str, section: &Section) -> Option<String> {
    let absent = section
        .settings
        .iter()
        .filter(|setting| section.object.get(setting).is_none());
    let distance = |setting: &str| strsim::osa_distance(&letters(key), &letters(setting));
    let (distance, setting) = absent
        .clone()
        .map(|setting| (distance(setting), setting))
        .min()?;
    let names_tenant = TENANT_NAMES.iter().any(|name| letters(key).contains(name));
    let meant = match names_tenant {
        _ if distance == 0 => setting,
        true => absent.clone().find(|setting| **setting == TENANT)?,
        false if distance <= MAX_DISTANCE => setting,
        false => return None,
    };
    Some(format!("{}{meant}", section.prefix))
}

/// Returns a key in lower case, without separators.
fn letters(key: &str) -> String {
    let letters = key.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a message may show a path. A long path, or one with special characters, may be a token
/// that was pasted as a key.
fn is_shown(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-. ".contains(c);
    path.len() <= MAX_LENGTH && path.chars().all(plain)
}

/// Returns the warning. It names the keys that may be shown and counts the others.
fn warning(paths: &[String]) -> String {
    let names = paths.iter().filter(|path| is_shown(path)).cloned();
    format!(
        "The connector does not know these keys of the config and ignores them: {}.",
        listed(names, MAX_NAMED, paths.len())
    )
}
