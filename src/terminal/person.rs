//! Finds out whether a person sees the standard streams, and writes to stderr for that person.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

/// Whether a person sees stderr.
pub(crate) fn is_stderr_seen() -> bool {
    io::stderr().is_terminal()
}

/// Whether a person sees stdout.
pub(crate) fn is_stdout_seen() -> bool {
    io::stdout().is_terminal()
}

/// Writes a line to stderr if a person sees it. An error is ignored, because stderr is for people only.
pub(crate) fn tell_person(text: &str) {
    if is_stderr_seen() {
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// Returns a file for stderr. Unlike `io::stderr()` it has no lock, which a thread could hold forever
/// if nobody reads stderr.
pub(crate) fn stderr_file() -> io::Result<File> {
    io::stderr().as_fd().try_clone_to_owned().map(File::from)
}

/// Whether colours are wanted. `NO_COLOR` and a terminal without capabilities turn them off.
pub(crate) fn has_colours() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|it| it == "dumb");
    !is_set("NO_COLOR") && !is_dumb
}

/// Returns the columns and rows of the terminal of stderr.
pub(crate) fn size() -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(io::stderr());
    match size {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
            (usize::from(size.ws_col), usize::from(size.ws_row))
        }
        _ => (80, 24),
    }
}
