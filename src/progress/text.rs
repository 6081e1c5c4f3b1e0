//! Writes the figures of a sync as lines of text.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::excerpt::controls_output;
use crate::progress::model::{Figures, OrganisationFigures, State, StreamFigures};
use crate::progress::waits::Wait;
use crate::terminal::{counted, grouped};

/// The columns of names and of the bar.
const NAME_WIDTH: usize = 28;
const BAR_WIDTH: usize = 20;

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Heading,
    Good,
    Waiting,
    Bad,
    Faint,
}

/// A line without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) style: Style,
    pub(crate) text: String,
}

impl Line {
    fn new(style: Style, text: String) -> Line {
        Line { style, text }
    }

    /// Returns the line cut to a width, with the codes of its colour if `has_colours`.
    pub(crate) fn drawn(&self, width: usize, has_colours: bool) -> String {
        let text = cut(&self.text, width);
        let code = match self.style {
            Style::Plain => "",
            Style::Heading => "1",
            Style::Good => "32",
            Style::Waiting => "33",
            Style::Bad => "31",
            Style::Faint => "2",
        };
        match has_colours && !code.is_empty() {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text,
        }
    }
}

/// Returns the lines for a terminal with this number of rows.
pub(crate) fn live(figures: &Figures, now: Duration, height: usize) -> Vec<Line> {
    let mut lines = vec![Line::new(Style::Heading, heading(figures, now))];
    let (left, has_many) = (height.saturating_sub(2), figures.organisations.len() > 1);
    let for_streams = match has_many {
        true => left / 2,
        false => left.saturating_sub(1),
    };
    let streams = streams(figures, for_streams);
    let for_organisations = left.saturating_sub(streams.len());
    lines.extend(streams);
    lines.extend(match has_many {
        true => organisations(figures, now, for_organisations),
        false => limits(figures, now),
    });
    lines
}

/// Returns the sentence about the whole sync.
pub(crate) fn heading(figures: &Figures, now: Duration) -> String {
    let mut facts = Vec::new();
    if let (done, all @ 2..) = (figures.done(), figures.organisations.len()) {
        facts.push(format!("{done} of {all} organisations"));
    }
    let ended = figures.streams.iter().filter(|it| it.is_complete.is_some());
    let all = figures.streams.len();
    facts.push(format!("{} of {all} streams", ended.count()));
    facts.push(counted(figures.rows(), "row"));
    facts.push(counted(figures.usage.calls, "call"));
    facts.push(megabytes(figures.usage.received));
    facts.push(length(now));
    facts.extend(figures.time_left(now).map(|(left, is_at_least)| {
        let about = if is_at_least { "at least" } else { "about" };
        format!("{about} {} left", length(left))
    }));
    facts.join(", ")
}

/// Returns a line for each stream that is being read, then for those that have ended.
fn streams(figures: &Figures, room: usize) -> Vec<Line> {
    let is_reading = |it: &&StreamFigures| it.has_begun && it.is_complete.is_none();
    let all = figures.streams.iter();
    let reading = all.clone().filter(is_reading);
    let failed = all.clone().filter(|it| it.is_complete == Some(false));
    let complete = all.clone().filter(|it| it.is_complete == Some(true));
    let mut shown: Vec<_> = reading.chain(failed).chain(complete).collect();
    let planned = all.len() - shown.len();
    // The last line counts those without a line of their own.
    let rest = shown.len().saturating_sub(room.saturating_sub(1));
    let (mut hidden, mut rows) = (0, 0);
    if rest > usize::from(planned == 0) {
        let hides = shown.split_off(shown.len() - rest);
        (hidden, rows) = (hides.len(), hides.iter().map(|it| it.sum().rows).sum());
    }
    let mut lines: Vec<_> = shown.into_iter().map(stream).collect();
    let more = (hidden > 0).then(|| format!("{hidden} more streams, {}", counted(rows, "row")));
    let later = (planned > 0).then(|| format!("{} to come", counted(planned as u64, "stream")));
    let rest: Vec<_> = more.into_iter().chain(later).collect();
    if !rest.is_empty() {
        lines.push(Line::new(Style::Faint, format!("  {}", rest.join("; "))));
    }
    lines
}

fn stream(stream: &StreamFigures) -> Line {
    let sum = stream.sum();
    let (rows, pages) = (counted(sum.rows, "row"), counted(sum.pages, "page"));
    let (style, end) = match stream.is_complete {
        Some(true) => (Style::Good, "complete".to_owned()),
        Some(false) => (Style::Bad, "incomplete".to_owned()),
        None => (Style::Plain, stream.share().map_or(String::new(), bar)),
    };
    let name = padded(&stream.name, NAME_WIDTH);
    Line::new(style, format!("  {name}{rows:>16}{pages:>14}  {end}"))
}

/// Returns a line for each organisation that is being read, and one for the sum of the others.
fn organisations(figures: &Figures, now: Duration, room: usize) -> Vec<Line> {
    let mut reading: Vec<_> = figures
        .organisations
        .iter()
        .enumerate()
        .filter(|(_, it)| it.is_being_read())
        .collect();
    let rest = match reading.len() > room {
        true => reading.split_off(room.saturating_sub(1)),
        false => Vec::new(),
    };
    let mut lines: Vec<_> = reading
        .into_iter()
        .map(|(index, it)| organisation(figures, index, it, now))
        .collect();
    if !rest.is_empty() {
        let calls = rest.iter().map(|(_, it)| it.calls).sum();
        let (more, calls) = (rest.len(), counted(calls, "call"));
        let text = format!("  {more} more organisations, {calls}");
        lines.push(Line::new(Style::Faint, text));
    }
    lines
}

