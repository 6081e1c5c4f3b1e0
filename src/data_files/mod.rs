//! Writes the rows of a sync as JSON Lines files into a directory, for people without a platform.
//!
//! - `<stream>/<sync>-<part>.jsonl`: rows. A file has this name only once it is whole.
//! - `manifest.json`: the files that are current.
//! - `state.json`: the last state of each stream.
//!
//! A save happens in this order, so that a kill at any moment loses no row: the rows reach the disk in
//! whole files, the manifest names these files, and then the states that cover the rows are saved. A
//! kill in between makes the next sync repeat rows. A stream that is read in full keeps its old files
//! until the new ones are complete.

mod directory;
mod manifest;
mod part;
mod summary;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, Utc};
use serde_json::Value;

use directory::{Directory, States};
use manifest::{Manifest, Mode};
use part::Part;
use summary::Summary;

use crate::airbyte::emit::{Batch, Output};
use crate::airbyte::protocol::{Message, StreamStatus};
use crate::failure::Failure;
use crate::rows::record_lines::Row;
use crate::streams::{self, Stream};
use crate::terminal::{self, grouped};

/// The file of the states in the directory. `read --state` takes it as well.
pub(crate) const STATE: &str = "state.json";

/// The time between two saves is this part of the time since the start, so that early kills cost little
/// and long syncs do not write a thousand small files.
const ELAPSED_PER_INTERVAL: u32 = 8;
const SHORTEST_INTERVAL: Duration = Duration::from_millis(500);
const LONGEST_INTERVAL: Duration = Duration::from_secs(30);
/// Number of bytes of rows after which a save is due in any case.
const MAX_UNSAVED: usize = 64 << 20;

/// Writes rows to files, and other messages to `messages`.
#[derive(Debug)]
pub(crate) struct DataFiles<O> {
    messages: O,
    directory: Directory,
    options: Options,
    manifest: Manifest,
    states: States,
    /// The number of this sync.
    sync: u64,
    /// The streams of this sync.
    streams: BTreeMap<&'static str, OpenStream>,
    started: Instant,
    last_save: Instant,
    unsaved_bytes: usize,
}

/// How rows are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Read every stream in full and replace its files.
    pub(crate) is_full_refresh: bool,
    /// Compress the files.
    pub(crate) is_gzip: bool,
}

/// A stream of this sync.
#[derive(Debug)]
struct OpenStream {
    stream: &'static Stream,
    mode: Mode,
    /// The file that takes the next rows.
    part: Option<Part>,
    parts: u64,
    /// The newest state that is not saved.
    state: Option<Value>,
    /// Whether the stream is complete. `None` before its last status.
    is_complete: Option<bool>,
    /// Whether anything is to be saved.
    is_changed: bool,
    saved_rows: u64,
}

impl<O: Output> DataFiles<O> {
    /// Locks the directory and reads what earlier syncs left in it.
    pub(crate) fn open(
        root: &Path,
        options: Options,
        messages: O,
    ) -> Result<DataFiles<O>, Failure> {
        let (directory, manifest, states) = Directory::open(root)?;
        let now = Instant::now();
        Ok(DataFiles {
            messages,
            directory,
            options,
            sync: manifest.sync + 1,
            manifest,
            states,
            streams: BTreeMap::new(),
            started: now,
            last_save: now,
            unsaved_bytes: 0,
        })
    }

    /// Writes the rows of RECORD lines.
    fn append(&mut self, batch: Batch) -> io::Result<()> {
        let Some(open) = stream(&mut self.streams, self.options, batch.stream) else {
            return Ok(());
        };
        open.is_changed = true;
        open.state = batch.state.or(open.state.take());
        if batch.records == 0 {
            return Ok(());
        }
        if open.mode == Mode::Append {
            self.unsaved_bytes += batch.lines.len();
        }
        let part = match &mut open.part {
            Some(part) => part,
            none => none.insert(self.directory.part(batch.stream, self.options.is_gzip)?),
        };
        for line in batch.lines.split_inclusive(|byte| *byte == b'\n') {
            let row = Row::of(line);
            let row = row.ok_or_else(|| io::Error::other("a RECORD line has another form"))?;
            part.write(&row)
                .map_err(|error| self.directory.at(batch.stream, error))?;
        }
        Ok(())
    }

