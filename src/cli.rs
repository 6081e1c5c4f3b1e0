//! Defines the command line: the verbs, their flags, and examples.

mod usage;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::progress::view::ViewOptions;

pub(crate) use usage::{asks_for_protocol, explain};

const EXAMPLES: &str = "\
Without a platform:
  xero-source login                   log in to Xero and write config.json
  xero-source estimate                say what the first sync costs
  xero-source sync --out xero         read all changes into files

For a platform of the Airbyte protocol:
  xero-source catalog --all > catalog.json
  xero-source check --config config.json
  xero-source read --config config.json --catalog catalog.json > messages.jsonl

Run `xero-source VERB --help` for the flags and examples of a verb.";

const LOGIN_EXAMPLES: &str = "\
Examples:
  xero-source login
  xero-source login --client-id ID --streams invoices,payments --config config.json
  xero-source login --no-browser                        the browser is on another machine
  xero-source login --json --client-id ID               two steps, for scripts
  xero-source login --app custom                        a Custom Connection, without a browser

The client secret is asked for, or comes from XERO_CLIENT_SECRET or --client-secret-file.
XERO_CLIENT_ID holds the client ID if --client-id is absent.
The app must have the redirect URI http://localhost:8742/callback. Other ports need --port.";

/// Reads the accounting data of Xero organisations into files, or for Airbyte.
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
    /// Log in to Xero and write the config.
    #[command(after_help = LOGIN_EXAMPLES)]
    Login(Box<LoginFlags>),
    /// Show the login of a config: user, scopes, streams, organisations and calls left today.
    #[command(
        after_help = "Examples:\n  xero-source status\n  xero-source status --config config.json --json"
    )]
    Status(LoggedIn),
    /// List the organisations and other tenants that a config gives access to.
    #[command(after_help = "\
Examples:
  xero-source tenants
  xero-source tenants --config config.json --json
  xero-source estimate --json > estimate.json
  xero-source tenants --shards 4 --calls estimate.json --json > shards.json
  xero-source tenants --shards 4 --previous shards.json --json > next.json")]
    Tenants(TenantsFlags),
    /// Print a config with an access token and no other credential, for a worker.
    #[command(after_help = "\
Examples:
  xero-source token --config config.json > worker.json
  xero-source token --config config.json --min-life 25m > worker.json

Stdout is a config of the type oauth2_access_token and holds a secret: write it to a file that only
you can read. Workers with such configs have no refresh token, so no two of them spend the same one.
New tokens are written to the config file. Several of these commands may run at the same time.

Exit codes: 0 the token is printed; 1 try again later; 78 the config or the credentials must be
corrected first.")]
    Token(TokenFlags),
    /// Revoke the login of a config.
    #[command(
        after_help = "Examples:\n  xero-source logout\n  xero-source logout --config config.json --keep-connections"
    )]
    Logout(LogoutFlags),
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
  xero-source estimate
  xero-source estimate --config config.json --streams invoices,payments --json")]
    Estimate(EstimateFlags),
    /// Keep files of the streams in a directory up to date: rows, states and tokens.
    #[command(after_help = "\
Examples:
  xero-source sync --out xero
  xero-source sync --config config.json --out xero --streams invoices,payments --gzip
  xero-source sync --out xero --full-refresh

Without --streams, all streams that the token can read, except those that cost a call per document,
contact or counted list and those of one country; --all reads these too.

DIR gets a folder for each stream with JSON Lines files, state.json and manifest.json. The same
command run again reads what has changed. New tokens are written to the config file.

Exit codes: 0 all streams are complete; 1 some are not, run it again; 78 the config, the
credentials or DIR must be corrected first.")]
    Sync(SyncFlags),
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
    #[command(after_help = "\
Examples:
  xero-source discover --config config.json > discovered.jsonl
  xero-source discover --config config.json --configured > catalog.json")]
    Discover(DiscoverFlags),
    /// Print the records and states of the selected streams.
    #[command(
        after_help = "Example:\n  xero-source read --config config.json --catalog catalog.json > messages.jsonl"
    )]
    Read(ReadFiles),
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
        match self {
            Verb::Spec | Verb::Check(_) | Verb::Read(_) => true,
            Verb::Discover(flags) => !flags.configured,
            _ => false,
        }
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

/// The flags of `discover`.
#[derive(Debug, Args)]
pub(crate) struct DiscoverFlags {
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// Print a configured catalog, which read takes, in place of the message. New tokens go to the
    /// config file.
    #[arg(long)]
    pub(crate) configured: bool,
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
    #[command(flatten)]
    pub(crate) view: ViewOptions,
}