fn organisation(
    figures: &Figures,
    index: usize,
    organisation: &OrganisationFigures,
    now: Duration,
) -> Line {
    let name = padded(&organisation.label, NAME_WIDTH);
    let (ended, streams) = (organisation.ended, organisation.streams);
    let calls = counted(organisation.calls, "call");
    let wait = figures.wait_of(index, now);
    let (style, end) = match wait {
        Some(wait) => (Style::Waiting, waits(wait, figures.started, now)),
        None => (Style::Plain, calls_left(organisation)),
    };
    let text = format!("  {name}{ended:>5} of {streams} streams{calls:>12}  {end}");
    Line::new(style, text)
}

/// Returns the line about the calls that are left, or about the wait.
fn limits(figures: &Figures, now: Duration) -> Vec<Line> {
    let Some(organisation) = figures.organisations.first() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let left = calls_left(organisation);
    if !left.is_empty() {
        lines.push(Line::new(Style::Faint, format!("  {left}")));
    }
    if let Some(wait) = figures.wait_of(0, now) {
        let text = format!("  {}", waits(wait, figures.started, now));
        lines.push(Line::new(Style::Waiting, text));
    }
    lines
}

fn calls_left(organisation: &OrganisationFigures) -> String {
    let Some(capacity) = organisation.capacity else {
        return String::new();
    };
    let mut text = format!(
        "calls left: {} this minute",
        grouped(capacity.calls_now as u64)
    );
    if let Some(today) = capacity.calls_today {
        text += &format!(", {} today", grouped(today as u64));
    }
    text
}

/// Returns until when and why something waits.
fn waits(wait: &Wait, started: DateTime<Utc>, now: Duration) -> String {
    // A wait never shows 0 s.
    let left = (wait.until - now).as_secs() + 1;
    let (left, until) = (
        length(Duration::from_secs(left)),
        clock(started, wait.until),
    );
    let why = wait.reason.text();
    match wait.reason.is_fault() {
        true => format!("waits {left}, until {until}, because {why}"),
        false => format!("waits {left}, until {until}, for {why}"),
    }
}

/// Returns the lines that sum up a sync at its end.
pub(crate) fn table(figures: &Figures, now: Duration) -> Vec<Line> {
    let mut lines: Vec<_> = figures.streams.iter().map(stream).collect();
    lines.push(summary(figures, now));
    lines
}

/// Returns the line about the whole sync, with limits and waits of a single organisation.
pub(crate) fn summary(figures: &Figures, now: Duration) -> Line {
    let mut text = heading(figures, now);
    if let [organisation] = &figures.organisations[..] {
        let wait = figures.wait_of(0, now);
        let wait = wait.map(|wait| waits(wait, figures.started, now));
        let facts = [Some(calls_left(organisation)), wait];
        for fact in facts.into_iter().flatten().filter(|it| !it.is_empty()) {
            text += &format!("; {fact}");
        }
    } else {
        let organisations = 0..figures.organisations.len();
        let waiting = organisations.filter(|index| figures.wait_of(*index, now).is_some());
        if let waiting @ 1.. = waiting.count() {
            text += &format!("; {waiting} organisations wait");
        }
    }
    Line::new(Style::Heading, text)
}

/// Returns the line about a stream that began.
pub(crate) fn stream_began(stream: &StreamFigures) -> String {
    format!("{}: started", stream.name)
}

/// Returns the line about a stream that ended.
pub(crate) fn stream_ended(stream: &StreamFigures) -> String {
    let (name, sum) = (&stream.name, stream.sum());
    let (rows, pages) = (counted(sum.rows, "row"), counted(sum.pages, "page"));
    let end = match stream.is_complete {
        Some(true) => "complete".to_owned(),
        _ => match (stream.count(State::Failed), stream.cells.len()) {
            (failed @ 1.., all @ 2..) => format!("incomplete in {failed} of {all} organisations"),
            _ => "incomplete".to_owned(),
        },
    };
    format!("{name}: {rows}, {pages}, {end}")
}

fn bar(share: f64) -> String {
    let done = (share * BAR_WIDTH as f64) as usize;
    let (full, empty) = (
        "█".repeat(done),
        "░".repeat(BAR_WIDTH - done.min(BAR_WIDTH)),
    );
    format!("{full}{empty} {:>3.0} %", (share * 100.0).floor())
}

/// Writes a number of bytes.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// Writes a duration.
pub(crate) fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// Writes the time of day at `at`, in time since `started`.
pub(crate) fn clock(started: DateTime<Utc>, at: Duration) -> String {
    let at = started + TimeDelta::from_std(at).unwrap_or_default();
    at.format("%H:%M:%S UTC").to_string()
}

/// Returns a text with spaces up to a width, or its beginning.
fn padded(text: &str, width: usize) -> String {
    let text = cut(text, width - 1);
    let spaces = width - text.width();
    format!("{text}{}", " ".repeat(spaces))
}

/// Returns the beginning of a text that fits into a width. Characters that control the terminal are
/// left out.
fn cut(text: &str, width: usize) -> String {
    let text: String = text.chars().filter(|it| !controls_output(*it)).collect();
    if text.width() <= width {
        return text;
    }
    let (mut cut, mut used) = (String::new(), 1);
    for character in text.chars() {
        used += character.width().unwrap_or_default();
        if used > width {
            break;
        }
        cut.push(character);
    }
    cut + "…"
}

#[cfg(test)]
mod tests;
