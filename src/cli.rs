//! The command line of the Airbyte protocol.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Reads the accounting data of Xero organisations for Airbyte.
#[derive(Debug, Parser)]
#[command(name = "xero-source", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Log more, as LOG_LEVEL=debug does.
    #[arg(long, global = true)]
    pub(crate) debug: bool,
}

/// What the connector can be asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Print which settings the connector takes.
    Spec,
    /// Try whether the settings work.
    Check(ConfigFile),
    /// List the streams that these settings can read.
    Discover(ConfigFile),
    /// Read the streams of a configured catalog.
    Read(ReadFiles),
}

/// The settings.
#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// The settings, a JSON file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// All that a read needs.
#[derive(Debug, Args)]
pub(crate) struct ReadFiles {
    /// The settings, a JSON file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Which streams to read and how, a JSON file.
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: PathBuf,
    /// Where the last sync ended, a JSON file.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
}