/// The flags of `sync`.
#[derive(Debug, Args)]
pub(crate) struct SyncFlags {
    /// JSON file with the config. New tokens are written to it.
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    pub(crate) config: PathBuf,
    /// Directory for the files. It is created if it is missing.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) choice: StreamChoice,
    /// Read every stream in full and replace its files, also streams that can be read incrementally.
    #[arg(long)]
    pub(crate) full_refresh: bool,
    /// Compress the files.
    #[arg(long)]
    pub(crate) gzip: bool,
    #[command(flatten)]
    pub(crate) view: ViewOptions,
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
    /// All streams, also those that cost a call per document or contact.
    #[arg(long, conflicts_with = "streams")]
    pub(crate) all: bool,
    /// Also the payroll streams, which hold personal data of employees. Without this flag, only
    /// --streams chooses them.
    #[arg(long, requires = "all")]
    pub(crate) payroll: bool,
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
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    pub(crate) config: PathBuf,
    #[command(flatten)]
    pub(crate) choice: StreamChoice,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// The config of a verb for people.
#[derive(Clone, Debug, Args)]
pub(crate) struct LoggedIn {
    /// JSON file with the config. New tokens are written to it.
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    pub(crate) config: PathBuf,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// The flags of `tenants`.
#[derive(Clone, Debug, Args)]
pub(crate) struct TenantsFlags {
    #[command(flatten)]
    pub(crate) login: LoggedIn,
    /// Split the organisations into at most N shards. With --json, each has a config without
    /// credentials.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) shards: Option<u16>,
    /// JSON of `estimate`, with the calls that each organisation needs. Without it, all organisations
    /// count the same. Can be repeated.
    #[arg(long, value_name = "FILE", requires = "shards")]
    pub(crate) calls: Vec<PathBuf>,
    /// JSON of an earlier `tenants --shards`. Its organisations stay in their shards.
    #[arg(long, value_name = "FILE", requires = "shards")]
    pub(crate) previous: Option<PathBuf>,
}

/// The flags of `token`.
#[derive(Clone, Debug, Args)]
pub(crate) struct TokenFlags {
    /// JSON file with the config. New tokens are written to it.
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    pub(crate) config: PathBuf,
    /// How long the token must live, such as 90s or 20m, at most 29m. A token with less time left is
    /// renewed first.
    #[arg(long, value_name = "TIME", default_value = "20m", value_parser = min_life)]
    pub(crate) min_life: Duration,
}

/// The flags of `logout`.
#[derive(Clone, Debug, Args)]
pub(crate) struct LogoutFlags {
    /// JSON file with the config.
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    pub(crate) config: PathBuf,
    /// Only remove the tokens from the file. The app stays connected to the organisations.
    #[arg(long)]
    pub(crate) keep_connections: bool,
    /// Do not ask whether to disconnect the organisations.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A type of app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum AppType {
    /// A web app, with a client secret.
    Web,
    /// A mobile or desktop app, without a client secret.
    Pkce,
    /// A Custom Connection.
    Custom,
}

/// The flags of `login`.
#[derive(Clone, Debug, Args)]
pub(crate) struct LoginFlags {
    /// JSON file to write.
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    pub(crate) config: PathBuf,
    /// Write over an existing config. Its other keys are kept.
    #[arg(long)]
    pub(crate) force: bool,
    /// The type of the app. The default is web if there is a client secret, otherwise pkce.
    #[arg(long)]
    pub(crate) app: Option<AppType>,
    /// The client ID of the app.
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// File with the client secret.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) choice: StreamChoice,
    /// `broad` for the scopes of apps made before March 2026, or a list of scopes.
    #[arg(long, value_name = "SCOPES")]
    pub(crate) scopes: Option<String>,
    /// The organisation to read: its name, its id, or `all`. Can be repeated.
    #[arg(long = "tenant", value_name = "NAME|ID|all")]
    pub(crate) tenants: Vec<String>,
    /// The first sync reads what changed since this date. The default is 1 January two years ago.
    #[arg(long, value_name = "DATE")]
    pub(crate) start_date: Option<String>,
    /// The port of the redirect URI http://localhost:PORT/callback.
    #[arg(long, default_value_t = 8742, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// Open no browser: print the address, and read the address at which the browser ended.
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// How long to wait for the browser.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: u64,
    /// Print JSON and ask nothing. The first call prints the address, `--complete` ends the login.
    #[arg(long)]
    pub(crate) json: bool,
    /// The address at which the browser ended. Completes a login with --json.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) complete: Option<String>,
    /// Base URL of the API, for tests.
    #[arg(long, value_name = "URL", hide = true)]
    pub(crate) api_url: Option<String>,
    /// Base URL of the token endpoint and of the consent page, for tests.
    #[arg(long, value_name = "URL", hide = true)]
    pub(crate) identity_url: Option<String>,
}

/// The longest life that a token can be required to have, in seconds. Xero's access tokens live for 30 minutes.
const LONGEST_MIN_LIFE: u64 = 29 * 60;

/// Parses a time such as `90s` or `20m`.
fn min_life(text: &str) -> Result<Duration, String> {
    let seconds = match (text.strip_suffix('s'), text.strip_suffix('m')) {
        (Some(number), _) => number.parse().ok(),
        (_, Some(number)) => number.parse().ok().map(|it: u64| it.saturating_mul(60)),
        _ => None,
    };
    match seconds {
        Some(seconds @ 1..=LONGEST_MIN_LIFE) => Ok(Duration::from_secs(seconds)),
        _ => Err("the time is not in 1s..=29m".to_owned()),
    }
}

/// Returns the definition of the command line, for completions and the manual page.
pub(crate) fn definition() -> clap::Command {
    Cli::command()
}
