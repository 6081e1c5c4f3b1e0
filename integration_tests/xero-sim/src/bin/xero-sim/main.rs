//! `xero-sim` serves a simulated Xero until it is killed. The first line on stdout is a JSON object
//! with the base URL, the ids of the organisations, and one connector config per kind of credentials;
//! a terminal gets some lines for a person instead. After each SIGUSR1 it prints a line that counts
//! what it has served since the count before.

mod commands;
mod configs;
mod control;
mod flags;
mod greeting;

use std::io::{self, IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Parser;
use commands::Organisations;
use flags::Flags;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use xero_sim::{App, Country, ENDPOINTS, Millis, Served, Sim, Size, TenantId, World};

const SECOND: Millis = 1_000;
const DAY: Millis = 86_400 * SECOND;
/// 2026-07-01T00:00:00Z: the end of the generated history. It is fixed, so that the same
/// flags give the same world on every day.
const HISTORY_END: Millis = 1_782_864_000 * SECOND;

/// The running simulator and the numbers of its organisations.
struct Playground {
    sim: Sim,
    all: Organisations,
}

impl Playground {
    /// Runs a command.
    fn run(&self, command: &str) -> Result<(), String> {
        self.sim
            .world(|world| commands::run(command, world, &self.all))
    }
}

/// The answer to a command, on stdout and over HTTP.
fn answer(command: &str, done: &Result<(), String>) -> Value {
    match done {
        Ok(()) => json!({ "done": command }),
        Err(error) => json!({ "error": error }),
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
    let (app, mut configs) = configs::register(&mut world, &tenants, &flags);
    for tenant_type in &flags.other {
        let tenant = world.add_other_tenant(tenant_type, &format!("Some {tenant_type}"));
        world.connect(&app, &tenant);
    }
    let all = Organisations { app, tenants };
    apply(&flags, &mut world, &all).map_err(io::Error::other)?;
    if flags.prepared {
        world.prepare_pages();
    }

    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, flags.port));
    let sim = Sim::start_on(address, world)?;
    sim.forget_requests();
    for config in &mut configs {
        config.content["api_url"] = sim.url().into();
        config.content["identity_url"] = sim.url().into();
    }
    if let Some(folder) = &flags.write_configs {
        configs::write(folder, &configs)?;
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let playground = Arc::new(Playground { sim, all });
    runtime.block_on(talk(&flags, playground, &configs))
}

/// Applies the flags that name an organisation.
fn apply(flags: &Flags, world: &mut World, all: &Organisations) -> Result<(), String> {
    for fail in &flags.fail {
        fail.apply(world, all)?;
    }
    for slow in &flags.slow {
        slow.apply(world, all)?;
    }
    if flags.two_apps.is_empty() {
        return Ok(());
    }
    let others = ["other-client-id-1", "other-client-id-2"];
    let others = others.map(|id| world.add_app(App::web(id, "other-client-secret")));
    for number in &flags.two_apps {
        let tenant = all.numbered(*number)?;
        others.iter().for_each(|app| world.connect(app, tenant));
    }
    Ok(())
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

/// Prints the first line, and one line per SIGUSR1 and per command until the process is killed.
async fn talk(
    flags: &Flags,
    playground: Arc<Playground>,
    configs: &[configs::Config],
) -> io::Result<()> {
    let control = match flags.control_port {
        Some(port) => Some(control::serve(port, Arc::clone(&playground)).await?),
        None => None,
    };
    let mut out = io::stdout();
    let mut line = match out.is_terminal() {
        true => greeting::text(flags, &playground, configs, control),
        false => ready(&playground, configs, control).to_string(),
    };
    let mut lines = flags.commands.then(lines_of_stdin);
    let mut asked = signal(SignalKind::user_defined1())?;
    loop {
        writeln!(out, "{line}")?;
        out.flush()?;
        let command = async { lines.as_mut()?.recv().await };
        line = tokio::select! {
            _ = asked.recv() => served(playground.sim.take_served()).to_string(),
            Some(command) = command => answer(&command, &playground.run(&command)).to_string(),
        };
    }
}

/// The first line for a program.
fn ready(
    playground: &Playground,
    configs: &[configs::Config],
    control: Option<SocketAddr>,
) -> Value {
    let tenants = playground.all.tenants.iter();
    let country = |tenant| playground.sim.world(|world| world.country(tenant));
    let countries = tenants.clone().filter_map(country).map(Country::code);
    let mut ready = json!({
        "url": playground.sim.url(),
        "countries": countries.collect::<Vec<_>>(),
        "tenant_ids": tenants.map(TenantId::as_str).collect::<Vec<_>>(),
        "configs": configs.iter().map(|config| &config.content).collect::<Vec<_>>(),
    });
    if let Some(address) = control {
        ready["control_url"] = format!("http://{address}").into();
    }
    ready
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
    let usual = match number {
        1 => Country::NewZealand,
        _ => Country::Australia,
    };
    let country = flags.country.unwrap_or(usual);
    let edition = country.edition();
    let name = match number {
        1 => format!("Demo Company ({edition})"),
        _ => format!("Demo Company {number} ({edition})"),
    };
    let tenant = world.add_tenant_in(&name, country);
    world.fill_apis(&tenant, flags.rows);
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
