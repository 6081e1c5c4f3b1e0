//! What one sync brought and cost, stream by stream.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use xero_sim::{ENDPOINTS, Request};

use crate::Result;
use crate::organisation::Watched;

pub(crate) struct Sync<'a> {
    pub(crate) seconds: f64,
    pub(crate) streams: BTreeMap<&'a str, Stream<'a>>,
    /// Calls of Xero's API. Token requests are not counted: Xero does not limit them.
    pub(crate) calls: usize,
    /// Calls that Xero's rate limits refused.
    pub(crate) refused: usize,
    states: BTreeMap<String, Value>,
}

#[derive(Default)]
pub(crate) struct Stream<'a> {
    pub(crate) rows: Vec<&'a RawValue>,
    /// 0 for a stream of child rows, which come with their parents.
    pub(crate) calls: usize,
    /// Bytes of the answers on the wire.
    pub(crate) bytes: usize,
    pub(crate) seconds: f64,
    pub(crate) complete: bool,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    record: Option<Record<'a>>,
    state: Option<Value>,
    #[serde(borrow)]
    trace: Option<Trace<'a>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    stream: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Trace<'a> {
    /// Milliseconds.
    emitted_at: f64,
    #[serde(borrow)]
    stream_status: Option<StreamStatus<'a>>,
}

#[derive(Deserialize)]
struct StreamStatus<'a> {
    #[serde(borrow)]
    stream_descriptor: Descriptor<'a>,
    status: &'a str,
}

#[derive(Deserialize)]
struct Descriptor<'a> {
    name: &'a str,
}

impl<'a> Sync<'a> {
    /// Parses every message once.
    pub(crate) fn of(watched: &'a Watched) -> Result<Sync<'a>> {
        let mut sync = Sync {
            seconds: watched.seconds,
            streams: BTreeMap::new(),
            calls: 0,
            refused: 0,
            states: BTreeMap::new(),
        };
        let mut started = BTreeMap::new();
        for line in watched.messages.lines() {
            let message: Message<'a> = serde_json::from_str(line)?;
            if let Some(record) = message.record {
                let stream = sync.streams.entry(record.stream).or_default();
                stream.rows.push(record.data);
            }
            if let Some(state) = message.state {
                let descriptor = state["stream"]["stream_descriptor"].to_string();
                sync.states.insert(descriptor, state);
            }
            let Some(trace) = message.trace else { continue };
            if let Some(status) = trace.stream_status {
                let name = status.stream_descriptor.name;
                let start = *started.entry(name).or_insert(trace.emitted_at);
                let stream = sync.streams.entry(name).or_default();
                stream.seconds = (trace.emitted_at - start) / 1e3;
                stream.complete = status.status == "COMPLETE";
            }
        }
        for request in &watched.requests {
            sync.count(request);
        }
        Ok(sync)
    }

    fn count(&mut self, request: &Request) {
        if request.path.starts_with("/connect/") {
            return;
        }
        self.calls += 1;
        self.refused += usize::from(request.status == 429);
        let stream = stream_of(request).and_then(|name| self.streams.get_mut(name));
        if let Some(stream) = stream {
            stream.calls += 1;
            stream.bytes += request.sent_bytes;
        }
    }

    /// The last state of each stream, in the form of a state file.
    pub(crate) fn states(&self) -> Value {
        self.states.values().cloned().collect()
    }

    /// The number of rows of all streams.
    pub(crate) fn rows(&self) -> usize {
        let streams = self.streams.values();
        streams.map(|stream| stream.rows.len()).sum()
    }
}

/// The stream that a call is for.
fn stream_of(request: &Request) -> Option<&'static str> {
    if request.path == "/connections" {
        return Some("connections");
    }
    let path = request.path.strip_prefix("/api.xro/2.0")?;
    if path == "/Reports/ProfitAndLoss" {
        return Some("report_profit_and_loss");
    }
    let listed = ENDPOINTS.iter().find(|endpoint| endpoint.path == path);
    match listed.map(|endpoint| endpoint.name) {
        Some("journals") if request.param("paymentsOnly").is_some() => Some("journals_cash"),
        Some(name) => Some(name),
        // Only a single budget has lines. The demo requests all other single documents for their
        // attachments.
        None if path.starts_with("/Budgets/") => Some("budgets"),
        None => Some("attachments"),
    }
}
