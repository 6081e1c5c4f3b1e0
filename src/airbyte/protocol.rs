//! Defines the messages of Airbyte protocol 0.18 that a source sends.
//!
//! RECORD is missing, because the connector builds record lines as bytes. Absent fields are omitted
//! and never null, because clients call methods on their values.

use serde::Serialize;
use serde_json::Value;

use crate::failure::{Failure, Kind};

/// One line of output.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Message {
    /// The result of `spec`: the whole ConnectorSpecification.
    Spec { spec: Value },
    /// The result of `check`.
    ConnectionStatus {
        #[serde(rename = "connectionStatus")]
        connection_status: ConnectionStatus,
    },
    /// The result of `discover`.
    Catalog { catalog: Catalog },
    /// A position from which a later sync can resume.
    State { state: State },
    /// A log line.
    Log { log: Log },
    /// An error, the status of a stream, or an estimate of its records.
    Trace { trace: Trace },
    /// A changed config, which the platform must store.
    Control { control: Control },
}

/// Whether the configuration works.
#[derive(Debug, Serialize)]
pub(crate) struct ConnectionStatus {
    pub(crate) status: CheckResult,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// The two outcomes of a check.
#[derive(Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum CheckResult {
    Succeeded,
    Failed,
}

/// The available streams.
#[derive(Debug, Serialize)]
pub(crate) struct Catalog {
    pub(crate) streams: Vec<AirbyteStream>,
}

/// One available stream.
#[derive(Debug, Serialize)]
pub(crate) struct AirbyteStream {
    pub(crate) name: &'static str,
    pub(crate) json_schema: Value,
    pub(crate) supported_sync_modes: &'static [SyncMode],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_defined_cursor: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_cursor_field: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) source_defined_primary_key: Vec<Vec<&'static str>>,
    pub(crate) is_resumable: bool,
    /// Whether Airbyte copies a file for each record.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_file_based: bool,
}

/// How a stream can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SyncMode {
    FullRefresh,
    Incremental,
}

/// The position of one stream.
#[derive(Debug, Serialize)]
pub(crate) struct State {
    #[serde(rename = "type")]
    kind: &'static str,
    stream: StreamState,
    #[serde(rename = "sourceStats")]
    source_stats: SourceStats,
}

#[derive(Debug, Serialize)]
struct StreamState {
    stream_descriptor: StreamDescriptor,
    stream_state: Value,
}

#[derive(Debug, Serialize)]
struct SourceStats {
    /// The protocol wants this whole number written with a decimal point.
    #[serde(rename = "recordCount")]
    record_count: f64,
}

impl Message {
    /// Builds a STATE of type STREAM that covers the `records` sent since the previous one.
    pub(crate) fn state(stream: &str, state: Value, records: u64) -> Message {
        Message::State {
            state: State {
                kind: "STREAM",
                stream: StreamState {
                    stream_descriptor: StreamDescriptor::new(stream),
                    stream_state: state,
                },
                source_stats: SourceStats {
                    record_count: records as f64,
                },
            },
        }
    }

    /// Builds a TRACE ERROR. `stream` names the failed stream if the other streams continue.
    pub(crate) fn error(failure: &Failure, stream: Option<&str>) -> Message {
        Message::trace(TraceBody::Error {
            error: TraceError {
                message: failure.to_string(),
                internal_message: failure.internal(),
                failure_type: match failure.kind {
                    Kind::Config => "config_error",
                    Kind::Transient => "transient_error",
                    Kind::System => "system_error",
                },
                stream_descriptor: stream.map(StreamDescriptor::new),
            },
        })
    }

    /// Builds a TRACE STREAM_STATUS.
    pub(crate) fn status(stream: &str, status: StreamStatus) -> Message {
        Message::trace(TraceBody::status(stream, status, Vec::new()))
    }

    /// Builds the status of a stream that waits for Xero's rate limits from `now` until `reset`, both
    /// in milliseconds since the epoch. The difference is the length of the wait to the millisecond,
    /// because `now` is also the time of the message.
    pub(crate) fn rate_limited(stream: &str, reset: i64, now: i64) -> Message {
        let reason = StatusReason {
            kind: "RATE_LIMITED",
            rate_limited: RateLimited { quota_reset: reset },
        };
        let status = TraceBody::status(stream, StreamStatus::Running, vec![reason]);
        Message::trace_at(now, status)
    }

    /// Builds a TRACE ESTIMATE of the records that a sync reads from a stream. A later one replaces it.
    /// All estimates have the type STREAM, because the platform ignores them if SYNC comes as well.
    pub(crate) fn estimate(stream: &'static str, rows: u64, bytes: u64) -> Message {
        Message::trace(TraceBody::Estimate {
            estimate: Estimate {
                name: stream,
                kind: "STREAM",
                row_estimate: rows,
                byte_estimate: bytes,
            },
        })
    }

