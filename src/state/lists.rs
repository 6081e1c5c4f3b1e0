//! Reads and writes how far one list is read in one organisation.
//!
//! `{"UpdatedDateUTC": position}`, with up to four more keys:
//! - `"ranges"`: the ranges that an interrupted sync left open;
//! - `"gaps"`: the missing journal numbers;
//! - `"list"`: the snapshot of a list that each sync reads in full;
//! - `"reconciled"`: when the last full read began.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::by_organisation::{COMPLETE, Progress, StreamState};
use super::{gaps, moment, ranges, snapshot};
use crate::failure::Failure;
use crate::rows::rewrite::instant;
use crate::streams::Stream;
use crate::walk::{Checkpoint, Span};

const RANGES: &str = "ranges";
const GAPS: &str = "gaps";
const LIST: &str = "list";
const RECONCILED: &str = "reconciled";

/// How far one list is read in one organisation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListProgress {
    pub(crate) checkpoint: Checkpoint,
    /// The position as it is written. A position that did not move keeps the form of the last
    /// state.
    written: Value,
    /// When the last full read began, if the user configured such reads.
    pub(crate) reconciled: Option<DateTime<Utc>>,
}

impl Progress for ListProgress {
    fn read(stream: &'static Stream, state: &Value) -> Result<Option<ListProgress>, Failure> {
        // A stream without a cursor is read in full, so its state holds no position.
        let Some(field) = stream.cursor else {
            return Ok(None);
        };
        let Some(mut progress) = position(stream, state.get(field))? else {
            return Ok(None);
        };
        let checkpoint = &mut progress.checkpoint;
        checkpoint.open = open(stream, state, checkpoint.from);
        let gaps = state.get(GAPS).filter(|_| stream.is_numbered());
        checkpoint.gaps = gaps.and_then(gaps::read).unwrap_or_default();
        checkpoint.list = state.get(LIST).and_then(snapshot::read);
        let reconciled = state.get(RECONCILED).and_then(Value::as_str);
        let reconciled = reconciled.and_then(moment);
        progress.reconciled = reconciled.and_then(DateTime::from_timestamp_millis);
        Ok(Some(progress))
    }

    fn read_for_all(
        stream: &'static Stream,
        state: &Value,
    ) -> Result<Option<ListProgress>, Failure> {
        let Some(field) = stream.cursor else {
            return Ok(None);
        };
        // Low-code connectors keep one cursor per slice. Their Xero streams had a single slice.
        let slice = ["slices", "states"]
            .iter()
            .find_map(|key| state.get(key)?.get(0)?.get("cursor"));
        let found = state.get(field).or_else(|| slice?.get(field));
        let progress = position(stream, found)?;
        let is_empty = state.as_object().is_none_or(|state| state.is_empty());
        if progress.is_none() && !is_empty {
            tracing::warn!(
                stream = stream.name,
                "the state of the last sync has no {field}: reading from the start date"
            );
        }
        Ok(progress)
    }

    fn write(&self, stream: &Stream) -> Value {
        let field = stream.cursor.unwrap_or(COMPLETE);
        let mut state = json!({ field: self.written });
        let open = &self.checkpoint.open;
        if !open.is_empty() {
            state[RANGES] = ranges::written(open, |cursor| written(stream, cursor));
        }
        let gaps = &self.checkpoint.gaps;
        if gaps.iter().len() > 0 {
            state[GAPS] = gaps::written(gaps);
        }
        if let Some(list) = self.checkpoint.list {
            state[LIST] = snapshot::written(list);
        }
        if let Some(at) = self.reconciled {
            state[RECONCILED] = instant(at).into();
        }
        state
    }

    fn cursor(&self) -> Option<(i64, Value)> {
        Some((self.checkpoint.from, self.written.clone()))
    }
}

impl ListProgress {
    /// Returns the progress at `checkpoint`. `None` stands for a stream without a cursor that was
    /// read to its end.
    pub(crate) fn moved(
        stream: &Stream,
        before: Option<&ListProgress>,
        checkpoint: Option<Checkpoint>,
    ) -> ListProgress {
        let written = match (before, &checkpoint) {
            (Some(before), Some(checkpoint)) if before.checkpoint.from == checkpoint.from => {
                before.written.clone()
            }
            (_, Some(checkpoint)) => written(stream, checkpoint.from),
            (_, None) => Value::Bool(true),
        };
        ListProgress {
            checkpoint: checkpoint.unwrap_or_default(),
            written,
            reconciled: before.and_then(|before| before.reconciled),
        }
    }
}

impl StreamState<ListProgress> {
    /// Copies the position that applies to all organisations into each organisation's entry.
    /// Otherwise the first STATE that names an organisation would lose it.
    pub(crate) fn settle<'t>(&mut self, tenants: impl Iterator<Item = &'t str>) {
        let others = self.others.take();
        let is_state_of_others = others.is_none() && !self.tenants.is_empty();
        let mut absent = 0;
        for tenant in tenants {
            if let Some(position) = &others {
                let entry = self.tenants.entry(tenant.to_owned());
                entry.or_insert_with(|| position.clone());
            } else if !self.tenants.contains_key(tenant) {
                absent += 1;
            }
        }
        if is_state_of_others && absent > 0 {
            tracing::info!(
                stream = self.stream.name,
                "the state of the last sync has other organisations, but not {absent} that are read now: reading them from the start date"
            );
        }
    }
}

/// Reads a cursor: a string for a moment, a number for a journal number.
fn cursor(stream: &Stream, value: &Value) -> Option<i64> {
    match stream.is_numbered() {
        true => value.as_i64(),
        false => value.as_str().and_then(moment),
    }
}

/// Reads a position. `None` if there is none.
fn position(stream: &Stream, value: Option<&Value>) -> Result<Option<ListProgress>, Failure> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let Some(cursor) = cursor(stream, value) else {
        return Err(Failure::config(format!(
            "The state of {} is invalid: its {} is not a position that this connector or Airbyte's own Xero connector writes. Reset the stream to read it again from the start date.",
            stream.name,
            stream.cursor.unwrap_or_default(),
        )));
    };
    Ok(Some(ListProgress {
        checkpoint: Checkpoint::at(cursor),
        written: value.clone(),
        reconciled: None,
    }))
}

/// Reads the ranges that an interrupted sync left open. If they are invalid, the sync reads
/// everything from the position on.
fn open(stream: &Stream, state: &Value, position: i64) -> Vec<Span> {
    let Some(written) = state.get(RANGES).filter(|ranges| !ranges.is_null()) else {
        return Vec::new();
    };
    let open = ranges::read(written, position, |value| cursor(stream, value));
    if open.is_none() {
        tracing::warn!(
            stream = stream.name,
            "the ranges in the state of the last sync are invalid: reading everything from its position"
        );
    }
    open.unwrap_or_default()
}

fn written(stream: &Stream, cursor: i64) -> Value {
    match DateTime::from_timestamp_millis(cursor) {
        Some(moment) if !stream.is_numbered() => instant(moment).into(),
        _ => cursor.into(),
    }
}
