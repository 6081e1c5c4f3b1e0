//! Runs the process: arguments, signals, standard streams and exit code.

mod stdout;
mod usage;

use std::ffi::c_int;
use std::io::{self, IsTerminal, LineWriter};
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::level_filters::LevelFilter;

use crate::airbyte::emit::{self, Emitter, Output, ProtocolLines};
use crate::airbyte::log;
use crate::airbyte::protocol::Message;
use crate::cli::{Cli, Verb};
use crate::commands;
use crate::data_files::{DataFiles, Options};
use crate::failure::{Failure, Kind};
use crate::panics;
use crate::signals;
use crate::terminal::block::AboveBlock;
use crate::terminal::{self, TextLines};

/// Time to write the queued messages when a signal ends the process.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// Time to receive and write new tokens that were requested before the signal.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(10);

/// The exit code of a verb that must not be repeated before the user corrects something. sysexits.h
/// calls it EX_CONFIG.
const CONFIG_ERROR: u8 = 78;

/// The reason why the process ends.
enum End {
    /// The verb did everything.
    Complete,
    /// The verb failed and reported why.
    Failed,
    /// The same. Running the verb again does not help before the user corrects something.
    Misconfigured,
    /// The reader of stdout is gone, or the files of a sync cannot be written.
    OutputClosed,
    /// This signal came.
    Signal(c_int),
}

/// The verbs that end differently at a signal.
#[derive(Clone, Copy)]
enum Interrupted {
    Read,
    Sync,
    Other,
}

impl Interrupted {
    fn of(verb: &Verb) -> Interrupted {
        match verb {
            Verb::Read(_) => Interrupted::Read,
            Verb::Sync(_) => Interrupted::Sync,
            _ => Interrupted::Other,
        }
    }
}

/// Runs the verb of the command line and returns the exit code of the process.
pub fn run() -> ExitCode {
    forbid_core_dumps();
    match Cli::try_parse() {
        Ok(cli) if cli.verb.is_protocol() => run_protocol(cli),
        Ok(cli) => match data_files(&cli.verb) {
            None => run_for_people(cli),
            Some(Ok(files)) => run_sync(cli, files),
            Some(Err(failure)) => {
                terminal::print_error(format_args!("error: {failure}\n"));
                match failure.kind {
                    Kind::Config => ExitCode::from(CONFIG_ERROR),
                    Kind::Transient | Kind::System => ExitCode::FAILURE,
                }
            }
        },
        Err(error) => usage::answer(&error),
    }
}

/// Lowers the limit for core dumps to 0. A core dump holds the tokens and rows in memory.
fn forbid_core_dumps() {
    let limit = Rlimit {
        current: Some(0),
        ..getrlimit(Resource::Core)
    };
    let _ = setrlimit(Resource::Core, limit); // lowering a limit needs no permission
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
    run_with(
        cli,
        TextLines::new(io::stderr()),
        "stderr",
        LevelFilter::WARN,
    )
}

/// The messages of a sync, which stand above its progress.
type SyncMessages = TextLines<LineWriter<AboveBlock>>;

/// Opens the directory of a sync. `None` for other verbs.
fn data_files(verb: &Verb) -> Option<Result<DataFiles<SyncMessages>, Failure>> {
    let Verb::Sync(flags) = verb else {
        return None;
    };
    let options = Options {
        is_full_refresh: flags.full_refresh,
        is_gzip: flags.gzip,
    };
    Some(DataFiles::open(
        &flags.out,
        options,
        TextLines::new(LineWriter::new(AboveBlock)),
    ))
}

/// Runs `sync`. Its rows go to files, and its messages are text on stderr. A terminal also shows which
/// streams are read, which would be noise in the mail of a cron job.
fn run_sync(cli: Cli, files: DataFiles<SyncMessages>) -> ExitCode {
    let level = match io::stderr().is_terminal() {
        true => LevelFilter::INFO,
        false => LevelFilter::WARN,
    };
    run_with(cli, files, "the files of the sync", level)
}