    /// Builds a CONTROL that asks the platform to store `config`.
    pub(crate) fn config_update(config: Value) -> Message {
        Message::Control {
            control: Control {
                kind: "CONNECTOR_CONFIG",
                connector_config: ConnectorConfig { config },
                emitted_at: now_millis(),
            },
        }
    }

    /// Returns the texts that people read. They may quote what a server sent.
    pub(crate) fn human_texts(&mut self) -> Vec<&mut String> {
        match self {
            Message::Log { log } => vec![&mut log.message],
            Message::ConnectionStatus { connection_status } => {
                connection_status.message.iter_mut().collect()
            }
            Message::Trace {
                trace:
                    Trace {
                        body: TraceBody::Error { error },
                        ..
                    },
            } => vec![&mut error.message, &mut error.internal_message],
            _ => Vec::new(),
        }
    }

    /// Returns the stream and its status, if the message is a status.
    pub(crate) fn status_of_stream(&self) -> Option<(&str, StreamStatus)> {
        let Message::Trace {
            trace:
                Trace {
                    body: TraceBody::StreamStatus { stream_status },
                    ..
                },
        } = self
        else {
            return None;
        };
        let name = &stream_status.stream_descriptor.name;
        Some((name, stream_status.status))
    }

    /// Whether the message is an error.
    pub(crate) fn is_error(&self) -> bool {
        let Message::Trace { trace } = self else {
            return false;
        };
        matches!(trace.body, TraceBody::Error { .. })
    }

    /// Returns the text of a log line or an error, after a label, as a terminal shows it. `None` for
    /// messages that only programs read.
    pub(crate) fn text(&self) -> Option<(&'static str, &str)> {
        match self {
            Message::Log { log } => Some((log.label(), &log.message)),
            Message::Trace { trace } => match &trace.body {
                TraceBody::Error { error } => Some(("error: ", &error.message)),
                TraceBody::StreamStatus { .. } | TraceBody::Estimate { .. } => None,
            },
            _ => None,
        }
    }

    fn trace(body: TraceBody) -> Message {
        Message::trace_at(now_millis(), body)
    }

    fn trace_at(emitted_at: i64, body: TraceBody) -> Message {
        Message::Trace {
            trace: Trace { emitted_at, body },
        }
    }
}

/// Returns the current time in milliseconds since the epoch, the protocol's unit for `emitted_at`.
pub(crate) fn now_millis() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

/// A log line.
#[derive(Debug, Serialize)]
pub(crate) struct Log {
    pub(crate) level: &'static str,
    pub(crate) message: String,
}

impl Log {
    /// Returns how a terminal marks a line of this level.
    fn label(&self) -> &'static str {
        match self.level {
            "ERROR" => "error: ",
            "WARN" => "warning: ",
            "DEBUG" => "debug: ",
            _ => "",
        }
    }
}

/// An out-of-band message.
#[derive(Debug, Serialize)]
pub(crate) struct Trace {
    emitted_at: i64,
    #[serde(flatten)]
    body: TraceBody,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
enum TraceBody {
    Error { error: TraceError },
    StreamStatus { stream_status: StreamStatusBody },
    Estimate { estimate: Estimate },
}

#[derive(Debug, Serialize)]
struct TraceError {
    message: String,
    internal_message: String,
    failure_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_descriptor: Option<StreamDescriptor>,
}

#[derive(Debug, Serialize)]
struct Estimate {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    row_estimate: u64,
    byte_estimate: u64,
}

impl TraceBody {
    fn status(stream: &str, status: StreamStatus, reasons: Vec<StatusReason>) -> TraceBody {
        TraceBody::StreamStatus {
            stream_status: StreamStatusBody {
                stream_descriptor: StreamDescriptor::new(stream),
                status,
                reasons,
            },
        }
    }
}

#[derive(Debug, Serialize)]
struct StreamStatusBody {
    stream_descriptor: StreamDescriptor,
    status: StreamStatus,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<StatusReason>,
}

#[derive(Debug, Serialize)]
struct StatusReason {
    #[serde(rename = "type")]
    kind: &'static str,
    rate_limited: RateLimited,
}

#[derive(Debug, Serialize)]
struct RateLimited {
    quota_reset: i64,
}

/// The status of a stream: STARTED, then RUNNING any number of times, then COMPLETE or INCOMPLETE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum StreamStatus {
    Started,
    Running,
    Complete,
    Incomplete,
}

#[derive(Debug, Serialize)]
struct StreamDescriptor {
    name: String,
}

impl StreamDescriptor {
    fn new(name: &str) -> StreamDescriptor {
        StreamDescriptor { name: name.into() }
    }
}

/// A changed config.
#[derive(Debug, Serialize)]
pub(crate) struct Control {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "connectorConfig")]
    connector_config: ConnectorConfig,
    /// Follows the config in the line. The script in `docs/other-clients.md` recognises a complete
    /// line by this field, because a config may end in any number of brackets.
    emitted_at: i64,
}

#[derive(Debug, Serialize)]
struct ConnectorConfig {
    config: Value,
}
