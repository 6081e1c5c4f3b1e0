//! The process: arguments, signals, standard streams and the exit code.

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
use crate::commands::{self, inspect};
use crate::failure::Failure;
use crate::{config, panics};

/// How long a reader of stdout may take for what is still queued when a signal ends the process.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long such a signal waits for new tokens that were asked for and not yet written.
const LAST_UPDATE: Duration = Duration::from_secs(10);

/// How the connector ended.
enum End {
    /// The verb did all that it was asked for.
    Complete,
    /// It did not, and said why.
    Failed,
    /// Nobody reads stdout any more.
    Unread,
    /// This signal.
    Stopped(c_int),
}

/// Runs the command line to its end and returns the exit code of the process.
pub fn run() -> ExitCode {
    let parsed = Cli::try_parse();
    if let Err(error) = &parsed
        && matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        )
    {
        // Words for people: stdout belongs to the protocol.
        say(error);
        return ExitCode::SUCCESS;
    }
    if let Some(fault) = stdout::fault() {
        say(format_args!(
            "xero-source: stdout cannot be written: {fault}. Records, positions and new tokens go there: connect it to a file or to a program that reads it. Xero was not called.\n"
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
            let failure = Failure::config(cli::told(&error));
            emitter.send(Message::error(&failure, None));
            End::Failed
        }
    };
    emitter.finish();
    if let End::Stopped(signal) = end {
        return stopped(writer, signal);
    }
    match (writer.join(), end) {
        (Ok(()), End::Complete) => ExitCode::SUCCESS,
        (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(format_args!(
                "xero-source: cannot write to stdout: {error}\n"
            ));
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
}

/// Writes to stderr, which may be full or closed: `eprintln!` would panic.
fn say(text: impl Display) {
    let _ = write!(io::stderr(), "{text}");
}

/// Runs the verb until it ends, the reader of stdout is gone, or a signal comes.
fn run_verb(verb: Verb, emitter: &Emitter) -> End {
    panics::keep_quiet();
    let done = panic::catch_unwind(AssertUnwindSafe(|| -> io::Result<End> {
        // One thread: the work is waiting for Xero.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let end = runtime.block_on(async {
            let signal = signals::listen()?;
            let mut work = pin!(work(verb, emitter));
            Ok(tokio::select! {
                end = &mut work => end,
                () = emitter.closed() => End::Unread,
                signal = signal => {
                    // A rotation that is under way is brought home first: the old token is spent.
                    tokio::select! {
                        _ = &mut work => {}
                        () = emitter.updated() => {}
                        () = tokio::time::sleep(LAST_UPDATE) => {}
                    }
                    End::Stopped(signal)
                }
            })
        });
        // A file that blocks its reader must not block the end.
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

/// Does what the verb says, until all that it says is written.
async fn work(verb: Verb, emitter: &Emitter) -> End {
    let end = command(verb, emitter).await;
    emitter.flush().await;
    end
}

async fn command(verb: Verb, emitter: &Emitter) -> End {
    let done = match verb {
        Verb::Spec => spec(emitter).map(|()| true),
        Verb::Check(files) => inspect::check(&files.config, emitter).await.map(|()| true),
        Verb::Discover(files) => inspect::discover(&files.config, emitter)
            .await
            .map(|()| true),
        Verb::Read(files) => commands::read(&files, emitter).await,
    };
    match done {
        Ok(true) => End::Complete,
        Ok(false) => End::Failed,
        Err(failure) => {
            emitter.send(Message::error(&failure, None));
            End::Failed
        }
    }
}

fn spec(emitter: &Emitter) -> Result<(), Failure> {
    let spec = serde_json::from_str(config::SPEC)
        .map_err(|error| Failure::system("The embedded spec is broken.").because(error))?;
    emitter.send(Message::Spec { spec });
    Ok(())
}

/// Dies as `signal` would have it, once the queued states are written. The wait
/// is short: who sent the signal may have stopped reading.
fn stopped(writer: emit::Writer, signal: c_int) -> ExitCode {
    let (done, written) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(writer.join()));
    let _ = written.recv_timeout(LAST_WORDS);
    // The first process of a container cannot be killed by its own signal.
    if std::process::id() != 1 {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    // What shells say of a process that a signal killed.
    ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
}
