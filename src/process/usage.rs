//! Answers a command line that is no run of a verb: help, the version, or a usage error.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::airbyte::emit::{self, ProtocolLines};
use crate::airbyte::protocol::Message;
use crate::cli;
use crate::failure::Failure;
use crate::terminal;

/// The exit code of a usage error, as shells and clap have it.
const USAGE_ERROR: u8 = 2;

/// Prints help and the version to stdout, and usage errors to stderr. A caller that reads messages of
/// the protocol also gets a usage error as a message.
pub(super) fn answer(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return match terminal::print(error) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let text = cli::explain(error);
    terminal::print_error(format_args!("{text}\n"));
    let arguments = std::env::args_os().skip(1);
    let arguments = arguments.map(|it| it.to_string_lossy().into_owned());
    if cli::asks_for_protocol(arguments) && !io::stdout().is_terminal() {
        let (emitter, writer) = emit::start(ProtocolLines::new(io::stdout()));
        emitter.send(Message::error(&Failure::config(text), None));
        emitter.finish(false);
        let _ = writer.join(); // the text on stderr says the same
    }
    ExitCode::from(USAGE_ERROR)
}
