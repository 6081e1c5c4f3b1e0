//! Reads the state of the last sync and writes the state of this one.

mod by_organisation;
pub(crate) mod documents;
mod gaps;
mod lists;
mod ranges;
pub(crate) mod reconcile;
pub(crate) mod reports;
mod snapshot;
mod throttle;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::dates;
use crate::failure::Failure;
use crate::json::Misread;
use crate::streams::Stream;

pub(crate) use by_organisation::{Progress, StreamState};
pub(crate) use lists::ListProgress;
pub(crate) use throttle::{INTERVAL as STATE_INTERVAL, StateThrottle};

/// How far a position may be ahead of this machine's clock: a day, in milliseconds.
const MAX_AHEAD: i64 = 24 * 60 * 60 * 1000;

/// The states of the state file, by stream. Each state is interpreted separately, so that an
/// invalid one fails its own stream only.
#[derive(Debug, Default)]
pub(crate) struct StateFile(HashMap<String, Value>);

impl StateFile {
    /// Parses every form in which clients pass states. They are STREAM or GLOBAL messages, bare or
    /// in an envelope, as an array or one per line, or the legacy object by stream name. The later
    /// of two states of a stream counts.
    pub(crate) fn parse(text: &[u8]) -> Result<StateFile, Failure> {
        let not_json = || Failure::config("The state file is not valid JSON.");
        let mut states = HashMap::new();
        let mut values = serde_json::Deserializer::from_slice(text)
            .into_iter::<Value>()
            .peekable();
        if values.peek().is_none() {
            return Err(not_json()); // an empty file: its writer ended before it wrote anything
        }
        for value in values {
            match value.map_err(|error| not_json().because(Misread::from(error)))? {
                Value::Array(messages) => {
                    for message in &messages {
                        collect(message, &mut states);
                    }
                }
                Value::Object(fields) if fields.contains_key("type") => {
                    collect(&Value::Object(fields), &mut states);
                }
                Value::Object(fields) => states.extend(fields),
                Value::Null => {}
                _ => {
                    return Err(Failure::config(
                        "The state file contains neither a list nor an object.",
                    ));
                }
            }
        }
        Ok(StateFile(states))
    }

    /// Returns the state of each stream.
    pub(crate) fn into_states(self) -> BTreeMap<String, Value> {
        self.0.into_iter().collect()
    }

    /// Drops the states of the streams for which `keep` is false.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|stream, _| keep(stream));
    }

    /// Returns whether the file holds states, but none of this stream.
    pub(crate) fn lacks(&self, stream: &Stream) -> bool {
        !self.0.is_empty() && !self.0.contains_key(stream.name)
    }

    /// Returns the state of one stream, or null.
    pub(crate) fn raw(&self, stream: &Stream) -> &Value {
        self.0.get(stream.name).unwrap_or(&Value::Null)
    }

    /// Returns the latest position of each organisation in one stream, as written, if it lies in the
    /// future: with the id in lower case, or `None` for all organisations. The state keeps such a
    /// position, so that changes before it are not read.
    pub(crate) fn ahead(&self, stream: &Stream, now: DateTime<Utc>) -> Vec<(Option<String>, &str)> {
        let Some(cursor) = stream.cursor else {
            return Vec::new();
        };
        let state = self.raw(stream);
        let tenants = state.get(by_organisation::TENANTS);
        let states: Vec<_> = match tenants.and_then(Value::as_object) {
            Some(tenants) => tenants
                .iter()
                .map(|(id, state)| (Some(id.to_lowercase()), state))
                .collect(),
            None => vec![(None, state)],
        };
        let latest = states.into_iter().filter_map(|(id, state)| {
            let positions = texts(state, cursor).into_iter();
            let (at, text) = positions
                .filter_map(|text| Some((moment(text)?, text)))
                .max()?;
            (at > now.timestamp_millis() + MAX_AHEAD).then_some((id, text))
        });
        latest.collect()
    }

    /// Returns the ids of the organisations in the states of these streams, in lower case.
    pub(crate) fn organisations<'s>(
        &self,
        streams: impl Iterator<Item = &'s Stream>,
    ) -> BTreeSet<String> {
        let states = streams.filter_map(|stream| self.raw(stream).get(by_organisation::TENANTS));
        let tenants = states.filter_map(Value::as_object);
        let ids = tenants.flat_map(|tenants| tenants.keys());
        ids.map(|id| id.to_lowercase()).collect()
    }

    /// Returns the state of one stream.
    pub(crate) fn of<P: Progress>(
        &self,
        stream: &'static Stream,
    ) -> Result<StreamState<P>, Failure> {
        StreamState::read(stream, self.raw(stream))
    }
}

/// Returns the strings under a key, at any depth.
fn texts<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    match value {
        Value::Object(fields) => {
            let found = fields.get(key).and_then(Value::as_str);
            let deeper = fields.values().flat_map(|value| texts(value, key));
            found.into_iter().chain(deeper).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| texts(item, key)).collect(),
        _ => Vec::new(),
    }
}

fn collect(message: &Value, states: &mut HashMap<String, Value>) {
    let body = message.get("state").unwrap_or(message);
    let global = body
        .pointer("/global/stream_states")
        .and_then(Value::as_array);
    for entry in body
        .get("stream")
        .into_iter()
        .chain(global.into_iter().flatten())
    {
        let name = entry
            .pointer("/stream_descriptor/name")
            .and_then(Value::as_str);
        if let (Some(name), Some(state)) = (name, entry.get("stream_state")) {
            states.insert(name.to_owned(), state.clone());
        }
    }
    if let Some(Value::Object(legacy)) = body.get("data") {
        states.extend(legacy.clone());
    }
}

/// Parses a moment of a state to milliseconds since the epoch.
pub(crate) fn moment(text: &str) -> Option<i64> {
    dates::parse(text).map(|moment| moment.timestamp_millis())
}

#[cfg(test)]
mod tests;
