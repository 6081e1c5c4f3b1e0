//! Parses and checks the config, a JSON object that spec.json describes.
//!
//! Optional keys may be null or empty, because clients send such keys. Unknown keys are allowed,
//! because platforms add some. One message lists every error. It names the path of each setting and
//! shows no value that may be a secret.

mod auth_type;
mod base_url;
mod credentials;
mod errors;
mod interval;
mod settings;
mod spec;
mod start_date;
mod stored;
#[cfg(test)]
mod tests;
mod unknown_keys;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

pub(crate) use credentials::{App, Credentials, SavedToken};
pub(crate) use interval::Interval;
pub(crate) use spec::SPEC;
pub(crate) use stored::StoredConfig;

use crate::failure::Failure;
use crate::json;
use errors::ConfigErrors;
use settings::Settings;

/// Default of `lookback_seconds`.
const DEFAULT_LOOKBACK_SECONDS: u32 = 300;
/// Default of `report_lookback_periods`.
const DEFAULT_LOOKBACK_PERIODS: u32 = 3;
/// Default of `max_calls_per_sync`.
const DEFAULT_MAX_CALLS: u32 = 100;
/// Default of `max_concurrent_calls`.
const DEFAULT_CONCURRENT_CALLS: u32 = 100;
/// Default of `attachments_max_megabytes`.
const DEFAULT_MAX_MEGABYTES: u32 = 25;
/// Bytes in a megabyte of `attachments_max_megabytes`.
pub(crate) const MEGABYTE: u64 = 1 << 20;
/// Default of `api_url`.
const DEFAULT_API_URL: &str = "https://api.xero.com";
/// Default of `identity_url`.
const DEFAULT_IDENTITY_URL: &str = "https://identity.xero.com";

/// A valid config. Each field has the name of its key.
#[derive(Debug)]
pub(crate) struct Config {
    /// The first sync reads what was created or changed in Xero at or after this time. A bare date
    /// means midnight UTC.
    pub(crate) start_date: DateTime<Utc>,
    /// The tenant ids of the organisations to read: `tenant_id` and `tenant_ids`, in lower case and
    /// each once. Empty reads every organisation that the consent covers.
    pub(crate) tenant_ids: Vec<String>,
    /// How to get access tokens: the keys under `credentials`, or the same keys at the top level.
    pub(crate) credentials: Credentials,
    /// Overlap with the previous sync, for changes that Xero publishes late.
    pub(crate) lookback_seconds: TimeDelta,
    /// Number of an organisation's daily calls that the connector leaves to other programs.
    pub(crate) daily_call_reserve: u32,
    /// Time after which streams whose rows change without a new stamp are read in full again.
    pub(crate) reconcile_days: Option<TimeDelta>,
    /// Length of a report's periods.
    pub(crate) report_interval: Interval,
    /// Id or name of the tracking category that splits reports.
    pub(crate) report_tracking_category: Option<String>,
    /// Closed report periods that each sync reads again.
    pub(crate) report_lookback_periods: u32,
    /// Maximum number of API calls per sync for streams that need one call per contact or
    /// document. 0 turns these streams off.
    pub(crate) max_calls_per_sync: u32,
    /// Maximum number of API calls in flight over all organisations.
    pub(crate) max_concurrent_calls: u32,
    /// How files are downloaded. `None` downloads no files.
    pub(crate) download_attachments: Option<AttachmentDownloads>,
    /// Base URL of the API, without a slash at the end.
    pub(crate) api_url: String,
    /// Base URL of the token endpoint, without a slash at the end.
    pub(crate) identity_url: String,
    /// Warnings about the config, which is valid all the same.
    pub(crate) warnings: Vec<String>,
    /// The config as JSON, which is sent back when tokens change.
    pub(crate) stored: StoredConfig,
}

/// How the files of documents are downloaded.
#[derive(Debug)]
pub(crate) struct AttachmentDownloads {
    /// `attachments_directory`. `None` hands the files to Airbyte.
    pub(crate) directory: Option<PathBuf>,
    /// `attachments_max_megabytes` in bytes: larger files are not downloaded.
    pub(crate) max_bytes: u64,
}

