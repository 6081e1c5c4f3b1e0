//! Syncs a simulated Xero on and on, as a platform does, while its books change, its answers fail and the
//! connector is killed. At the end of each round the destination must equal the books.

mod checks;
mod compare;
mod data_files;
mod destination;
mod evidence;
mod faults;
mod figures_of_reports;
mod json;
mod organisations;
mod other_apis;
mod platform;
mod process;
mod report;
mod round;
mod settings;
mod snapshot;
mod streams;
mod truth;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;

use crate::report::Report;
use crate::round::Setting;

/// Syncs a simulated Xero that changes and fails, and compares the destination with it.
#[derive(Parser)]
#[command(name = "xero-soak")]
struct Arguments {
    /// Minutes to run.
    #[arg(long, default_value_t = 0)]
    minutes: u64,
    /// Seconds to run, in addition to the minutes. Without both the soak runs for two minutes.
    #[arg(long, default_value_t = 0)]
    seconds: u64,
    /// The seed of everything that is random. Without it a random one is taken and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// Runs this round only.
    #[arg(long)]
    round: Option<u64>,
    /// The number of rounds, instead of a time.
    #[arg(long)]
    rounds: Option<u64>,
    /// The connector. Without it cargo builds the one of this workspace.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// The folder in which each failed round leaves its files.
    #[arg(long, default_value = "target/soak")]
    failures: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let Some(binary) = arguments.binary.or_else(built) else {
        eprintln!("The connector could not be built.");
        return ExitCode::from(2);
    };
    let time = match (arguments.minutes, arguments.seconds) {
        (0, 0) => Duration::from_secs(120),
        (minutes, seconds) => Duration::from_secs(minutes * 60 + seconds),
    };
    println!("seed {seed}: replay a round with --seed {seed} --round N");
    let setting = Setting {
        binary,
        failures: arguments.failures,
        seed,
    };
    checks::quiet_panics();
    let began = Instant::now();
    let mut report = Report::default();
    for number in arguments.round.unwrap_or(1).. {
        let result = round::run(&setting, number);
        println!("{}", result.line());
        let _ = std::io::Write::flush(&mut std::io::stdout());
        report.add(result);
        let is_last = match (arguments.round, arguments.rounds) {
            (Some(_), _) => true,
            (None, Some(rounds)) => number >= rounds,
            (None, None) => began.elapsed() >= time,
        };
        if is_last {
            break;
        }
    }
    println!("{report}");
    match report.violations() {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Lets cargo build the connector. It is in the folder of this program.
fn built() -> Option<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--locked", "--bin", "xero-source"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .status();
    let binary = std::env::current_exe().ok()?.with_file_name("xero-source");
    (status.ok()?.success() && binary.exists()).then_some(binary)
}
