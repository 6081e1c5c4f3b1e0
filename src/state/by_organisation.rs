//! Defines the state of one stream, for all kinds of streams.
//!
//! `{"<cursor>": oldest, "tenants": {"<tenant id>": {...}}}`: every organisation has its own entry,
//! so that organisations can be added. A state without `tenants`, as Airbyte's own connector for
//! Xero writes it, applies to all organisations.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::streams::Stream;

/// The key of the entries by organisation.
pub(crate) const TENANTS: &str = "tenants";

/// How far one stream is read in one organisation.
pub(crate) trait Progress: Clone {
    /// Reads the entry of an organisation. `None` if it holds no position.
    fn read(stream: &'static Stream, state: &Value) -> Result<Option<Self>, Failure>;

    /// Reads a state without organisations. `None` if it holds no position.
    fn read_for_all(stream: &'static Stream, state: &Value) -> Result<Option<Self>, Failure>;

    /// Writes the entry of an organisation.
    fn write(&self, stream: &Stream) -> Value;

    /// Returns the cursor in two forms: as a number for comparisons, and as the state writes it.
    fn cursor(&self) -> Option<(i64, Value)>;
}

/// How far one stream is read in each organisation.
#[derive(Debug)]
pub(crate) struct StreamState<P> {
    pub(super) stream: &'static Stream,
    /// The entries by tenant id in lower case.
    pub(super) tenants: BTreeMap<String, P>,
    /// The entry for organisations that the state does not name.
    pub(super) others: Option<P>,
}

impl<P: Progress> StreamState<P> {
    /// Reads the state of the last sync. Null if there is none.
    pub(crate) fn read(stream: &'static Stream, state: &Value) -> Result<StreamState<P>, Failure> {
        let (mut tenants, mut others) = (BTreeMap::new(), None);
        match state.get(TENANTS) {
            Some(Value::Object(states)) => {
                for (tenant, state) in states {
                    let progress = P::read(stream, state)?;
                    tenants.extend(progress.map(|it| (tenant.to_lowercase(), it)));
                }
            }
            _ => others = P::read_for_all(stream, state)?,
        }
        Ok(StreamState {
            stream,
            tenants,
            others,
        })
    }

    /// Returns how far an organisation is read. `None` before its first sync.
    pub(crate) fn of(&self, tenant: &str) -> Option<&P> {
        self.tenants.get(tenant).or(self.others.as_ref())
    }

    /// Records how far an organisation is read.
    pub(crate) fn set(&mut self, tenant: &str, progress: P) {
        self.tenants.insert(tenant.to_owned(), progress);
    }

    /// Changes the entry of an organisation. Returns whether it differs afterwards.
    pub(crate) fn change(&mut self, tenant: &str, change: impl FnOnce(&mut P)) -> bool
    where
        P: Default + PartialEq,
    {
        let before = self.of(tenant).cloned().unwrap_or_default();
        let mut after = before.clone();
        change(&mut after);
        let differs = before != after;
        if differs {
            self.set(tenant, after);
        }
        differs
    }

    /// Returns the `stream_state` to send.
    pub(crate) fn state(&self) -> Value {
        let mut state = Map::new();
        // Airbyte's acceptance tests look for the cursor under its own name at the top level.
        match self.stream.cursor {
            Some(field) => {
                let cursors = self.tenants.values().filter_map(P::cursor);
                let oldest = cursors.min_by_key(|(order, _)| *order);
                let oldest = oldest.or_else(|| self.others.as_ref()?.cursor());
                state.extend(oldest.map(|(_, written)| (field.to_owned(), written)));
            }
            None => drop(state.insert(COMPLETE.to_owned(), true.into())),
        }
        let tenants = self.tenants.iter();
        let tenants = tenants.map(|(tenant, it)| (tenant.clone(), it.write(self.stream)));
        state.insert(TENANTS.to_owned(), Value::Object(tenants.collect()));
        state.into()
    }
}

/// The key that a stream without a cursor writes after it was read to its end.
pub(super) const COMPLETE: &str = "complete";

/// Returns the failure for a state that the connector did not write.
pub(super) fn not_understood(stream: &Stream) -> Failure {
    Failure::config(format!(
        "The state of {} is invalid: this connector did not write it. Reset the stream to read it again from the start date.",
        stream.name
    ))
}
