//! Turns `tracing` events into LOG messages. They go through the emitter, so that a LOG line never
//! splits a RECORD line.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{Log, Message};

/// Sends this crate's events at or above `level` to the emitter. Events of libraries are dropped:
/// they may contain addresses, headers or bodies.
pub(crate) fn init(emitter: Emitter, level: LevelFilter) {
    let layer = LogLines { emitter }.with_filter(
        tracing_subscriber::filter::Targets::new().with_target(env!("CARGO_CRATE_NAME"), level),
    );
    tracing_subscriber::registry().with(layer).init();
}

/// Returns the level of the platform's variable `LOG_LEVEL`, or `default`.
pub(crate) fn level(debug: bool, default: LevelFilter) -> LevelFilter {
    if debug {
        return LevelFilter::DEBUG;
    }
    match std::env::var("LOG_LEVEL")
        .unwrap_or_default()
        .to_uppercase()
        .as_str()
    {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" | "WARNING" => LevelFilter::WARN,
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        "INFO" => LevelFilter::INFO,
        _ => default,
    }
}

struct LogLines {
    emitter: Emitter,
}

impl<S: Subscriber> Layer<S> for LogLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        let level = match *event.metadata().level() {
            Level::ERROR => "ERROR",
            Level::WARN => "WARN",
            Level::INFO => "INFO",
            Level::DEBUG => "DEBUG",
            Level::TRACE => "TRACE",
        };
        self.emitter.send(Message::Log {
            log: Log {
                level,
                message: line.finish(),
            },
        });
    }
}

/// The parts of a log line: `stream: message (field=value, ...)`.
#[derive(Default)]
struct Line {
    stream: String,
    message: String,
    fields: String,
}

impl Line {
    fn finish(mut self) -> String {
        if !self.fields.is_empty() {
            let _ = write!(self.message, " ({})", self.fields);
        }
        if self.stream.is_empty() {
            self.message
        } else {
            format!("{}: {}", self.stream, self.message)
        }
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let separator = if self.fields.is_empty() { "" } else { ", " };
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            "stream" => write!(self.stream, "{value:?}"),
            name => write!(self.fields, "{separator}{name}={value:?}"),
        };
    }
}
