//! Runs the process: arguments, signals, standard streams and exit code.

mod signals;
mod stdout;
mod usage;

use std::ffi::c_int;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tracing::level_filters::LevelFilter;

use crate::airbyte::emit::{self, Emitter, Output, ProtocolLines};
use crate::airbyte::log;
use crate::airbyte::protocol::Message;
use crate::cli::{Cli, Verb};
use crate::commands;
use crate::failure::Failure;
use crate::panics;
use crate::terminal::{self, TextLines};

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
    match Cli::try_parse() {
        Ok(cli) if cli.verb.is_protocol() => run_protocol(cli),
        Ok(cli) => run_for_people(cli),
        Err(error) => usage::answer(&error),
    }
}

/// Runs a verb of the protocol. Stdout carries only its messages.
fn run_protocol(cli: Cli) -> ExitCode {
    if let Some(fault) = stdout::fault() {
        terminal::print_error(format_args!(
            "xero-source: stdout cannot be written: {fault}. The connector needs stdout for records, states and new tokens: connect it to a file or to a program that reads it. The connector has sent no request to Xero.\n"
        ));
        return ExitCode::FAILURE;
    }
    run_with(
        cli,
        ProtocolLines::new(io::stdout()),
        "stdout",
        LevelFilter::INFO,
    )
}

/// Runs a verb for people. It prints its answer to stdout itself, and its messages are text on stderr.
fn run_for_people(cli: Cli) -> ExitCode {
    run_with(cli, TextLines(io::stderr()), "stderr", LevelFilter::WARN)
}

/// Runs the verb, whose messages go to `output`. `name` names the output in an error, and `level` is
/// the level of its log lines unless the user chose another.
fn run_with(cli: Cli, output: impl Output, name: &str, level: LevelFilter) -> ExitCode {
    let (emitter, writer) = emit::start(output);
    log::init(emitter.clone(), log::level(cli.debug, level));
    let end = run_verb(cli.verb, &emitter);
    emitter.finish();
    if let End::Signal(signal) = end {
        return end_by_signal(writer, signal);
    }
    match (writer.join(), end) {
        (Ok(()), End::Complete) => ExitCode::SUCCESS,
        (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => {
            terminal::print_error(format_args!(
                "xero-source: cannot write to {name}: {error}\n"
            ));
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
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
        Verb::Check(flags) => commands::check(&flags, emitter).await,
        Verb::Discover(flags) => commands::discover(&flags, emitter).await.map(|()| true),
        Verb::Read(files) => commands::read(&files, emitter).await,
        Verb::Streams(format) => commands::streams(format).map(|()| true),
        Verb::Catalog(flags) => commands::catalog(&flags).map(|()| true),
        Verb::Estimate(flags) => commands::estimate(&flags, emitter).await,
        Verb::Login(flags) => commands::login(&flags, emitter).await.map(|()| true),
        Verb::Status(flags) => commands::status(&flags, emitter).await.map(|()| true),
        Verb::Logout(flags) => commands::logout(&flags, emitter).await.map(|()| true),
        Verb::Tenants(flags) => commands::tenants(&flags, emitter).await.map(|()| true),
        Verb::Completions { shell } => commands::completions(shell).map(|()| true),
        Verb::Man { verb } => commands::man(verb.as_deref()).map(|()| true),
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
