//! Targets for the files of a user: state, config and catalog.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::checks::{is_failure, is_message};
use crate::config::{Config, Credentials, StoredConfig};
use crate::excerpt::LONGEST;
use crate::failure::{Failure, Kind};
use crate::secret::Secret;
use crate::state::documents::DocumentLists;
use crate::state::reports::ReportCursor;
use crate::state::{ListProgress, Progress, StateFile, StreamState};
use crate::streams::{self, Source, Stream};
use crate::sync::catalog::Selection;
use crate::walk::Span;

/// The organisation whose progress is read.
const TENANT: &str = "t-1";

/// The time at which configs are read.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_795_000_000_000).expect("a moment")
}

/// A file that is rejected is the user's to correct.
fn is_config_error(failure: &Failure) {
    assert_eq!(failure.kind, Kind::Config, "{failure}");
    is_failure(failure);
}

/// The state file.
///
/// - Each state is rejected with an error that the user can act on, or is written in a form that
///   reads as the same state.
/// - A state is written in the same form after it is read again.
/// - Open ranges ascend from the position and do not overlap, and each organisation has one entry.
pub fn state(data: &[u8]) {
    let file = match StateFile::parse(data) {
        Ok(file) => file,
        Err(failure) => return is_config_error(&failure),
    };
    let named: Vec<_> = streams::all()
        .filter(|stream| !file.raw(stream).is_null())
        .collect();
    file.organisations(named.iter().copied());
    for stream in named {
        file.ahead(stream, now());
        match &stream.parent().source {
            Source::Endpoint(_) | Source::Child(_) | Source::Counts(_) => {
                let settle = |state: &mut StreamState<ListProgress>| {
                    state.settle([TENANT].into_iter());
                };
                survives(&file, stream, settle);
                ascend(&file, stream);
            }
            Source::Document(_) => survives::<DocumentLists>(&file, stream, |_| {}),
            Source::Report(_) => survives::<ReportCursor>(&file, stream, |_| {}),
        }
    }
}

/// Checks the open ranges of a list.
fn ascend(file: &StateFile, stream: &'static Stream) {
    let Ok(state) = file.of::<ListProgress>(stream) else {
        return;
    };
    let Some(progress) = state.of(TENANT) else {
        return;
    };
    let open = &progress.checkpoint.open;
    assert!(
        open.first()
            .is_none_or(|it| it.from == progress.checkpoint.from)
    );
    assert!(
        open.iter().all(|it| it.to.is_none_or(|to| to > it.from)),
        "{open:?}"
    );
    let follows = |pair: &[Span]| pair[0].to.is_some_and(|to| to <= pair[1].from);
    assert!(open.windows(2).all(follows), "{open:?}");
}

/// Reads the state of a stream, writes it, and reads it again.
fn survives<P: Progress + PartialEq + std::fmt::Debug>(
    file: &StateFile,
    stream: &'static Stream,
    settle: impl FnOnce(&mut StreamState<P>),
) {
    let mut first = match file.of::<P>(stream) {
        Ok(state) => state,
        Err(failure) => return is_config_error(&failure),
    };
    settle(&mut first);
    if let Some(progress) = first.of(TENANT).cloned() {
        first.set(TENANT, progress);
    }
    let written = first.state();
    let entries = written["tenants"].as_object().into_iter().flatten();
    for (tenant, _) in entries {
        assert_eq!(*tenant, tenant.to_lowercase());
    }
    let message = json!([{"type": "STREAM", "stream": {
        "stream_descriptor": {"name": stream.name}, "stream_state": written}}]);
    let again = StateFile::parse(message.to_string().as_bytes()).expect("a state is JSON");
    let again = again
        .of::<P>(stream)
        .expect("the connector wrote this state");
    assert_eq!(again.of(TENANT), first.of(TENANT), "{written}");
    assert_eq!(again.state(), written);
}

/// The keys whose values are secrets.
const SECRETS: [&str; 4] = ["access_token", "client_secret", "id_token", "refresh_token"];

/// Replaces the letters and digits of every secret.
fn mask(value: &mut Value, is_secret: bool) {
    match value {
        Value::String(text) if is_secret => {
            let masked = text.chars().map(|it| match it.is_ascii_alphanumeric() {
                true => 'q',
                false => it,
            });
            *text = masked.collect();
        }
        Value::Number(number) if is_secret => *number = 7.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, is_secret)),
        Value::Object(members) => {
            for (key, value) in members {
                mask(value, is_secret || SECRETS.contains(&key.as_str()));
            }
        }
        _ => {}
    }
}

