//! `xero-source`: reads the accounting data of Xero organisations and prints it
//! as messages of the Airbyte protocol.

mod auth;
mod body;
mod budget;
mod call;
#[cfg(test)]
mod cases;
mod catalog;
mod cli;
mod client;
mod config;
mod cut;
mod download;
mod emit;
mod envelope;
mod explain;
mod failure;
mod files;
mod gate;
mod http;
mod inspect;
mod limits;
mod lines;
mod list_reader;
mod log;
mod misses;
mod organisation_cache;
mod outlet;
mod page;
mod panics;
mod partition;
mod patience;
mod problem;
mod proof;
mod protocol;
mod read;
mod reconcile;
mod reports;
mod retry;
mod rewrite;
mod secret;
mod session;
mod share;
mod slots;
mod state;
mod streams;
mod sub_resources;
mod tally;
mod tenants;
mod told;
mod waiting;
mod walk;

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;
use signal_hook::consts::SIGTERM;
use tokio::signal::unix::{SignalKind, signal};

use cli::{Cli, Verb};
use emit::Emitter;
use failure::Failure;
use protocol::Message;

/// How long a reader of stdout may take for what is still queued at SIGTERM.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long SIGTERM waits for new tokens that were asked for and not yet written.
const LAST_UPDATE: Duration = Duration::from_secs(10);

/// How the connector ended.
enum End {
    /// The verb did all that it was asked for.
    Complete,
    /// It did not, and said why.
    Failed,
    /// Nobody reads stdout any more.
    Unread,
    /// SIGTERM.
    Stopped,
}

fn main() -> ExitCode {
    let (emitter, writer) = emit::start(io::stdout());
    let end = match Cli::try_parse() {
        Ok(cli) => {
            log::init(emitter.clone(), log::level(cli.debug));
            run(cli.verb, &emitter)
        }
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) =>
        {
            // Words for people: stdout belongs to the protocol.
            eprint!("{error}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let failure = Failure::config(error.to_string().trim().to_owned());
            emitter.send(Message::error(&failure, None));
            End::Failed
        }
    };
    emitter.finish();
    if let End::Stopped = end {
        return stopped(writer);
    }
    match (writer.join(), end) {
        (Ok(()), End::Complete) => ExitCode::SUCCESS,
        (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("xero-source: cannot write to stdout: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
}

/// Runs the verb until it ends, the reader of stdout is gone, or SIGTERM comes.
fn run(verb: Verb, emitter: &Emitter) -> End {
    panics::keep_quiet();
    let done = panic::catch_unwind(AssertUnwindSafe(|| -> io::Result<End> {
        // One thread: the work is waiting for Xero.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let end = runtime.block_on(async {
            let mut terminated = signal(SignalKind::terminate())?;
            let mut work = pin!(work(verb, emitter));
            Ok(tokio::select! {
                end = &mut work => end,
                () = emitter.closed() => End::Unread,
                _ = terminated.recv() => {
                    // A rotation that is under way is brought home first: the old token is spent.
                    tokio::select! {
                        _ = &mut work => {}
                        () = emitter.updated() => {}
                        () = tokio::time::sleep(LAST_UPDATE) => {}
                    }
                    End::Stopped
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
        Verb::Read(files) => read::run(&files, emitter).await,
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

/// Dies as SIGTERM would have it, once the queued states are written. The wait
/// is short: who sent the signal may have stopped reading.
fn stopped(writer: emit::Writer) -> ExitCode {
    let (done, written) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(writer.join()));
    let _ = written.recv_timeout(LAST_WORDS);
    // The first process of a container cannot be killed by its own signal.
    if std::process::id() != 1 {
        let _ = signal_hook::low_level::emulate_default_handler(SIGTERM);
    }
    ExitCode::from(143)
}
