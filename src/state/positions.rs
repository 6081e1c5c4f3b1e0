//! How far one stream was read, organisation by organisation.
//!
//! A stream's state is `{"UpdatedDateUTC": oldest, "tenants": {"<id>": {"UpdatedDateUTC": position}}}`:
//! every organisation has its own position, so that organisations can be added.
//! A sync that walks several ranges side by side adds what each has left to read, `"ranges"`.
//! A ledger adds the numbers that it lacks, `"gaps"`, and a list that is read whole each time how it
//! looked, `"list"`. Where such reads are asked for, `"reconciled"` tells when the last whole one began.
//! A state without `tenants` (Airbyte's own Xero connector writes such) holds for all.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{gaps, list, moment, ranges};
use crate::failure::Failure;
use crate::rows::rewrite::instant;
use crate::streams::{Paging, Stream};
use crate::walk::{Checkpoint, Gaps, Span};

pub(crate) const TENANTS: &str = "tenants";
const RANGES: &str = "ranges";
const GAPS: &str = "gaps";
const LIST: &str = "list";
const RECONCILED: &str = "reconciled";

/// How far one stream was read in each organisation.
#[derive(Debug)]
pub(crate) struct ListStates {
    stream: &'static Stream,
    /// The value of each is as it came or as it will go: text for an instant, a number for a number.
    tenants: BTreeMap<String, Position>,
    /// For organisations that are not named, until they are settled.
    others: Option<Position>,
    /// When each was last begun to be read whole, where that is counted.
    reconciled: BTreeMap<String, DateTime<Utc>>,
}

/// One position.
#[derive(Clone, Debug, PartialEq)]
struct Position {
    checkpoint: Checkpoint,
    /// Its cursor as it is written. One that came in and did not move is written as it came.
    written: Value,
}

impl ListStates {
    pub(crate) fn read(stream: &'static Stream, state: &Value) -> Result<ListStates, Failure> {
        let mut positions = ListStates {
            stream,
            tenants: BTreeMap::new(),
            others: None,
            reconciled: BTreeMap::new(),
        };
        // A stream without a cursor is read whole: whatever came says nothing.
        let Some(field) = stream.cursor else {
            return Ok(positions);
        };
        match state.get(TENANTS) {
            Some(Value::Object(tenants)) => {
                for (tenant, state) in tenants {
                    if let Some(mut position) = positions.position(state.get(field))? {
                        let checkpoint = &mut position.checkpoint;
                        checkpoint.open = positions.open(state, checkpoint.from);
                        checkpoint.gaps = positions.gaps(state);
                        checkpoint.list = state.get(LIST).and_then(list::read);
                        positions.tenants.insert(tenant.to_lowercase(), position);
                    }
                    let reconciled = state.get(RECONCILED).and_then(Value::as_str);
                    let reconciled = reconciled.and_then(moment);
                    if let Some(at) = reconciled.and_then(DateTime::from_timestamp_millis) {
                        positions.reconciled.insert(tenant.to_lowercase(), at);
                    }
                }
            }
            _ => {
                // The low-code form keeps one cursor for each slice; Xero streams had but one.
                let slice = ["slices", "states"]
                    .iter()
                    .find_map(|key| state.get(key)?.get(0)?.get("cursor"));
                let found = state.get(field).or_else(|| slice?.get(field));
                positions.others = positions.position(found)?;
                if positions.others.is_none()
                    && state.as_object().is_some_and(|state| !state.is_empty())
                {
                    tracing::warn!(
                        stream = stream.name,
                        "the state that came in has no {field}: reading from the start date"
                    );
                }
            }
        }
        Ok(positions)
    }

    fn position(&self, value: Option<&Value>) -> Result<Option<Position>, Failure> {
        let cursor = match value {
            None | Some(Value::Null) => return Ok(None),
            Some(value) if self.counts() => value.as_i64(),
            Some(value) => value.as_str().and_then(moment),
        };
        let (Some(cursor), Some(written)) = (cursor, value.cloned()) else {
            return Err(Failure::config(format!(
                "The state of {} cannot be understood: its {} is neither a position of this connector nor one of Airbyte's own Xero connector. Reset the stream to read it again from the start date.",
                self.stream.name,
                self.stream.cursor.unwrap_or_default(),
            )));
        };
        Ok(Some(Position {
            checkpoint: Checkpoint::at(cursor),
            written,
        }))
    }

