//! Reads what a person types: answers to questions, and secrets without showing them.

use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::terminal::print_error;

/// The lines of stdin. Questions go to stderr, so that stdout holds answers only.
#[derive(Debug)]
pub(crate) struct Input {
    /// `None` until the first line is needed.
    lines: Option<UnboundedReceiver<String>>,
    is_terminal: bool,
}

impl Input {
    /// Prepares to read stdin.
    pub(crate) fn new() -> Input {
        Input {
            lines: None,
            is_terminal: io::stdin().is_terminal() && io::stderr().is_terminal(),
        }
    }

    /// Whether a person reads the questions and types the answers.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Returns the next line without white space around it. `None` after the last one.
    pub(crate) async fn line(&mut self) -> Option<String> {
        let lines = self.lines.get_or_insert_with(read_lines);
        let line = lines.recv().await?;
        Some(line.trim().to_owned())
    }

    /// Asks a question. `None` if stdin has ended.
    pub(crate) async fn ask(&mut self, question: impl Display) -> Option<String> {
        print_error(question);
        let line = self.line().await;
        if line.is_none() {
            // The end of the input leaves the question without the end of its line.
            print_error("\n");
        }
        line
    }

    /// Asks for a secret, which the terminal does not show.
    pub(crate) async fn ask_secret(&mut self, question: impl Display) -> Option<String> {
        let hidden = HiddenInput::start();
        print_error(question);
        let line = self.line().await;
        drop(hidden);
        // The terminal has not shown the end of the line either.
        print_error("\n");
        line
    }
}

/// Reads stdin on a thread of its own, because a read cannot be interrupted. A line that nobody waits
/// for any more is the next answer.
fn read_lines() -> UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// The special code of no key: _POSIX_VDISABLE of Linux.
const NO_KEY: u8 = 0;

/// Stops the terminal from showing what is typed, until it is dropped. Ctrl-Z is off meanwhile, because
/// a shell shows what is typed again when it continues the program.
struct HiddenInput(Option<Termios>);

impl HiddenInput {
    fn start() -> HiddenInput {
        let before = tcgetattr(io::stdin()).ok();
        if let Some(before) = &before {
            let mut hidden = before.clone();
            hidden.local_modes -= LocalModes::ECHO;
            hidden.special_codes[SpecialCodeIndex::VSUSP] = NO_KEY;
            let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &hidden);
        }
        HiddenInput(before)
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(io::stdin(), OptionalActions::Drain, before);
        }
    }
}
