//! The flags of the program, and the apps and scopes that follow from them.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use xero_sim::{App, Country, Entity, Tier};

use crate::commands::{self, Fail, Slow};

/// The scopes of the consent: every scope for reading, except those of reports and of
/// payroll, whose streams differ from country to country.
const SCOPES: &str = "openid profile email offline_access accounting.settings.read \
    accounting.contacts.read accounting.invoices.read accounting.payments.read \
    accounting.banktransactions.read accounting.manualjournals.read \
    accounting.classicexpenses.read accounting.budgets.read accounting.journals.read \
    accounting.attachments.read paymentservices assets.read projects.read files.read";

/// The scopes of reports.
const REPORT_SCOPES: &str = "accounting.reports.aged.read \
    accounting.reports.balancesheet.read accounting.reports.banksummary.read \
    accounting.reports.budgetsummary.read accounting.reports.executivesummary.read \
    accounting.reports.profitandloss.read accounting.reports.trialbalance.read \
    accounting.reports.taxreports.read accounting.reports.tenninetynine.read";

/// Serves a simulated Xero on the loopback interface.
#[derive(Parser)]
#[command(after_help = commands::HELP)]
pub(crate) struct Flags {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Rows in each of the big tables of each organisation, those of the other APIs included.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) rows: usize,
    /// Fill only this one of the big tables, such as Invoices. May be repeated.
    #[arg(long, value_name = "TABLE", value_parser = |name: &str| commands::big_table(Some(name)))]
    pub(crate) only: Vec<Entity>,
    /// Stamp this number of rows of the big tables per second, from yesterday on, instead of
    /// spreading the stamps over two years.
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) dense: Option<u64>,
    /// Number of organisations.
    #[arg(long, default_value_t = 1)]
    pub(crate) tenants: usize,
    /// The country of all organisations: NZ, AU, GB or US. By default the first is in New Zealand and
    /// the others are in Australia.
    #[arg(long, value_name = "COUNTRY", value_parser = |code: &str| code.parse::<Country>())]
    pub(crate) country: Option<Country>,
    /// The consent covers only this number of organisations, from the first on; by default it
    /// covers all.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) connected: Option<usize>,
    /// Registers one more redirect address of the web app and the PKCE app, besides
    /// http://localhost:8742/callback. May be repeated.
    #[arg(long, value_name = "ADDRESS", value_parser = redirect_uri)]
    pub(crate) redirect_uri: Vec<String>,
    /// The web app and the PKCE app may connect this number of organisations each, instead of the
    /// number that their tier allows.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) connection_limit: Option<usize>,
    /// One consent may connect several organisations at once.
    #[arg(long)]
    pub(crate) bulk_connections: bool,
    /// Assign the apps the granular scopes only, as Xero does for apps made since March 2026.
    #[arg(long)]
    pub(crate) granular: bool,
    /// Two other uncertified apps are connected to an organisation, so that it takes no further
    /// one. May be repeated.
    #[arg(long, value_name = "ORGANISATION")]
    pub(crate) two_apps: Vec<usize>,
    /// Write the configs into this folder, one file each, and README.txt with a line for each.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) write_configs: Option<PathBuf>,
    /// Take changes as HTTP requests on this port of 127.0.0.1, see below; 0 takes a free one.
    #[arg(long, value_name = "PORT")]
    pub(crate) control_port: Option<u16>,
    /// The consent also covers a tenant of this type, such as PRACTICE, which the Accounting API
    /// does not open. May be repeated.
    #[arg(long, value_name = "TYPE")]
    pub(crate) other: Vec<String>,
    /// An organisation fails after a number of its calls. KIND is disconnected, forbidden (the role
    /// is removed, or the trial or subscription has ended), offline or day (its calls are spent).
    /// May be repeated.
    #[arg(long, value_name = "ORGANISATION:KIND[:CALLS]")]
    pub(crate) fail: Vec<Fail>,
    /// An organisation has its own minimum duration of calls. May be repeated.
    #[arg(long, value_name = "ORGANISATION:MILLISECONDS")]
    pub(crate) slow: Vec<Slow>,
    /// The minimum duration of each call in milliseconds.
    #[arg(long, default_value_t = 0)]
    pub(crate) latency: u64,
    /// The calls a minute of an app over all organisations, instead of 10,000.
    #[arg(long, value_name = "CALLS")]
    pub(crate) app_minute: Option<u32>,
    /// The apps' tier, which decides the calls a day and opens Journals.
    #[arg(long, value_enum, default_value = "advanced")]
    pub(crate) tier: TierFlag,
    /// Write and compress all pages of 1,000 rows before the first line on stdout, so that they cost
    /// a measured client no processor time. A page of invoices takes 15 ms and 0.8 MB.
    #[arg(long)]
    pub(crate) prepared: bool,
    /// Turn the rate limits off.
    #[arg(long)]
    pub(crate) no_limits: bool,
    /// Run the lines of stdin as commands, see below.
    #[arg(long)]
    pub(crate) commands: bool,
    /// Grant no scope of reports. Some reports cost a call per month.
    #[arg(long)]
    pub(crate) no_reports: bool,
    /// The seed of all generated data.
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TierFlag {
    Starter,
    Core,
    Advanced,
}

impl From<TierFlag> for Tier {
    fn from(flag: TierFlag) -> Self {
        match flag {
            TierFlag::Starter => Self::Starter,
            TierFlag::Core => Self::Core,
            TierFlag::Advanced => Self::Advanced,
        }
    }
}

impl Flags {
    /// The scopes of the consent.
    pub(crate) fn scopes(&self) -> String {
        match self.no_reports {
            true => SCOPES.to_owned(),
            false => format!("{SCOPES} {REPORT_SCOPES}"),
        }
    }

    /// The same app with what the flags say of all apps that users consent to.
    pub(crate) fn shape(&self, app: App) -> App {
        let uris = self.redirect_uri.iter();
        let mut app = uris.fold(app, |app, uri| app.redirect_uri(uri));
        if let Some(connections) = self.connection_limit {
            app = app.connection_limit(connections);
        }
        if self.granular {
            app = app.scopes(&format!("{SCOPES} {REPORT_SCOPES}"));
        }
        app.tier(self.tier.into())
            .bulk_connections(self.bulk_connections)
    }
}

/// A redirect address that Xero registers.
fn redirect_uri(text: &str) -> Result<String, String> {
    match App::can_register(text) {
        true => Ok(text.to_owned()),
        false => Err("Xero registers https addresses and http://localhost only".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_are_well_formed() {
        Flags::command().debug_assert();
    }

    #[test]
    fn an_address_that_xero_does_not_register_is_refused() {
        let parse = |uri| Flags::try_parse_from(["xero-sim", "--redirect-uri", uri]);
        assert!(parse("http://localhost:9000/callback").is_ok());
        let refused = parse("http://127.0.0.1:9000/callback").err();
        let text = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(text.contains("http://localhost only"), "{text}");
    }
}
