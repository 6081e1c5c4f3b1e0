//! Shows the progress of a sync on stderr, from a thread of its own.
//!
//! The thread reads the figures some times a second. The sync never waits for it: stderr may be slow,
//! full or closed.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::progress::model::SyncProgress;
use crate::progress::text;
use crate::terminal::{self, block};

/// When the progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// If stderr is a terminal, and messages for programs do not go to it.
    #[default]
    Auto,
    /// Always. Where stderr is no terminal, as lines that are not redrawn.
    Always,
    /// Never.
    Never,
}

/// What a verb writes to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stdout {
    /// Messages for programs.
    Messages,
    /// A table of the streams, at the end.
    Table,
}

/// The time between two looks at the figures.
const REFRESH: Duration = Duration::from_millis(200);
/// The time between two summaries where lines are not redrawn.
const SUMMARY: Duration = Duration::from_secs(10);
/// The longest time that the end of a sync waits for the last lines.
const LONGEST_END: Duration = Duration::from_millis(500);

/// The thread that shows the progress.
#[derive(Debug)]
pub(crate) struct Display {
    /// Dropped at the end of the sync.
    stop: Sender<()>,
    /// Closed once the last line is written.
    stopped: Receiver<()>,
}

impl Display {
    /// Starts the thread, if the progress is shown.
    pub(crate) fn start(
        progress: Arc<SyncProgress>,
        when: When,
        stdout: Stdout,
    ) -> Option<Display> {
        let is_person = terminal::is_stderr_seen();
        // Messages on the same terminal would break up a block that is redrawn.
        let is_mixed = stdout == Stdout::Messages && terminal::is_stdout_seen();
        let is_redrawn = is_person && !is_mixed;
        let is_shown = match when {
            When::Auto => is_redrawn,
            When::Always => true,
            When::Never => false,
        };
        let out = is_shown.then(terminal::stderr_file)?.ok()?;
        let (stop, is_over) = mpsc::channel();
        let (done, stopped) = mpsc::channel();
        let show = move || {
            // After an error nobody reads stderr.
            let _ = match is_redrawn {
                true => redraw(&progress, &is_over, out, stdout),
                false => append(&progress, &is_over, out),
            };
            drop(done);
        };
        let thread = thread::Builder::new().name("progress".to_owned());
        thread.spawn(show).ok().map(|_| Display { stop, stopped })
    }

    /// Ends the display. Waits for the last lines, but not long.
    pub(crate) fn end(self) {
        drop(self.stop);
        let _ = self.stopped.recv_timeout(LONGEST_END);
    }
}

/// Returns whether the sync goes on after a pause.
fn goes_on(is_over: &Receiver<()>) -> bool {
    is_over.recv_timeout(REFRESH) == Err(RecvTimeoutError::Timeout)
}

/// Redraws a block of lines until the sync ends, and then writes its figures.
fn redraw(
    progress: &SyncProgress,
    is_over: &Receiver<()>,
    mut out: File,
    stdout: Stdout,
) -> io::Result<()> {
    let has_colours = terminal::has_colours();
    let mut draw = |lines: Vec<text::Line>, width: usize| {
        let width = width.saturating_sub(1);
        let lines = lines.iter().map(|line| line.drawn(width, has_colours));
        block::redraw(&mut out, &lines.collect::<Vec<_>>())
    };
    while goes_on(is_over) {
        let (width, height) = terminal::size();
        draw(
            progress.look(|figures, now| text::live(figures, now, height)),
            width,
        )?;
    }
    let end = progress.look(|figures, now| match stdout {
        Stdout::Messages => text::table(figures, now),
        Stdout::Table => vec![text::summary(figures, now)],
    });
    let end = draw(end, terminal::size().0);
    block::leave();
    end
}

/// Writes a line for the beginning and the end of each stream, and a summary from time to time.
fn append(progress: &SyncProgress, is_over: &Receiver<()>, mut out: File) -> io::Result<()> {
    let (mut begun, mut ended) = (Vec::new(), Vec::new());
    let mut last_summary = Instant::now();
    loop {
        let goes_on = goes_on(is_over);
        let is_due = !goes_on || last_summary.elapsed() >= SUMMARY;
        let lines = progress.look(|figures, now| {
            let mut lines = Vec::new();
            for (at, stream) in figures.streams.iter().enumerate() {
                if stream.has_begun && !begun.contains(&at) {
                    begun.push(at);
                    lines.push(text::stream_began(stream));
                }
                if stream.is_complete.is_some() && !ended.contains(&at) {
                    ended.push(at);
                    lines.push(text::stream_ended(stream));
                }
            }
            lines.extend(is_due.then(|| text::summary(figures, now).text));
            lines
        });
        if is_due {
            last_summary = Instant::now();
        }
        if !lines.is_empty() {
            out.write_all((lines.join("\n") + "\n").as_bytes())?;
        }
        if !goes_on {
            return Ok(());
        }
    }
}
