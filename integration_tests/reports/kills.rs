//! `kill -9` while reports and budgets are read: together the syncs read every line.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

use chrono::{Months, Utc};
use fastrand::Rng;
use serde_json::{Value, json};
use xero_sim::Entity;

use crate::support::connector::{command, read_arguments};
use crate::support::counted_days::{self, Months31};
use crate::support::scene::{SCOPES, Scene, catalog};

const STREAMS: [&str; 6] = [
    "budget_lines",
    "budgets",
    "report_balance_sheet",
    "report_bank_summary",
    "report_profit_and_loss",
    "report_trial_balance",
];

/// Number of syncs to kill before one may complete.
const KILLS: usize = 12;

/// Lines by their stream and key.
type Lines = BTreeMap<String, Value>;

/// Reads from a state and kills the process after it has printed a number of bytes. Keeps the lines
/// that a state covers and that state. Returns whether the sync completed.
fn sync(
    scene: &Scene,
    states: &mut BTreeMap<String, Value>,
    bytes: usize,
    lines: &mut Lines,
) -> bool {
    let mut config = scene.flat();
    let start = Utc::now().date_naive() - Months::new(40);
    config["start_date"] = start.to_string().into();
    let config = scene.file("config.json", &config);
    let catalog = scene.file("catalog.json", &catalog(&STREAMS));
    let state: Value = states.values().cloned().collect();
    let state = scene.file("state.json", &state);
    let arguments = [&read_arguments(&config, &catalog)[..], &["--state", &state]].concat();
    let mut child = command(&arguments).spawn().expect("the binary starts");
    let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (mut read, mut uncovered) = (0, Vec::new());
    for line in stdout.split(b'\n') {
        let line = line.expect("a pipe can be read");
        read += line.len();
        let Ok(message) = serde_json::from_slice::<Value>(&line) else {
            break; // cut by the end of the process
        };
        match message["type"].as_str() {
            Some("RECORD") => uncovered.push(message["record"].clone()),
            Some("STATE") => {
                let stream = message["state"]["stream"]["stream_descriptor"]["name"].clone();
                for record in uncovered.extract_if(.., |record| record["stream"] == stream) {
                    let mut data = record["data"].clone();
                    data["UpdatedDateUTC"].take(); // when the report was made
                    lines.insert(key(&record), data);
                }
                states.insert(stream.to_string(), message);
            }
            _ => {}
        }
        if read > bytes {
            child.kill().expect("the child was started here");
        }
    }
    child.wait().expect("the child was started here").success()
}

fn key(record: &Value) -> String {
    let fields = [
        "PeriodStart",
        "PeriodEnd",
        "LineID",
        "BudgetID",
        "BudgetLineID",
        "AccountID",
        "Period",
    ];
    let data = &record["data"];
    json!([record["stream"], fields.map(|field| &data[field])]).to_string()
}

#[test]
fn syncs_of_reports_and_budgets_that_are_killed_bring_every_line() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        world.fill(tenant, Entity::Budgets, 5);
    });
    counted_days::open(&scene, Months31::Whole);
    let mut whole = Lines::new();
    assert!(sync(&scene, &mut BTreeMap::new(), usize::MAX, &mut whole));
    let mut rng = Rng::with_seed(7);
    let (mut states, mut lines) = (BTreeMap::new(), Lines::new());
    let mut kills = 0;
    for _ in 0..KILLS {
        let is_over = sync(&scene, &mut states, rng.usize(0..100_000), &mut lines);
        kills += usize::from(!is_over);
    }
    assert!(kills > KILLS / 2, "{kills} syncs were killed");
    assert!(sync(&scene, &mut states, usize::MAX, &mut lines));
    assert!(
        !whole.is_empty() && lines == whole,
        "{} of {} lines",
        lines.len(),
        whole.len()
    );
}