/// The config.
///
/// - An error is the user's to correct, and does not depend on the secrets in the config. The same
///   holds for the warnings and the debug form.
/// - A valid config with new tokens is valid, and has the same settings. Airbyte would drop another
///   one.
pub fn config(data: &[u8]) {
    let parse = |text: &[u8]| Config::parse(text, now());
    let found = parse(data);
    if let Err(failure) = &found {
        is_config_error(failure);
    }
    let Ok(whole @ Value::Object(_)) = serde_json::from_slice(data) else {
        return;
    };
    let mut masked = whole.clone();
    mask(&mut masked, false);
    let shown = |config: &Value| match parse(config.to_string().as_bytes()) {
        Ok(config) => format!("{config:?}"),
        Err(failure) => failure.internal(),
    };
    let (own, other) = (shown(&whole), shown(&masked));
    assert_eq!(own, other, "the message depends on a secret");
    let Ok(mut config) = found else { return };
    let stored = StoredConfig::read(data).expect("a valid config can be stored");
    assert_eq!(
        stored.secrets().is_empty(),
        config.stored.secrets().is_empty()
    );
    if matches!(config.credentials, Credentials::AccessToken(_)) {
        return;
    }
    let [access, refresh] = ["n3w.access", "n3w-refresh"].map(|it| Secret::new(it.to_owned()));
    let refreshed = match config.credentials {
        Credentials::RefreshToken { .. } => Some(&refresh),
        _ => None,
    };
    let update = config.stored.with_tokens(&access, refreshed, None, now());
    let updated = parse(update.to_string().as_bytes()).expect("an updated config is valid");
    assert_eq!(settings(&updated), settings(&config));
    match (&updated.credentials, &config.credentials) {
        (
            Credentials::RefreshToken {
                app,
                refresh_token,
                saved_token,
            },
            Credentials::RefreshToken { app: before, .. },
        ) => {
            assert_eq!((app, refresh_token), (before, &refresh));
            assert_eq!(
                saved_token.as_ref().map(|it| &it.access_token),
                Some(&access)
            );
        }
        (
            Credentials::CustomConnection {
                app,
                scopes,
                saved_token,
            },
            Credentials::CustomConnection {
                app: before,
                scopes: granted,
                ..
            },
        ) => {
            assert_eq!((app, scopes), (before, granted));
            assert_eq!(
                saved_token.as_ref().map(|it| &it.access_token),
                Some(&access)
            );
        }
        _ => panic!("the kind of credentials changed"),
    }
}

/// All settings except the credentials.
fn settings(config: &Config) -> String {
    let mut settings = Map::new();
    let fields = [
        ("start_date", format!("{:?}", config.start_date)),
        ("tenant_ids", format!("{:?}", config.tenant_ids)),
        ("lookback_seconds", format!("{:?}", config.lookback_seconds)),
        (
            "daily_call_reserve",
            format!("{:?}", config.daily_call_reserve),
        ),
        ("reconcile_days", format!("{:?}", config.reconcile_days)),
        ("report_interval", format!("{:?}", config.report_interval)),
        (
            "report_tracking_category",
            format!("{:?}", config.report_tracking_category),
        ),
        (
            "report_lookback_periods",
            format!("{:?}", config.report_lookback_periods),
        ),
        (
            "max_calls_per_sync",
            format!("{:?}", config.max_calls_per_sync),
        ),
        (
            "max_concurrent_calls",
            format!("{:?}", config.max_concurrent_calls),
        ),
        (
            "download_attachments",
            format!("{:?}", config.download_attachments),
        ),
        ("api_url", config.api_url.clone()),
        ("identity_url", config.identity_url.clone()),
    ];
    settings.extend(fields.map(|(name, value)| (name.to_owned(), value.into())));
    Value::Object(settings).to_string()
}

/// The configured catalog.
///
/// - Each stream is selected once, and under its own name.
/// - An error of a stream is one short line, and an error of the file is the user's to correct.
pub fn catalog(data: &[u8]) {
    let selection = match Selection::parse(data) {
        Ok(selection) => selection,
        Err(failure) => return is_config_error(&failure),
    };
    let mut names = HashSet::new();
    for selected in &selection.0 {
        assert!(
            names.insert(&selected.name),
            "{} is selected twice",
            selected.name
        );
        match &selected.stream {
            Ok(stream) => assert_eq!(stream.name, selected.name),
            Err(why) => {
                is_message(why);
                // An escaped character takes up to ten.
                assert!(why.chars().count() < LONGEST * 10 + 300, "{why}");
            }
        }
    }
    selection.include_files();
}
