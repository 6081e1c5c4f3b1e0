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
use crate::terminal;

/// When the progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// If stderr is a terminal and stdout is not.
    #[default]
    Auto,
    /// Always. Where stderr is no terminal, as lines that are not redrawn.
    Always,
    /// Never.
    Never,
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
    pub(crate) fn start(progress: Arc<SyncProgress>, when: When) -> Option<Display> {
        let (is_person, is_mixed) = (terminal::is_stderr_seen(), terminal::is_stdout_seen());
        let is_shown = match when {
            When::Auto => is_person && !is_mixed,
            When::Always => true,
            When::Never => false,
        };
        let out = is_shown.then(terminal::stderr_file)?.ok()?;
        let (stop, is_over) = mpsc::channel();
        let (done, stopped) = mpsc::channel();
        // Messages on the same terminal would break up a block that is redrawn.
        let is_redrawn = is_person && !is_mixed;
        let show = move || {
            // After an error nobody reads stderr.
            let _ = match is_redrawn {
                true => redraw(&progress, &is_over, out),
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

/// Redraws a block of lines until the sync ends, and then writes a table.
fn redraw(progress: &SyncProgress, is_over: &Receiver<()>, mut out: File) -> io::Result<()> {
    let has_colours = terminal::has_colours();
    let mut drawn = 0;
    let mut block = |lines: Vec<text::Line>, width: usize| {
        // One write for each block, so that it does not flicker.
        let mut block = match drawn {
            0 => String::new(),
            lines => format!("\u{1b}[{lines}A"),
        };
        block += "\r\u{1b}[J";
        for line in &lines {
            block += &line.drawn(width.saturating_sub(1), has_colours);
            block.push('\n');
        }
        drawn = lines.len();
        out.write_all(block.as_bytes())
    };
    while goes_on(is_over) {
        let (width, height) = terminal::size();
        block(
            progress.look(|figures, now| text::live(figures, now, height)),
            width,
        )?;
    }
    block(progress.look(text::table), terminal::size().0)
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
