//! `xero-sim` serves a simulated Xero until it is killed. The first line on stdout is a JSON object
//! with the base URL, the ids of the organisations, and one connector config per kind of credentials.
//! After each SIGUSR1 it prints a line that counts what it has served since the count before.

mod commands;

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use chrono::DateTime;
use clap::{Parser, ValueEnum};
use commands::{Fail, Organisations, Slow};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use xero_sim::{App, AppId, ENDPOINTS, Entity, Millis, Served, Sim, Size, TenantId, Tier, World};

const SECOND: Millis = 1_000;
const DAY: Millis = 86_400 * SECOND;
/// 2026-07-01T00:00:00Z: the end of the generated history. It is fixed, so that the same
/// flags give the same world on every day.
const HISTORY_END: Millis = 1_782_864_000 * SECOND;

/// The scopes of the consent: every scope for reading, except those of reports.
const SCOPES: &str = "openid profile email offline_access accounting.settings.read \
    accounting.contacts.read accounting.invoices.read accounting.payments.read \
    accounting.banktransactions.read accounting.manualjournals.read \
    accounting.classicexpenses.read accounting.budgets.read accounting.journals.read \
    accounting.attachments.read paymentservices";

/// The scopes of reports.
const REPORT_SCOPES: &str = "accounting.reports.aged.read \
    accounting.reports.balancesheet.read accounting.reports.banksummary.read \
    accounting.reports.budgetsummary.read accounting.reports.executivesummary.read \
    accounting.reports.profitandloss.read accounting.reports.trialbalance.read \
    accounting.reports.taxreports.read accounting.reports.tenninetynine.read";

/// Serves a simulated Xero on the loopback interface.
#[derive(Parser)]
#[command(after_help = commands::HELP)]
struct Flags {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Rows in each of the big tables of each organisation.
    #[arg(long, default_value_t = 1_000)]
    rows: usize,
    /// Fill only this one of the big tables, such as Invoices. May be repeated.
    #[arg(long, value_name = "TABLE", value_parser = big_table)]
    only: Vec<Entity>,
    /// Stamp this number of rows of the big tables per second, from yesterday on, instead of
    /// spreading the stamps over two years.
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    dense: Option<u64>,
    /// Number of organisations.
    #[arg(long, default_value_t = 1)]
    tenants: usize,
    /// The consent covers only this number of organisations, from the first on.
    #[arg(long, value_name = "NUMBER")]
    connected: Option<usize>,
    /// The consent also covers a tenant of this type, such as PRACTICE, which the Accounting API
    /// does not open. May be repeated.
    #[arg(long, value_name = "TYPE")]
    other: Vec<String>,
    /// An organisation fails after a number of its calls. KIND is disconnected, forbidden (the role
    /// is removed, or the trial or subscription has ended), offline or day (its calls are spent).
    /// May be repeated.
    #[arg(long, value_name = "ORGANISATION:KIND[:CALLS]")]
    fail: Vec<Fail>,
    /// An organisation has its own minimum duration of calls. May be repeated.
    #[arg(long, value_name = "ORGANISATION:MILLISECONDS")]
    slow: Vec<Slow>,
    /// The minimum duration of each call in milliseconds.
    #[arg(long, default_value_t = 0)]
    latency: u64,
    /// The calls a minute of an app over all organisations, instead of 10,000.
    #[arg(long, value_name = "CALLS")]
    app_minute: Option<u32>,
    /// The apps' tier, which decides the calls a day and opens Journals.
    #[arg(long, value_enum, default_value = "advanced")]
    tier: TierFlag,
    /// Write and compress all pages of 1,000 rows before the first line on stdout, so that they cost
    /// a measured client no processor time. A page of invoices takes 15 ms and 0.8 MB.
    #[arg(long)]
    prepared: bool,
    /// Turn the rate limits off.
    #[arg(long)]
    no_limits: bool,
    /// Run the lines of stdin as commands, see below.
    #[arg(long)]
    commands: bool,
    /// Grant no scope of reports. Some reports cost a call per month.
    #[arg(long)]
    no_reports: bool,
    /// The seed of all generated data.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum TierFlag {
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

fn main() -> io::Result<()> {
    let flags = Flags::parse();
    let mut world = World::new(flags.seed);
    world.history_ends(HISTORY_END);
    world.latency(Duration::from_millis(flags.latency));
    if flags.no_limits {
        world.unlimited();
    }
    if let Some(calls) = flags.app_minute {
        world.app_minute(calls);
    }
    let tenants: Vec<TenantId> = (1..=flags.tenants)
        .map(|number| add_tenant(&mut world, number, &flags))
        .collect();
    let scopes = match flags.no_reports {
        true => SCOPES.to_owned(),
        false => format!("{SCOPES} {REPORT_SCOPES}"),
    };
    let connected = flags.connected.unwrap_or(tenants.len()).min(tenants.len());
    let tier = flags.tier.into();
    let (app, mut configs) = configs(&mut world, &tenants[..connected], tier, &scopes);
    for tenant_type in &flags.other {
        let tenant = world.add_other_tenant(tenant_type, &format!("Some {tenant_type}"));
        world.connect(&app, &tenant);
    }
    let all = Organisations { app, tenants };
    let mut fails = flags.fail.iter();
    let mut slow = flags.slow.iter();
    fails
        .try_for_each(|fail| fail.apply(&mut world, &all))
        .and_then(|()| slow.try_for_each(|slow| slow.apply(&mut world, &all)))
        .map_err(io::Error::other)?;

    if flags.prepared {
        world.prepare_pages();
    }

    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, flags.port));
    let sim = Sim::start_on(address, world)?;
    sim.forget_requests();
    for config in &mut configs {
        config["api_url"] = sim.url().into();
        config["identity_url"] = sim.url().into();
    }
    let ready = json!({
        "url": sim.url(),
        "tenant_ids": all.tenants.iter().map(TenantId::as_str).collect::<Vec<_>>(),
        "configs": configs,
    });
    let lines = flags.commands.then(lines_of_stdin);
    talk(&sim, &ready, &all, lines, &mut io::stdout())
}

