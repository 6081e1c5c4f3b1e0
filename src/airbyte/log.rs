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

/// Maximum size of the warnings of one run, and of the lines below warnings, in bytes. A line for each
/// call of a day, of the largest app and of ten organisations, takes less.
const MAX_LOG: u64 = 5 << 20;

/// Number of bytes of a line beside its text.
const FRAME: u64 = 60;

/// The warning in place of the first line below warnings that has no space.
const NO_DETAILS: &str = "the log of this run has 5 MiB without its warnings: from here on it has warnings and errors only";
/// The warning in place of the first warning that has no space.
const NO_WARNINGS: &str =
    "the log of this run has 5 MiB of warnings: from here on it has errors only";

struct LogLines {
    emitter: Emitter,
    space: LogSpace,
}

/// Counts the bytes of the log, so that a server that never answers well fills no disk. Warnings have
/// space of their own, because they say which rows are missing.
#[derive(Debug, Default)]
struct LogSpace {
    details: AtomicU64,
    warnings: AtomicU64,
}

impl LogSpace {
    /// Returns the line to write: this one, once a warning that there is no more space, and `None` after
    /// that. Errors always have space.
    fn admit(&self, level: Level, text: String) -> Option<(Level, String)> {
        let (space, full) = match level {
            Level::ERROR => return Some((level, text)),
            Level::WARN => (&self.warnings, NO_WARNINGS),
            _ => (&self.details, NO_DETAILS),
        };
        let size = text.len() as u64 + FRAME;
        let before = space.fetch_add(size, Ordering::Relaxed);
        match (before < MAX_LOG, before + size < MAX_LOG) {
            (_, true) => Some((level, text)),
            (true, false) => Some((Level::WARN, full.to_owned())),
            (false, false) => None,
        }
    }
}

impl<S: Subscriber> Layer<S> for LogLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        let admitted = self.space.admit(*event.metadata().level(), line.finish());
        let Some((level, message)) = admitted else {
            return;
        };
        let level = match level {
            Level::ERROR => "ERROR",
            Level::WARN => "WARN",
            Level::INFO => "INFO",
            Level::DEBUG => "DEBUG",
            Level::TRACE => "TRACE",
        };
        self.emitter.send(Message::Log {
            log: Log { level, message },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_ends_with_one_line_that_says_so() {
        let space = LogSpace::default();
        let line = "w".repeat(1_000);
        for (level, full) in [
            (Level::DEBUG, NO_DETAILS),
            (Level::INFO, ""),
            (Level::WARN, NO_WARNINGS),
        ] {
            let lines = || std::iter::from_fn(|| space.admit(level, line.clone()));
            let lines: Vec<_> = lines().collect();
            let Some((last, before)) = lines.split_last() else {
                assert_eq!(full, "", "{level}");
                continue;
            };
            assert_eq!(last, &(Level::WARN, full.to_owned()));
            assert!(before.iter().all(|it| *it == (level, line.clone())));
            let size = before.len() as u64 * (1_000 + FRAME);
            assert!((MAX_LOG - 1_100..MAX_LOG).contains(&size), "{size} bytes");
            assert_eq!(space.admit(level, String::new()), None);
        }
        let error = (Level::ERROR, line.clone());
        assert_eq!(space.admit(Level::ERROR, line), Some(error));
    }
}
