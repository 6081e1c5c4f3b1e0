//! Defines the command line: the verbs, their flags, and examples.

mod usage;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use usage::{asks_for_protocol, explain};

const EXAMPLES: &str = "\
Examples:
  xero-source streams                                   list the streams
  xero-source catalog --all > catalog.json              choose streams
  xero-source check --config config.json                test the access
  xero-source read --config config.json --catalog catalog.json > messages.jsonl

Run `xero-source VERB --help` for the flags and examples of a verb.";

/// Reads the accounting data of Xero organisations for Airbyte.
#[derive(Debug, Parser)]
#[command(name = "xero-source", version, after_help = EXAMPLES, subcommand_help_heading = "Verbs", subcommand_value_name = "VERB")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Write debug messages to the log, as LOG_LEVEL=debug does.
    #[arg(long, global = true)]
    pub(crate) debug: bool,
}

/// The verbs. [`Verb::is_protocol`] tells those of the Airbyte protocol from those for people.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Print the specification of the config.
    #[command(after_help = "Example:\n  xero-source spec")]
    Spec,
    /// Check that the config gives access to every organisation.
    #[command(after_help = "\
Examples:
  xero-source check --config config.json
  xero-source check --config config.json --exit-code > /dev/null && echo works")]
    Check(CheckFlags),
    /// Print the catalog of streams that the config can read.
    #[command(
        after_help = "Example:\n  xero-source discover --config config.json > discovered.jsonl"
    )]
    Discover(ConfigFile),
    /// Print the records and states of the selected streams.
    #[command(
        after_help = "Example:\n  xero-source read --config config.json --catalog catalog.json > messages.jsonl"
    )]
    Read(ReadFiles),
    /// List the streams.
    #[command(after_help = "Examples:\n  xero-source streams\n  xero-source streams --json")]
    Streams(Format),
    /// Print a configured catalog for read.
    #[command(after_help = "\
Examples:
  xero-source catalog --all > catalog.json
  xero-source catalog --streams invoices,invoice_line_items --full-refresh > catalog.json")]
    Catalog(CatalogFlags),
    /// Estimate what the first sync costs: rows, calls, bytes and time.
    #[command(after_help = "\
Examples:
  xero-source estimate --config config.json
  xero-source estimate --config config.json --streams invoices,payments --json")]
    Estimate(EstimateFlags),
    /// Print a script that completes verbs and flags in a shell.
    #[command(
        after_help = "Example:\n  xero-source completions bash > /etc/bash_completion.d/xero-source"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page of the program or of a verb.
    #[command(after_help = "\
Examples:
  xero-source man > xero-source.1 && man ./xero-source.1
  xero-source man check > xero-source-check.1")]
    Man {
        /// The verb. Without it, the page of the program, which lists the verbs.
        verb: Option<String>,
    },
}

impl Verb {
    /// Whether stdout carries messages of the Airbyte protocol.
    pub(crate) fn is_protocol(&self) -> bool {
        matches!(
            self,
            Verb::Spec | Verb::Check(_) | Verb::Discover(_) | Verb::Read(_)
        )
    }
}

/// The path of the config file.
#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// JSON file with the config.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Also write new tokens to the config file, for a caller that ignores CONTROL messages.
    #[arg(long)]
    pub(crate) write_config: bool,
}

/// The flags of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckFlags {
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// Exit with code 1 if the status is FAILED. Without it, the exit code is 0, as platforms want it.
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// The paths of the files of a read.
#[derive(Debug, Args)]
pub(crate) struct ReadFiles {
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// JSON file with the configured catalog: the streams to read and their sync modes.
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: PathBuf,
    /// JSON file with the states of the last sync. Without it, everything is read from start_date.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
}

/// The format of the answer.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Format {
    /// Print JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The choice of streams.
#[derive(Clone, Debug, Args)]
pub(crate) struct StreamChoice {
    /// Names of streams, separated by commas. `xero-source streams` lists them.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) streams: Vec<String>,
    /// All streams.
    #[arg(long, conflicts_with = "streams")]
    pub(crate) all: bool,
}

/// The flags of `catalog`.
#[derive(Debug, Args)]
pub(crate) struct CatalogFlags {
    #[command(flatten)]
    pub(crate) choice: StreamChoice,
    /// Read every stream in full in each sync, also streams that can be read incrementally.
    #[arg(long)]
    pub(crate) full_refresh: bool,
}

/// The flags of `estimate`.
#[derive(Debug, Args)]
pub(crate) struct EstimateFlags {
    /// JSON file with the config. New tokens are written to it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    #[command(flatten)]
    pub(crate) choice: StreamChoice,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// Returns the definition of the command line, for completions and the manual page.
pub(crate) fn definition() -> clap::Command {
    Cli::command()
}
