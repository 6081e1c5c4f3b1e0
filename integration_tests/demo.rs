//! `cargo demo`: the connector's whole job, shown on the simulator.
//!
//! Starts a simulated Xero on a free port of this machine, runs the real binary
//! through spec, check, discover, a full read and an incremental read, and ends
//! with a table. Xero's limits are on.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use xero_sim::{App, Entity, Request, Sim, TenantId, World};

const SCOPES: &str = "openid offline_access accounting.settings.read accounting.transactions.read accounting.contacts.read accounting.journals.read accounting.budgets.read paymentservices";
const SECRET: &str = "demo-secret";

/// What the organisation has before the first read, in so few rows that the calls of the
/// check, of discover and of that read fit into a minute of Xero's limits.
const BOOKS: [(Entity, usize); 20] = [
    (Entity::Contacts, 1_200),
    (Entity::Items, 350),
    (Entity::Invoices, 8_000),
    (Entity::Payments, 4_000),
    (Entity::BankTransactions, 2_500),
    (Entity::Journals, 200),
    (Entity::CreditNotes, 300),
    (Entity::Overpayments, 40),
    (Entity::Prepayments, 60),
    (Entity::BatchPayments, 90),
    (Entity::BankTransfers, 120),
    (Entity::ManualJournals, 150),
    (Entity::PurchaseOrders, 400),
    (Entity::Quotes, 90),
    (Entity::LinkedTransactions, 90),
    (Entity::RepeatingInvoices, 25),
    (Entity::ExpenseClaims, 30),
    (Entity::Receipts, 80),
    (Entity::ContactGroups, 8),
    (Entity::Budgets, 3),
];

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut world = World::new(2026);
    let tenant = world.add_tenant("Demo Company (NZ)", "NZD");
    for (entity, rows) in BOOKS {
        world.fill(&tenant, entity, rows);
    }
    let app = world.add_app(App::web("demo-client", SECRET));
    let tokens = world.consent(&app, std::slice::from_ref(&tenant), SCOPES);
    let sim = Sim::start(world);
    println!(
        "A simulated Xero serves Demo Company (NZ) at {}.",
        sim.url()
    );

    let stage = Stage::new(json!({
        "start_date": "2015-01-01",
        "credentials": {
            "auth_type": "oauth2_authorization_code",
            "client_id": "demo-client",
            "client_secret": SECRET,
            "refresh_token": tokens.refresh_token,
        },
        "api_url": sim.url(),
        "identity_url": sim.url(),
    }))?;
    stage.run(&["spec"])?;
    stage.run(&["check", "--config", "config.json"])?;
    let discovered = stage.run(&["discover", "--config", "config.json"])?;
    let catalog = configured(&discovered)?;
    fs::write(stage.folder.join("catalog.json"), catalog.to_string())?;

    let read = [
        "read",
        "--config",
        "config.json",
        "--catalog",
        "catalog.json",
    ];
    let before = sim.requests().len();
    let full = stage.run(&read)?;
    let calls = sim.requests().split_off(before);

    println!("Somebody works in Xero: edits, payments, a voided invoice, new contacts.");
    sim.world(|world| {
        // The next minute of Xero's limits, without waiting for it.
        world.advance(Duration::from_secs(60));
        work(world, &tenant);
    });
    fs::write(
        stage.folder.join("state.json"),
        last_states(&full).to_string(),
    )?;
    let before = sim.requests().len();
    let changed = stage.run(&[&read[..], &["--state", "state.json"]].concat())?;
    let changed_calls = sim.requests().split_off(before);

    table(&catalog, (&full, &calls), (&changed, &changed_calls));
    println!(
        "\nEvery message: {}",
        stage.folder.join("messages.jsonl").display()
    );
    Ok(())
}

/// A day's work.
fn work(world: &mut World, tenant: &TenantId) {
    for invoice in [3, 500, 7_777] {
        world.touch(tenant, Entity::Invoices, invoice);
    }
    world.set_status(tenant, Entity::Invoices, 42, "VOIDED");
    world.set_status(tenant, Entity::Payments, 9, "DELETED");
    for (entity, rows) in [
        (Entity::Invoices, 12),
        (Entity::Contacts, 2),
        (Entity::Payments, 5),
        (Entity::Journals, 20),
    ] {
        world.create(tenant, entity, rows);
    }
}

/// The folder in which the connector runs.
struct Stage {
    folder: PathBuf,
}

