//! Runs the process: arguments, signals, standard streams and exit code.

mod signals;
mod stdout;

use std::ffi::c_int;
use std::fmt::Display;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;

use crate::airbyte::emit::{self, Emitter};
use crate::airbyte::log;
use crate::airbyte::protocol::Message;
use crate::cli::{self, Cli, Verb};
use crate::commands::{self, Paths};
use crate::failure::Failure;
use crate::panics;

/// Time to write the queued messages when a signal ends the process.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// Time to receive and write new tokens that were requested before the signal.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(10);

/// The reason why the process ends.
enum End {
    /// The verb did everything.
    Complete,
    /// The verb failed and reported why.
    Failed,
    /// The reader of stdout is gone.
    StdoutClosed,
    /// This signal came.
    Signal(c_int),
}

/// Runs the verb of the command line and returns the exit code of the process.
pub fn run() -> ExitCode {
    let parsed = Cli::try_parse();
    if let Err(error) = &parsed
        && matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        )
    {
        // Goes to stderr, because stdout carries only messages of the protocol.
        write_stderr(error);
        return ExitCode::SUCCESS;
    }
    if let Some(fault) = stdout::fault() {
        write_stderr(format_args!(
            "xero-source: stdout cannot be written: {fault}. The connector needs stdout for records, states and new tokens: connect it to a file or to a program that reads it. The connector has sent no request to Xero.\n"
        ));
        return ExitCode::FAILURE;
    }
    let (emitter, writer) = emit::start(io::stdout());
    let end = match parsed {
        Ok(cli) => {
            log::init(emitter.clone(), log::level(cli.debug));
            run_verb(cli.verb, &emitter)
        }
        Err(error) => {
            let failure = Failure::config(cli::explain(&error));
            emitter.send(Message::error(&failure, None));
            End::Failed
        }
    };
    emitter.finish();
    if let End::Signal(signal) = end {
        return end_by_signal(writer, signal);
    }
    match (writer.join(), end) {
        (Ok(()), End::Complete) => ExitCode::SUCCESS,
        (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => {
            write_stderr(format_args!(
                "xero-source: cannot write to stdout: {error}\n"
            ));
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
}

/// Writes to stderr and ignores errors. `eprintln!` would panic if stderr is full or closed.
fn write_stderr(text: impl Display) {
    let _ = write!(io::stderr(), "{text}");
}

/// Runs the verb until it ends, the reader of stdout closes the pipe, or a signal comes.
fn run_verb(verb: Verb, emitter: &Emitter) -> End {
    panics::keep_quiet();
    let done = panic::catch_unwind(AssertUnwindSafe(|| -> io::Result<End> {
        // One thread is enough: the process mostly waits for Xero.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let end = runtime.block_on(async {
            let signal = signals::listen()?;
            let mut work = pin!(work(verb, emitter));
            Ok(tokio::select! {
                end = &mut work => end,
                () = emitter.closed() => End::StdoutClosed,
                signal = signal => {
                    // A token request in progress is finished first, because it spends the old
                    // refresh token.
                    tokio::select! {
                        _ = &mut work => {}
                        () = emitter.updated() => {}
                        () = tokio::time::sleep(TOKEN_TIMEOUT) => {}
                    }
                    End::Signal(signal)
                }
            })
        });
        // Does not wait for a blocked read of a file.
        runtime.shutdown_background();
        end
    }));
    match done {
        Ok(Ok(end)) => end,
        Ok(Err(error)) => {
            let failure = Failure::system("The connector could not start.").because(error);
            emitter.send(Message::error(&failure, None));
            End::Failed
        }
        Err(payload) => {
            emitter.send(Message::error(&panics::failure(&*payload), None));
            End::Failed
        }
    }
}

/// Runs the verb, and waits until its messages are written.
async fn work(verb: Verb, emitter: &Emitter) -> End {
    let end = command(verb, emitter).await;
    emitter.flush().await;
    end
}

async fn command(verb: Verb, emitter: &Emitter) -> End {
    let is_complete = match verb {
        Verb::Spec => commands::spec(emitter).map(|()| true),
        Verb::Check(files) => commands::check(&files.config, emitter).await.map(|()| true),
        Verb::Discover(files) => commands::discover(&files.config, emitter)
            .await
            .map(|()| true),
        Verb::Read(files) => {
            let paths = Paths {
                config: &files.config,
                catalog: &files.catalog,
                state: files.state.as_deref(),
            };
            commands::read(paths, emitter).await
        }
    };
    match is_complete {
        Ok(true) => End::Complete,
        Ok(false) => End::Failed,
        Err(failure) => {
            emitter.send(Message::error(&failure, None));
            End::Failed
        }
    }
}

/// Ends the process as `signal` would, after the queued messages are written. The wait is short,
/// because the sender of the signal may have stopped reading.
fn end_by_signal(writer: emit::Writer, signal: c_int) -> ExitCode {
    let (done, written) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(writer.join()));
    let _ = written.recv_timeout(WRITE_TIMEOUT);
    // The kernel ignores a signal that the first process of a container sends to itself.
    if std::process::id() != 1 {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    // The exit code that shells use for a process killed by a signal.
    ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
}
