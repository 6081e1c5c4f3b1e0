//! The state of one stream, whatever kind of stream it is.
//!
//! `{"<cursor>": oldest, "tenants": {"<tenant id>": {...}}}`: every organisation has a part of its
//! own, so that organisations can be added. A state without `tenants` (Airbyte's own connector for
//! Xero writes such states) holds for all organisations.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::streams::Stream;

/// The member that holds the organisations.
pub(crate) const TENANTS: &str = "tenants";

/// How far one organisation was read in one stream.
pub(crate) trait Progress: Clone {
    /// Reads the part of an organisation; `None` if it says nothing.
    fn read(stream: &'static Stream, state: &Value) -> Result<Option<Self>, Failure>;

    /// Reads a state without organisations; `None` if it says nothing.
    fn read_for_all(stream: &'static Stream, state: &Value) -> Result<Option<Self>, Failure>;

    /// Writes the part of an organisation.
    fn write(&self, stream: &Stream) -> Value;

    /// The cursor as it is written, and the number by which the oldest one is found.
    fn cursor(&self) -> Option<(i64, Value)>;
}

/// How far one stream was read in each organisation.
#[derive(Debug)]
pub(crate) struct StreamState<P> {
    pub(super) stream: &'static Stream,
    /// By the tenant id in lower case.
    pub(super) tenants: BTreeMap<String, P>,
    /// For organisations that the state does not name.
    pub(super) others: Option<P>,
}

impl<P: Progress> StreamState<P> {
    /// Reads the state that came in; null if none did.
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

    /// How far an organisation was read, if it was.
    pub(crate) fn of(&self, tenant: &str) -> Option<&P> {
        self.tenants.get(tenant).or(self.others.as_ref())
    }

    /// Notes how far an organisation was read.
    pub(crate) fn set(&mut self, tenant: &str, progress: P) {
        self.tenants.insert(tenant.to_owned(), progress);
    }

    /// How far an organisation was read, to be changed.
    pub(crate) fn entry(&mut self, tenant: &str) -> &mut P
    where
        P: Default,
    {
        let others = || self.others.clone().unwrap_or_default();
        let entry = self.tenants.entry(tenant.to_owned());
        entry.or_insert_with(others)
    }

    /// The `stream_state` to send.
    pub(crate) fn state(&self) -> Value {
        let mut state = Map::new();
        // Acceptance suites look for the cursor under its own name at the top.
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

/// The member that a stream without a cursor writes once it was read to its end.
pub(super) const COMPLETE: &str = "complete";

/// The failure of a state that no version of the connector wrote.
pub(super) fn unknown(stream: &Stream) -> Failure {
    Failure::config(format!(
        "The state of {} cannot be understood: it is none of this connector's. Reset the stream to read it again from the start date.",
        stream.name
    ))
}