impl Stage {
    fn new(config: Value) -> Result<Stage> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
        fs::create_dir_all(&folder)?;
        let file = folder.join("config.json");
        fs::write(&file, config.to_string())?;
        fs::set_permissions(&file, Permissions::from_mode(0o600))?;
        fs::write(folder.join("messages.jsonl"), "")?;
        Ok(Stage { folder })
    }

    /// Runs one verb and keeps its messages.
    fn run(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        let start = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_xero-source"))
            .args(arguments)
            .current_dir(&self.folder)
            .stderr(Stdio::inherit())
            .output()?;
        let seconds = start.elapsed().as_secs_f64();
        let text = String::from_utf8(output.stdout)?;
        let messages = text
            .lines()
            .map(serde_json::from_str)
            .collect::<std::result::Result<Vec<Value>, _>>()?;
        println!(
            "xero-source {}: {} messages in {seconds:.3} s",
            arguments.join(" "),
            messages.len()
        );
        if !output.status.success() {
            return Err(format!("the connector ended with {}:\n{text}", output.status).into());
        }
        // As a platform does: what CONTROL says replaces the config.
        for control in messages
            .iter()
            .filter(|message| message["type"] == "CONTROL")
        {
            let config = &control["control"]["connectorConfig"]["config"];
            fs::write(self.folder.join("config.json"), config.to_string())?;
        }
        let log = self.folder.join("messages.jsonl");
        let mut log = OpenOptions::new().append(true).open(log)?;
        log.write_all(text.as_bytes())?;
        Ok(messages)
    }
}

/// What is asked document by document would wait for Xero's next minute.
const PATIENT: [&str; 4] = ["attachments", "cis_settings", "history", "online_invoices"];

/// Everything else that discover offers, incrementally where it can be.
fn configured(discovered: &[Value]) -> Result<Value> {
    let offered = discovered
        .iter()
        .find_map(|message| message["catalog"]["streams"].as_array());
    let streams = offered
        .ok_or("discover gave no catalog")?
        .iter()
        .filter(|stream| !PATIENT.iter().any(|name| stream["name"] == *name))
        .map(|stream| {
            let mode = stream["supported_sync_modes"]
                .as_array()
                .and_then(|modes| modes.last());
            json!({"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"})
        });
    Ok(json!({"streams": streams.collect::<Vec<_>>()}))
}

fn last_states(messages: &[Value]) -> Value {
    let states = messages
        .iter()
        .filter(|message| message["type"] == "STATE")
        .map(|message| &message["state"]);
    let last: BTreeMap<_, _> = states
        .map(|state| (state["stream"]["stream_descriptor"].to_string(), state))
        .collect();
    last.into_values().cloned().collect()
}

/// One line for each stream, and their sum.
fn table(catalog: &Value, full: (&[Value], &[Request]), changed: (&[Value], &[Request])) {
    println!(
        "\n{:<36} {:>8} {:>6} {:>12} {:>8}   {:>8} {:>6}",
        "stream", "rows", "calls", "bytes", "seconds", "changed", "calls"
    );
    let mut sum = [0_usize; 5];
    for stream in catalog["streams"].as_array().into_iter().flatten() {
        let name = stream["stream"]["name"].as_str().unwrap_or_default();
        let (calls, bytes) = cost(full.1, name);
        let cells = [
            rows(full.0, name),
            calls,
            bytes,
            rows(changed.0, name),
            cost(changed.1, name).0,
        ];
        sum = std::array::from_fn(|cell| sum[cell] + cells[cell]);
        line(name, cells, &format!("{:.3}", seconds(full.0, name)));
    }
    line("all", sum, "");
}

fn line(name: &str, [rows, calls, bytes, changed, changed_calls]: [usize; 5], seconds: &str) {
    println!(
        "{name:<36} {rows:>8} {calls:>6} {bytes:>12} {seconds:>8}   {changed:>8} {changed_calls:>6}"
    );
}

fn rows(messages: &[Value], stream: &str) -> usize {
    messages
        .iter()
        .filter(|message| message["record"]["stream"] == stream)
        .count()
}

/// Calls and bytes on the wire of the requests for a stream.
fn cost(requests: &[Request], stream: &str) -> (usize, usize) {
    let of_stream = requests
        .iter()
        .filter(|request| stream_of(request) == stream.replace('_', ""));
    of_stream.fold((0, 0), |(calls, bytes), request| {
        (calls + 1, bytes + request.sent_bytes)
    })
}

/// The stream that a request is for, without underscores: `/BankTransactions` is for bank_transactions.
fn stream_of(request: &Request) -> String {
    let path = request.path.trim_start_matches("/api.xro/2.0");
    match path.trim_start_matches('/') {
        "Organisation" => "organisations".to_owned(),
        "InvoiceReminders/Settings" => "invoicereminders".to_owned(),
        "Journals" if request.param("paymentsOnly").is_some() => "journalscash".to_owned(),
        budget if budget.starts_with("Budgets/") => "budgets".to_owned(),
        path => path.replace('/', "").to_lowercase(),
    }
}

/// From STARTED to COMPLETE.
fn seconds(messages: &[Value], stream: &str) -> f64 {
    let times: Vec<f64> = messages
        .iter()
        .map(|message| &message["trace"])
        .filter(|trace| trace["stream_status"]["stream_descriptor"]["name"] == stream)
        .filter_map(|trace| trace["emitted_at"].as_f64())
        .collect();
    times
        .last()
        .zip(times.first())
        .map_or(0.0, |(last, first)| (last - first) / 1e3)
}