    /// What an interrupted sync left open. Ranges that make no sense are as good
    /// as none: then everything from the position on is read.
    fn open(&self, state: &Value, cursor: i64) -> Vec<Span> {
        let Some(written) = state.get(RANGES).filter(|ranges| !ranges.is_null()) else {
            return Vec::new();
        };
        let open = ranges::read(written, cursor);
        if open.is_none() {
            tracing::warn!(
                stream = self.stream.name,
                "the ranges in the state that came in make no sense: reading everything from its position on"
            );
        }
        open.unwrap_or_default()
    }

    /// The numbers that were missing. Gaps that make no sense are as good as none.
    fn gaps(&self, state: &Value) -> Gaps {
        let written = state.get(GAPS).filter(|_| self.counts());
        written.and_then(gaps::read).unwrap_or_default()
    }

    fn counts(&self) -> bool {
        self.stream.endpoint().paging == Paging::Offset
    }

    /// Gives each organisation that is read the position that held for all, so
    /// that it is still there after another one's was sent.
    pub(crate) fn settle<'t>(&mut self, tenants: impl Iterator<Item = &'t str>) {
        let others = self.others.take();
        let is_state_of_others = others.is_none() && !self.tenants.is_empty();
        for tenant in tenants {
            if let Some(position) = &others {
                let entry = self.tenants.entry(tenant.to_owned());
                entry.or_insert_with(|| position.clone());
            } else if is_state_of_others && !self.tenants.contains_key(tenant) {
                tracing::info!(
                    stream = self.stream.name,
                    "the state that came in knows other organisations and not this one: reading it from the start date"
                );
            }
        }
    }

    /// How far the organisation was read, if it was.
    pub(crate) fn of(&self, tenant: &str) -> Option<&Checkpoint> {
        let position = self.tenants.get(tenant);
        position.map(|position| &position.checkpoint)
    }

    /// When the organisation was last begun to be read whole, if that is known.
    pub(crate) fn reconciled(&self, tenant: &str) -> Option<DateTime<Utc>> {
        self.reconciled.get(tenant).copied()
    }

    /// Notes that the organisation is begun to be read whole.
    pub(crate) fn reconcile(&mut self, tenant: &str, at: DateTime<Utc>) {
        self.reconciled.insert(tenant.to_owned(), at);
    }

    /// Notes how far an organisation was read; none for a stream without a
    /// cursor that was read to its end.
    pub(crate) fn note(&mut self, tenant: &str, checkpoint: Option<Checkpoint>) {
        let old = self.tenants.get(tenant);
        let position = match (old, checkpoint) {
            (Some(old), Some(checkpoint)) if old.checkpoint.from == checkpoint.from => Position {
                checkpoint,
                written: old.written.clone(),
            },
            (_, Some(checkpoint)) => Position {
                written: self.written(checkpoint.from),
                checkpoint,
            },
            (_, None) => Position {
                checkpoint: Checkpoint::default(),
                written: Value::Bool(true),
            },
        };
        self.tenants.insert(tenant.to_owned(), position);
    }

    fn written(&self, cursor: i64) -> Value {
        match DateTime::from_timestamp_millis(cursor) {
            Some(moment) if !self.counts() => instant(moment).into(),
            _ => cursor.into(),
        }
    }

    /// The `stream_state` to send.
    pub(crate) fn state(&self) -> Value {
        let field = self.stream.cursor.unwrap_or("complete");
        let tenants: Map<_, _> = self
            .tenants
            .iter()
            .map(|(id, position)| (id.clone(), self.tenant_state(field, id, position)))
            .collect();
        let mut state = Map::new();
        // Suites look for the cursor under its own name at the top.
        let oldest = self.tenants.values();
        if let Some(oldest) = oldest.min_by_key(|position| position.checkpoint.from) {
            state.insert(field.to_owned(), oldest.written.clone());
        }
        state.insert(TENANTS.to_owned(), tenants.into());
        state.into()
    }

    fn tenant_state(&self, field: &str, tenant: &str, position: &Position) -> Value {
        let mut state = json!({ field: position.written });
        let open = &position.checkpoint.open;
        if !open.is_empty() {
            state[RANGES] = ranges::written(open, |cursor| self.written(cursor));
        }
        let gaps = &position.checkpoint.gaps;
        if gaps.iter().len() > 0 {
            state[GAPS] = gaps::written(gaps);
        }
        if let Some(list) = position.checkpoint.list {
            state[LIST] = list::written(list);
        }
        if let Some(at) = self.reconciled(tenant) {
            state[RECONCILED] = instant(at).into();
        }
        state
    }
}