impl Config {
    /// Parses and checks a config. `start_date` must not be later than `now`.
    pub(crate) fn parse(text: &[u8], now: DateTime<Utc>) -> Result<Config, Failure> {
        let object = object(text)?;
        let settings = Settings::of(&object);
        let mut errors = ConfigErrors::default();
        let mut warnings = Vec::new();

        unknown_keys::check(&settings, &mut errors, &mut warnings);
        spec::check(&settings, &mut errors);
        let start_date = start_date::read(&settings, now, &mut errors);
        let credentials = credentials::read(&settings, &mut errors, &mut warnings);
        let api_url = base_url::read(&settings, "api_url", DEFAULT_API_URL, &mut errors);
        let identity_url =
            base_url::read(&settings, "identity_url", DEFAULT_IDENTITY_URL, &mut errors);
        let (Some(start_date), Some(credentials), Some(api_url), Some(identity_url), true) = (
            start_date,
            credentials,
            api_url,
            identity_url,
            errors.is_empty(),
        ) else {
            return Err(errors.into_failure());
        };

        let number = |key, default| settings.whole_number(key).unwrap_or(default);
        let lookback_seconds = number("lookback_seconds", DEFAULT_LOOKBACK_SECONDS);
        let reconcile_days = settings.whole_number("reconcile_days");
        let report_interval = settings.text("report_interval").and_then(Interval::named);
        Ok(Config {
            start_date,
            tenant_ids: tenant_ids(&settings),
            credentials,
            lookback_seconds: TimeDelta::seconds(i64::from(lookback_seconds)),
            daily_call_reserve: number("daily_call_reserve", 0),
            reconcile_days: reconcile_days.map(|days| TimeDelta::days(i64::from(days))),
            report_interval: report_interval.unwrap_or_default(),
            report_tracking_category: settings.text("report_tracking_category").map(str::to_owned),
            report_lookback_periods: number("report_lookback_periods", DEFAULT_LOOKBACK_PERIODS),
            max_calls_per_sync: number("max_calls_per_sync", DEFAULT_MAX_CALLS),
            max_concurrent_calls: number("max_concurrent_calls", DEFAULT_CONCURRENT_CALLS),
            download_attachments: download_attachments(&settings),
            api_url,
            identity_url,
            warnings,
            stored: StoredConfig::new(settings),
        })
    }

    /// Whether the API and the token endpoint are on this machine. Then they are simulated.
    pub(crate) fn is_local(&self) -> bool {
        base_url::is_local(&self.api_url) && base_url::is_local(&self.identity_url)
    }
}

fn tenant_ids(settings: &Settings) -> Vec<String> {
    let several = settings.get("tenant_ids").and_then(Value::as_array);
    let several = several.into_iter().flatten().filter_map(Value::as_str);
    let mut ids = Vec::new();
    for id in settings.text("tenant_id").into_iter().chain(several) {
        let id = id.to_ascii_lowercase();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn download_attachments(settings: &Settings) -> Option<AttachmentDownloads> {
    let megabytes = settings.whole_number("attachments_max_megabytes");
    let directory = settings.text("attachments_directory");
    settings
        .boolean("download_attachments")
        .then(|| AttachmentDownloads {
            directory: directory.map(PathBuf::from),
            max_bytes: u64::from(megabytes.unwrap_or(DEFAULT_MAX_MEGABYTES)) * MEGABYTE,
        })
}

/// Parses a text that must be a JSON object.
fn object(text: &[u8]) -> Result<Map<String, Value>, Failure> {
    match json::read(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(Failure::config(format!(
            "The config must be a JSON object, not {}.",
            errors::type_of(&other)
        ))),
        Err(misread) => Err(Failure::config(format!(
            "The config is not valid JSON: line {}, column {}.",
            misread.line, misread.column
        ))
        .because(misread)),
    }
}