/// Reads stdin on a thread of its own.
fn lines_of_stdin() -> UnboundedReceiver<String> {
    let (sender, lines) = unbounded_channel();
    thread::spawn(move || {
        let mut read = io::stdin().lines().map_while(Result::ok);
        read.all(|line| sender.send(line).is_ok())
    });
    lines
}

/// A big table by the key of its answers.
fn big_table(name: &str) -> Result<Entity, String> {
    let mut tables = ENDPOINTS.iter().filter(|table| table.size == Size::Grows);
    let found = tables.find(|table| table.key.eq_ignore_ascii_case(name));
    let entity = found.map(|table| table.entity);
    entity.ok_or_else(|| "no big table has this name".to_owned())
}

/// Prints the first line, and one line per SIGUSR1 and per command until the process is killed.
fn talk(
    sim: &Sim,
    ready: &Value,
    all: &Organisations,
    mut lines: Option<UnboundedReceiver<String>>,
    out: &mut impl Write,
) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut asked = signal(SignalKind::user_defined1())?;
        let mut line = ready.to_string();
        loop {
            writeln!(out, "{line}")?;
            out.flush()?;
            let command = async { lines.as_mut()?.recv().await };
            line = tokio::select! {
                _ = asked.recv() => served(sim.take_served()).to_string(),
                Some(command) = command => {
                    let done = sim.world(|world| commands::run(&command, world, all));
                    match done {
                        Ok(()) => json!({ "done": command }).to_string(),
                        Err(error) => json!({ "error": error }).to_string(),
                    }
                }
            };
        }
    })
}

/// The sums as JSON.
fn served(sums: Served) -> Value {
    json!({
        "calls": sums.calls,
        "other_calls": sums.other_calls,
        "refused": sums.refused,
        "sent_bytes": sums.sent_bytes,
        "unpacked_bytes": sums.body_bytes,
    })
}

fn add_tenant(world: &mut World, number: usize, flags: &Flags) -> TenantId {
    let (name, currency) = match number {
        1 => ("Demo Company (NZ)".to_owned(), "NZD"),
        _ => (format!("Demo Company {number} (AU)"), "AUD"),
    };
    let tenant = world.add_tenant(&name, currency);
    for endpoint in ENDPOINTS {
        let table = endpoint.entity;
        let is_left_out = !flags.only.is_empty() && !flags.only.contains(&table);
        let rows = match endpoint.size {
            Size::Fixed(_) => continue,
            Size::Grows if is_left_out => continue,
            Size::Few(rows) => rows,
            Size::Grows => flags.rows,
        };
        world.fill(&tenant, table, rows);
        if let Some(rate) = flags.dense
            && endpoint.size == Size::Grows
        {
            // The first stamp is a whole second, so that `rate` rows share each second.
            let first = (world.now() - DAY) / SECOND * SECOND;
            let rate = rate as Millis;
            let after = |number: u64| (number as Millis - 1) * SECOND / rate;
            world.restamp(&tenant, table, |number| first + after(number));
        }
    }
    tenant
}

/// Registers a web app for all organisations and a custom connection for the first, and
/// gives the web app and the connector configs for both.
fn configs(
    world: &mut World,
    tenants: &[TenantId],
    tier: Tier,
    scopes: &str,
) -> (AppId, Vec<Value>) {
    let web = world.add_app(App::web("web-client-id", "web-client-secret").tier(tier));
    let tokens = world.consent(&web, tenants, scopes);
    let expiry = DateTime::from_timestamp_millis(tokens.expires_at).map(|at| at.to_rfc3339());
    let mut credentials = vec![
        json!({
            "auth_type": "oauth2_authorization_code",
            "client_id": "web-client-id",
            "client_secret": "web-client-secret",
            "refresh_token": tokens.refresh_token,
            "access_token": tokens.access_token,
            "id_token": tokens.id_token,
            "token_expiry_date": expiry,
        }),
        json!({
            "auth_type": "oauth2_access_token",
            "access_token": tokens.access_token,
        }),
    ];
    if let Some(first) = tenants.first() {
        let app = App::custom_connection("custom-client-id", "custom-client-secret", first);
        let of_users = ["openid", "profile", "email", "offline_access"];
        let mut scopes: Vec<_> = scopes.split(' ').collect();
        scopes.retain(|scope| !of_users.contains(scope));
        world.add_app(app.tier(tier).scopes(&scopes.join(" ")));
        credentials.push(json!({
            "auth_type": "oauth2_confidential_application",
            "client_id": "custom-client-id",
            "client_secret": "custom-client-secret",
        }));
    }
    // All generated rows have stamps in the two years before.
    let start = DateTime::from_timestamp_millis(HISTORY_END - 2 * 366 * DAY).unwrap_or_default();
    let config = |credentials| {
        json!({
            "start_date": start.format("%Y-01-01T00:00:00Z").to_string(),
            "tenant_id": tenants.first().map(TenantId::as_str),
            "credentials": credentials,
        })
    };
    (web, credentials.into_iter().map(config).collect())
}