    fn save_if_due(&mut self) -> io::Result<()> {
        let interval = self.started.elapsed() / ELAPSED_PER_INTERVAL;
        let interval = interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL);
        let is_due = self.unsaved_bytes >= MAX_UNSAVED || self.last_save.elapsed() >= interval;
        match is_due {
            true => self.save(),
            false => Ok(()),
        }
    }

    /// Saves the rows of all streams, and then their states.
    fn save(&mut self) -> io::Result<()> {
        let (mut replaced, mut has_states, mut is_changed) = (Vec::new(), false, false);
        for open in self.streams.values_mut() {
            if !std::mem::take(&mut open.is_changed) {
                continue;
            }
            is_changed = true;
            let name = open.stream.name;
            let entry = self.manifest.entry(open.stream, open.mode);
            entry.complete = open.is_complete == Some(true);
            // A full read replaces the files once it is complete.
            if open.mode == Mode::Overwrite && !entry.complete {
                continue;
            }
            let mut files = Vec::new();
            if let Some(part) = open.part.take() {
                let part = part.end().map_err(|error| self.directory.at(name, error))?;
                open.parts += 1;
                open.saved_rows += part.rows;
                let (number, is_gzip) = ((self.sync, open.parts), self.options.is_gzip);
                files.push(self.directory.publish(part, name, number, is_gzip)?);
            }
            replaced.extend(entry.add_files(open.mode, self.sync, files));
            if entry.complete {
                let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
                entry.last_complete = Some(now);
            }
            if let Some(state) = open.state.take() {
                self.states.insert(name.to_owned(), state);
                has_states = true;
            }
        }
        if is_changed {
            self.manifest.sync = self.sync;
            self.directory.write_manifest(&self.manifest)?;
        }
        if has_states {
            self.directory.write_states(&self.states)?;
        }
        self.directory.delete(&replaced);
        self.unsaved_bytes = 0;
        self.last_save = Instant::now();
        Ok(())
    }

    /// Adds to an error what it means for the sync.
    fn explained(&self, error: io::Error) -> io::Error {
        let rows: u64 = self.streams.values().map(|open| open.saved_rows).sum();
        io::Error::new(
            error.kind(),
            format!(
                "{error}. {} rows of this sync are saved. Correct the cause, such as a full disk, and run the same command to go on.",
                grouped(rows)
            ),
        )
    }
}

impl<O: Output> Output for DataFiles<O> {
    fn message(&mut self, message: &Message) -> io::Result<()> {
        if let Some((name, status)) = message.status_of_stream()
            && let Some(open) = stream(&mut self.streams, self.options, name)
        {
            open.note(status);
        }
        // The rows matter more than a stderr that nobody reads.
        let _ = self.messages.message(message);
        Ok(())
    }

    fn batch(&mut self, batch: Batch) -> io::Result<()> {
        let written = self.append(batch).and_then(|()| self.save_if_due());
        written.map_err(|error| self.explained(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.messages.flush();
        self.save_if_due().map_err(|error| self.explained(error))
    }

    fn finish(&mut self, is_interrupted: bool) -> io::Result<()> {
        self.save().map_err(|error| self.explained(error))?;
        for open in self.streams.values_mut() {
            open.part = None; // an incomplete full read leaves no file
        }
        if self.streams.is_empty() {
            return Ok(());
        }
        let summary = Summary {
            streams: self.streams.values().collect(),
            directory: self.directory.shown(),
            is_interrupted,
        };
        // The files are saved, whether or not anybody reads the summary.
        let _ = terminal::print(summary);
        Ok(())
    }
}

impl OpenStream {
    fn new(stream: &'static Stream, options: Options) -> OpenStream {
        OpenStream {
            stream,
            mode: match options.is_full_refresh || stream.cursor.is_none() {
                true => Mode::Overwrite,
                false => Mode::Append,
            },
            part: None,
            parts: 0,
            state: None,
            is_complete: None,
            is_changed: false,
            saved_rows: 0,
        }
    }

    /// Notes a status.
    fn note(&mut self, status: StreamStatus) {
        match status {
            StreamStatus::Started => {}
            StreamStatus::Running => return,
            StreamStatus::Complete => self.is_complete = Some(true),
            StreamStatus::Incomplete => self.is_complete = Some(false),
        }
        self.is_changed = true;
    }
}

/// Returns a stream of this sync. `None` if the connector does not have it.
fn stream<'s>(
    streams: &'s mut BTreeMap<&'static str, OpenStream>,
    options: Options,
    name: &str,
) -> Option<&'s mut OpenStream> {
    let stream = streams::find(name)?;
    let open = streams.entry(stream.name);
    Some(open.or_insert_with(|| OpenStream::new(stream, options)))
}

#[cfg(test)]
mod tests;
