//! Defines the command line of the Airbyte protocol.

use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};

/// Reads the accounting data of Xero organisations for Airbyte.
#[derive(Debug, Parser)]
#[command(name = "xero-source", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Write debug messages to the log, as LOG_LEVEL=debug does.
    #[arg(long, global = true)]
    pub(crate) debug: bool,
}

/// The verbs of the protocol.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Print the specification of the config.
    Spec,
    /// Check that the config gives access to every organisation.
    Check(ConfigFile),
    /// Print the catalog of streams that the config can read.
    Discover(ConfigFile),
    /// Print the records and states of the selected streams.
    Read(ReadFiles),
}

/// The path of the config file.
#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// JSON file with the config.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// The paths of the files of a read.
#[derive(Debug, Args)]
pub(crate) struct ReadFiles {
    /// JSON file with the config.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// JSON file with the configured catalog: the streams to read and their sync modes.
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: PathBuf,
    /// JSON file with the states of the last sync. Without it, everything is read from start_date.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
}

/// Explains why the command line is wrong. The text contains nothing that the user typed, because a
/// mistyped flag may be followed by a token.
pub(crate) fn explain(error: &clap::Error) -> String {
    match error.kind() {
        // These messages contain only this program's own flags. InvalidValue means that a path is
        // missing, because every path is a valid value.
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::ArgumentConflict
        | ErrorKind::InvalidValue => error.to_string().trim().to_owned(),
        kind => {
            let what = kind.as_str().unwrap_or("the command line is wrong");
            let usage = match error.get(ContextKind::Usage) {
                Some(ContextValue::StyledStr(usage)) => usage.to_string(),
                _ => String::new(),
            };
            format!(
                "error: {what}. The argument is not shown, because it may contain a secret.\n\n{usage}\n\nFor more information, try '--help'."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_not_shown() {
        for arguments in [
            &["s3cret"][..],
            &["check", "s3cret"],
            &["check", "--s3cret"],
            &["check", "--token=s3cret"],
            &["check", "--config", "c.json", "s3cret"],
            &["check", "--config", "c.json", "-s3cret"],
            &["check", "--config", "c.json", "--debug=s3cret"],
            &["check", "--config", "s3cret", "--config", "s3cret"],
            &["read", "--config", "s3cret"],
            &["check", "--config"],
            &[],
        ] {
            let typed = ["xero-source"].iter().chain(arguments);
            let error = Cli::try_parse_from(typed).expect_err("it is refused");
            let text = explain(&error);
            assert!(!text.contains("s3cret"), "{text}");
            assert!(
                text.contains("Usage: xero-source") || text.contains("--config"),
                "{text}"
            );
        }
    }
}
