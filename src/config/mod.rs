//! The configuration: a JSON document, checked against the specification that
//! the connector publishes, read once into values that need no further doubt.
//!
//! Lenient on input: clients write optional fields as null or as an empty text,
//! and add keys of their own. Strict on faults: all of them are named in one
//! message, each by its path, and none with a value that may be a secret.

mod auth_type;
mod date;
mod document;
mod endpoint;
mod faults;
mod grant;
mod interval;
mod keys;
mod settings;
mod spec;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

pub(crate) use document::Document;
pub(crate) use grant::{Cached, Client, Grant};
pub(crate) use interval::Interval;
pub(crate) use spec::SPEC;

use crate::failure::Failure;
use crate::json;
use faults::Faults;
use settings::Settings;

/// Seconds of `lookback_seconds` where the config names none.
const DEFAULT_LOOKBACK: f64 = 300.0;
/// Closed periods of `report_lookback_periods` where the config names none.
const DEFAULT_PERIODS: f64 = 3.0;
/// Calls of `max_calls_per_sync` where the config names none.
const DEFAULT_CALLS: f64 = 100.0;
/// Megabytes of `attachments_max_megabytes` where the config names none.
const DEFAULT_MEGABYTES: f64 = 25.0;
/// Bytes of one of them.
pub(crate) const MEGABYTE: u64 = 1 << 20;
/// `api_url` where the config names none.
const DEFAULT_API: &str = "https://api.xero.com";
/// `identity_url` where the config names none.
const DEFAULT_IDENTITY: &str = "https://identity.xero.com";

/// What the user decided.
#[derive(Debug)]
pub(crate) struct Config {
    /// From when on the first sync reads; a bare date stands for its midnight.
    pub(crate) start: DateTime<Utc>,
    /// The organisation to read, a GUID in lower case; without it, all that the
    /// consent covers.
    pub(crate) tenant: Option<String>,
    /// How access tokens are come by.
    pub(crate) grant: Grant,
    /// How far a sync goes back behind the end of the one before.
    pub(crate) lookback: TimeDelta,
    /// Calls of an organisation's day that are left to other programs.
    pub(crate) reserve: u32,
    /// After so long, streams whose rows change without a stamp are read whole again.
    pub(crate) reconcile: Option<TimeDelta>,
    /// How long the periods of reports are.
    pub(crate) interval: Interval,
    /// Id or name of the tracking category that splits reports.
    pub(crate) tracking: Option<String>,
    /// Closed periods of reports that each sync reads again.
    pub(crate) periods: u32,
    /// Calls of a sync for streams that cost one for each of another list's rows.
    pub(crate) costly_calls: u32,
    /// Whether and where files are downloaded.
    pub(crate) downloads: Option<Downloads>,
    /// Where the API answers, without a slash at the end.
    pub(crate) api: String,
    /// Where tokens are issued, without a slash at the end.
    pub(crate) identity: String,
    /// What is odd about the config and yet no fault, a sentence each.
    pub(crate) warnings: Vec<String>,
    /// The config as it came, to be written back when tokens change.
    pub(crate) document: Document,
}

/// How the files of documents are downloaded.
#[derive(Debug)]
pub(crate) struct Downloads {
    /// Where to; none leaves it to Airbyte.
    pub(crate) directory: Option<PathBuf>,
    /// Bytes of the largest file that is downloaded.
    pub(crate) largest: u64,
}

impl Config {
    /// Reads a config. `now` is the present, which `start_date` may not exceed.
    pub(crate) fn parse(text: &[u8], now: DateTime<Utc>) -> Result<Config, Failure> {
        let object = object(text)?;
        let settings = Settings::of(&object);
        let mut faults = Faults::default();
        let mut warnings = Vec::new();

        keys::check(&settings, &mut faults, &mut warnings);
        spec::check(&settings, &mut faults);
        let start = date::start(&settings, now, &mut faults);
        let grant = grant::read(&settings, &mut faults, &mut warnings);
        let api = endpoint::read(&settings, "api_url", DEFAULT_API, &mut faults);
        let identity = endpoint::read(&settings, "identity_url", DEFAULT_IDENTITY, &mut faults);
        let (Some(start), Some(grant), Some(api), Some(identity), true) =
            (start, grant, api, identity, faults.is_empty())
        else {
            return Err(faults.into_failure());
        };

        // The specification holds it to whole seconds of at most a day.
        let lookback = settings
            .number("lookback_seconds")
            .unwrap_or(DEFAULT_LOOKBACK);
        // And this to whole numbers from 0 on; Xero's days have no more calls than fit.
        let reserve = settings.number("daily_call_reserve").unwrap_or_default();
        let reconcile = settings.number("reconcile_days");
        let periods = settings.number("report_lookback_periods");
        let costly_calls = settings.number("max_calls_per_sync");
        let interval = settings.text("report_interval").and_then(Interval::named);
        Ok(Config {
            start,
            tenant: settings.text("tenant_id").map(str::to_ascii_lowercase),
            grant,
            lookback: TimeDelta::seconds(lookback as i64),
            reserve: reserve as u32,
            reconcile: reconcile.and_then(|days| TimeDelta::try_days(days as i64)),
            interval: interval.unwrap_or_default(),
            tracking: settings.text("report_tracking_category").map(str::to_owned),
            periods: periods.unwrap_or(DEFAULT_PERIODS) as u32,
            costly_calls: costly_calls.unwrap_or(DEFAULT_CALLS) as u32,
            downloads: downloads(&settings),
            api,
            identity,
            warnings,
            document: Document::new(settings),
        })
    }

    /// Whether the API and the identity server are on this machine, where they are simulated.
    pub(crate) fn is_local(&self) -> bool {
        endpoint::is_local(&self.api) && endpoint::is_local(&self.identity)
    }
}

fn downloads(settings: &Settings) -> Option<Downloads> {
    let megabytes = settings.number("attachments_max_megabytes");
    let directory = settings.text("attachments_directory");
    settings.truth("download_attachments").then(|| Downloads {
        directory: directory.map(PathBuf::from),
        largest: megabytes.unwrap_or(DEFAULT_MEGABYTES) as u64 * MEGABYTE,
    })
}

/// The JSON object in a text.
fn object(text: &[u8]) -> Result<Map<String, Value>, Failure> {
    match json::read(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(Failure::config(format!(
            "The config must be a JSON object, not {}.",
            faults::type_of(&other)
        ))),
        Err(misread) => Err(Failure::config(format!(
            "The config is not valid JSON: line {}, column {}.",
            misread.line, misread.column
        ))
        .because(misread)),
    }
}