/// Runs the verb, whose messages go to `output`. `name` names the output in an error, and `level` is
/// the level of its log lines unless the user chose another.
fn run_with(cli: Cli, output: impl Output, name: &str, level: LevelFilter) -> ExitCode {
    let (emitter, writer) = emit::start(output);
    log::init(emitter.clone(), log::level(cli.debug, level));
    let verb = Interrupted::of(&cli.verb);
    let end = run_verb(cli.verb, &emitter);
    emitter.finish(matches!(end, End::Signal(_)));
    if let End::Signal(signal) = end {
        return end_by_signal(writer, signal, verb);
    }
    match (writer.join(), end) {
        (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => {
            print_output_error(name, &error);
            ExitCode::FAILURE
        }
        (Ok(()), End::Complete) => ExitCode::SUCCESS,
        (_, End::Misconfigured) => ExitCode::from(CONFIG_ERROR),
        _ => ExitCode::FAILURE,
    }
}

fn print_output_error(name: &str, error: &io::Error) {
    terminal::print_error(format_args!(
        "xero-source: cannot write to {name}: {error}\n"
    ));
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
                () = emitter.closed() => {
                    finish_token_request(work, emitter).await;
                    End::OutputClosed
                }
                signal = signal => {
                    finish_token_request(work, emitter).await;
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

/// Waits for the end of a token request in progress, which spends the old refresh token.
async fn finish_token_request(work: Pin<&mut impl Future<Output = End>>, emitter: &Emitter) {
    tokio::select! {
        _ = work => {}
        () = emitter.updated() => {}
        () = tokio::time::sleep(TOKEN_TIMEOUT) => {}
    }
}

/// Runs the verb, and waits until its messages are written.
async fn work(verb: Verb, emitter: &Emitter) -> End {
    let end = command(verb, emitter).await;
    emitter.flush().await;
    end
}

async fn command(verb: Verb, emitter: &Emitter) -> End {
    // An engine that repeats these must know when that does not help.
    let is_repeated = matches!(verb, Verb::Sync(_) | Verb::Token(_));
    let is_complete = match verb {
        Verb::Spec => commands::spec(emitter).map(|()| true),
        Verb::Check(flags) => commands::check(&flags, emitter).await,
        Verb::Discover(flags) => commands::discover(&flags, emitter).await.map(|()| true),
        Verb::Read(files) => commands::read(&files, emitter).await,
        Verb::Sync(flags) => commands::sync(&flags, emitter).await,
        Verb::Streams(format) => commands::streams(format).map(|()| true),
        Verb::Catalog(flags) => commands::catalog(&flags).map(|()| true),
        Verb::Estimate(flags) => commands::estimate(&flags, emitter).await,
        Verb::Login(flags) => commands::login(&flags, emitter).await.map(|()| true),
        Verb::Status(flags) => commands::status(&flags, emitter).await.map(|()| true),
        Verb::Logout(flags) => commands::logout(&flags, emitter).await.map(|()| true),
        Verb::Tenants(flags) => commands::tenants(&flags, emitter).await.map(|()| true),
        Verb::Token(flags) => commands::token(&flags, emitter).await.map(|()| true),
        Verb::Completions { shell } => commands::completions(shell).map(|()| true),
        Verb::Man { verb } => commands::man(verb.as_deref()).map(|()| true),
    };
    match is_complete {
        Ok(true) => End::Complete,
        Ok(false) => End::Failed,
        Err(failure) => {
            emitter.send(Message::error(&failure, None));
            match failure.kind {
                Kind::Config if is_repeated => End::Misconfigured,
                _ => End::Failed,
            }
        }
    }
}

/// Ends the process as `signal` would, after the queued messages are written. The wait for stdout is
/// short, because the sender of the signal may have stopped reading.
fn end_by_signal(writer: emit::Writer, signal: c_int, verb: Interrupted) -> ExitCode {
    let (done, written) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(writer.join()));
    match verb {
        Interrupted::Sync => {
            // Until the rows are saved, or a second signal comes.
            signals::let_end();
            if let Ok(Err(error)) = written.recv() {
                print_output_error("the files of the sync", &error);
            }
        }
        Interrupted::Read | Interrupted::Other => {
            let _ = written.recv_timeout(WRITE_TIMEOUT);
        }
    }
    if matches!(verb, Interrupted::Read) && io::stderr().is_terminal() {
        terminal::print_error(
            "\nInterrupted. The last STATE of each stream on stdout says where to go on: give these lines to read --state.\n",
        );
    }
    // The kernel ignores a signal that the first process of a container sends to itself.
    if std::process::id() != 1 {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    // The exit code that shells use for a process killed by a signal.
    ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
}
