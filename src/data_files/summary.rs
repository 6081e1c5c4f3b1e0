//! The table at the end of a sync.

use std::fmt;

use super::OpenStream;
use super::manifest::Mode;
use crate::terminal::{Align, Table, counted, grouped};

/// What a sync saved. `Display` writes a table, the total, and what to do next.
#[derive(Debug)]
pub(super) struct Summary<'a> {
    /// The streams that began, sorted by name.
    pub(super) streams: Vec<&'a OpenStream>,
    pub(super) directory: String,
    /// Whether a signal ended the sync.
    pub(super) is_interrupted: bool,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary {
            streams,
            directory,
            is_interrupted,
        } = self;
        let mut table = Table::new(&[
            ("stream", Align::Left),
            ("rows", Align::Right),
            ("files", Align::Right),
            ("result", Align::Left),
        ]);
        for open in streams {
            table.add([
                open.stream.name.to_owned(),
                grouped(open.saved_rows),
                grouped(open.parts),
                result(open).to_owned(),
            ]);
        }
        write!(out, "{table}")?;
        let rows = streams.iter().map(|open| open.saved_rows).sum::<u64>();
        let saved = streams.iter().filter(|open| open.saved_rows > 0).count();
        let incomplete = streams.iter().filter(|it| it.is_complete != Some(true));
        let incomplete = incomplete.count();
        let (rows, saved) = (counted(rows, "row"), counted(saved as u64, "stream"));
        let next = match (is_interrupted, incomplete) {
            (true, _) => "Interrupted: run the same command to go on.".to_owned(),
            (false, 0) => "Run the same command to read what changes from now on.".to_owned(),
            (false, incomplete) => format!(
                "{} of {} not complete: the errors above say why. Run the same command to go on.",
                incomplete,
                counted(streams.len() as u64, "stream")
            ),
        };
        writeln!(out, "\nSaved {rows} of {saved} in {directory}. {next}")
    }
}

fn result(open: &OpenStream) -> &'static str {
    match (open.is_complete, open.mode) {
        // Later syncs request the documents and contacts that are left.
        (Some(true), _) if open.stream.is_costly() => "complete within max_calls_per_sync",
        (Some(true), _) => "complete",
        (Some(false), Mode::Append) => "not complete",
        (None, Mode::Append) => "interrupted",
        (Some(false), Mode::Overwrite) => "not complete: the earlier rows stay",
        (None, Mode::Overwrite) => "interrupted: the earlier rows stay",
    }
}
