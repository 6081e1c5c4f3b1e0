//! Writes text for people: messages and questions on stderr, answers and tables on stdout.

pub(crate) mod block;
mod input;
mod numbers;
mod person;
mod table;
mod text_lines;

use std::fmt::Display;
use std::io::{self, Write};

pub(crate) use input::Input;
pub(crate) use numbers::{counted, grouped};
pub(crate) use person::{
    has_colours, is_stderr_seen, is_stdout_seen, size, stderr_file, tell_person,
};
pub(crate) use table::{Align, Table};
pub(crate) use text_lines::TextLines;

/// Writes an answer to stdout. A reader that closed the pipe has what it wanted.
pub(crate) fn print(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes to stderr and ignores errors. `eprintln!` would panic if stderr is full or closed.
pub(crate) fn print_error(text: impl Display) {
    let _ = write!(io::stderr(), "{text}");
}

/// Tells a person what happens, on stderr.
pub(crate) fn say(text: impl Display) {
    print_error(format_args!("{text}\n"));
}
