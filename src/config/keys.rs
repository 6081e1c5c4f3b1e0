//! Keys that the specification does not have. Platforms add keys of their own, so most are
//! told of and left alone. One that all but spells a setting is a slip, and a slip must not
//! pass: without its tenant_id a config reads every organisation.

use serde_json::Value;

use super::auth_type::AuthType;
use super::faults::Faults;
use super::settings::Settings;
use super::spec;

/// Letters by which a slip may differ from what was meant.
const LETTERS: usize = 2;

/// Mage keeps the refresh token in a secret of its own, and its config names that secret.
const MAGES_KEY: &str = "refresh_token_secret_name";

/// Fields of a token answer that are no settings. People paste such an answer whole, so none of
/// them is a slip, however near to a setting.
const OF_TOKEN_ANSWER: [&str; 3] = ["expires_in", "scope", "token_type"];

/// The setting that keeps a config from reading every organisation, and what the keys of
/// others for the same hold, such as `xero_tenant_id`.
const TENANT: &str = "tenant_id";
const OF_TENANT: [&str; 3] = ["tenantid", "organisationid", "organizationid"];

/// Unknown keys that a warning names.
const NAMED: usize = 20;
/// Characters of the longest key that a warning shows; tokens are longer.
const LONGEST: usize = 40;

/// Notes keys that look like slips as faults, and all other unknown ones in one warning.
pub(super) fn check(settings: &Settings, faults: &mut Faults, warnings: &mut Vec<String>) {
    let settings_at_top: Vec<&str> = spec::keys().collect();
    let top = Place {
        object: settings.as_json(),
        prefix: "",
        settings: &settings_at_top,
    };
    let mut unknown = unknown(&top, &settings_at_top, &[&top], faults);
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
        // A setting may also have got among the credentials.
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
            faults,
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

/// Where settings stand.
#[derive(Clone, Copy)]
struct Place<'a> {
    object: &'a Value,
    /// What stands before a key in the path of a setting.
    prefix: &'static str,
    settings: &'a [&'static str],
}

/// The paths of the keys in `place` that are not among the `known` ones. A slip is not one of
/// them: what is all but the name of a setting that one of `meant` lacks is a fault.
fn unknown(place: &Place, known: &[&str], meant: &[&Place], faults: &mut Faults) -> Vec<String> {
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
            faults.add(format!("{}refresh_token", place.prefix), fault);
        } else if !OF_TOKEN_ANSWER.contains(&key.as_str())
            && let Some(setting) = meant.iter().find_map(|place| nearest(key, place))
        {
            let path = if is_shown(&path) { &path } else { "A key" };
            let fault = format!("{path} is not a setting: is {setting} meant?");
            faults.add(setting, fault);
        } else {
            unknown.push(path);
        }
    }
    unknown
}

/// The path of the setting that `key` nearly spells and that `place` lacks.
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

/// A key without its case and its separators.
fn letters(key: &str) -> String {
    let letters = key.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether it is short and plain, and not something that was pasted in the place of a key.
fn is_shown(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-. ".contains(c);
    path.len() <= LONGEST && path.chars().all(plain)
}

/// Names the keys, as far as they may be shown.
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
