//! Turns `tracing` events into LOG messages. They go through the emitter, so that a LOG line never
//! splits a RECORD line.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

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
    let space = LogSpace::default();
    let layer = LogLines { emitter, space }.with_filter(
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

/// Maximum size of the log of one run without its errors, in bytes. A line of each call of a day, of
/// the largest app and of ten organisations, takes less.
const MAX_LOG: u64 = 10 << 20;

/// Number of bytes of a line beside its text.
const FRAME: u64 = 60;

/// The line in place of the first one that has no space.
const FULL: &str = "the log of this run has reached 10 MiB: from here on it has errors only";

struct LogLines {
    emitter: Emitter,
    space: LogSpace,
}

/// Counts the bytes of the log, so that a server that never answers well fills no disk.
#[derive(Debug, Default)]
struct LogSpace(AtomicU64);

impl LogSpace {
    /// Returns the line to write: this one, [`FULL`] once the log is full, and `None` after that.
    fn admit(&self, text: String) -> Option<String> {
        let size = text.len() as u64 + FRAME;
        let before = self.0.fetch_add(size, Ordering::Relaxed);
        match (before < MAX_LOG, before + size < MAX_LOG) {
            (_, true) => Some(text),
            (true, false) => Some(FULL.to_owned()),
            (false, false) => None,
        }
    }
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
        let message = match level {
            "ERROR" => Some(line.finish()),
            _ => self.space.admit(line.finish()),
        };
        if let Some(message) = message {
            self.emitter.send(Message::Log {
                log: Log { level, message },
            });
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_ends_with_one_line_that_says_so() {
        let space = LogSpace::default();
        let line = "w".repeat(1_000);
        let lines = || std::iter::from_fn(|| space.admit(line.clone()));
        let lines: Vec<_> = lines().collect();
        let size: u64 = lines.iter().map(|line| line.len() as u64 + FRAME).sum();
        assert!((MAX_LOG - 1_100..MAX_LOG).contains(&size), "{size} bytes");
        let is_full = |line: &String| line == FULL;
        assert_eq!(lines.iter().filter(|line| is_full(line)).count(), 1);
        assert!(lines.last().is_some_and(is_full));
        assert_eq!(space.admit(String::new()), None);
    }
}
