//! Reads states and configs that version 0.1.0 wrote: no stream starts over, no row is lost, and
//! each config gives the same access as before.
//!
//! A binary of 0.1.0 wrote the files in `integration_tests/saved_0_1_0/` against the simulated
//! organisations below, which are the same in each run (see `fixed_clock.rs`). Its states lack the
//! keys that later versions added (`list`, `gaps`, `missed`, `round_end`). To update the files:
//!
//! ```sh
//! XERO_SOURCE_0_1_0=/path/to/xero-source-0.1.0 cargo test --test integration saved_states
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{App, Entity, TenantId, World};

use crate::support::connector::Run;
use crate::support::file_scene::sha256;
use crate::support::fixed_clock::FixedScene;
use crate::support::scene::{self, SCOPES};
use crate::support::scene::{CLIENT_ID, CLIENT_SECRET};
use crate::support::streams;
use crate::support::tables::books;

const OLD_BINARY: &str = "XERO_SOURCE_0_1_0";

/// Number of states after which a sync is killed.
const STATES: usize = 14;

/// Number of rows with the stamp of a position. They are read again.
const MOST: usize = 20;

/// The placeholder for the simulator's address in the files.
const SIMULATOR: &str = "http://SIMULATOR";

/// Number of rows of the list that is killed part way. A list of this size is split into ranges.
const ROWS: usize = 14_000;

/// Records as text, by stream.
type Rows = BTreeMap<String, Vec<String>>;

/// Reads a saved file. Where the old binary exists, `make` writes the file first.
fn saved(name: &str, make: impl FnOnce(&str) -> Value) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/integration_tests/saved_0_1_0");
    let path = Path::new(folder).join(name);
    if let Ok(binary) = std::env::var(OLD_BINARY) {
        let text = serde_json::to_string_pretty(&make(&binary)).expect("JSON can be written");
        std::fs::write(&path, text + "\n").expect("the file can be written");
    }
    let text = std::fs::read_to_string(&path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("the file is JSON")
}

/// The names of all streams that 0.1.0 has, too.
fn every_stream() -> Vec<&'static str> {
    let is_old = |stream: &&str| !stream.starts_with("expense_claim_");
    streams::all().into_iter().filter(is_old).collect()
}

/// Creates an organisation with a few rows in every table.
fn fill(world: &mut World, tenant: &TenantId) {
    for (entity, rows) in books() {
        world.fill(tenant, entity, rows);
    }
}

/// A config with quarterly reports and a `max_calls_per_sync` of `calls`.
fn config(scene: &FixedScene, calls: u32) -> Value {
    let mut config = scene.config();
    config["start_date"] = "2025-08-01".into();
    config["report_interval"] = "quarter".into();
    config["max_calls_per_sync"] = calls.into();
    config
}

/// Reads, and asserts that every stream is complete.
fn read(scene: &FixedScene, config: &Value, streams: &[&str], states: Option<&Value>) -> Run {
    let run = scene.read(config, &scene::catalog(streams), states);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    for stream in streams {
        assert_eq!(run.status(stream), "COMPLETE", "{stream}");
    }
    run
}

/// Returns the records of a run by stream, as sorted text.
fn rows(run: &Run) -> Rows {
    let mut rows = Rows::new();
    for record in run.payloads("RECORD", "record") {
        let stream = record["stream"].as_str().expect("a record has a stream");
        let rows = rows.entry(stream.to_owned()).or_default();
        rows.push(record["data"].to_string());
    }
    rows.values_mut().for_each(|rows| rows.sort());
    rows
}

/// Changes rows of every kind.
fn edit(world: &mut World, tenant: &TenantId) {
    for (entity, _) in books() {
        let is_stamped = entity != Entity::Journals && entity != Entity::Budgets;
        if is_stamped && world.rows(tenant, entity).len() > 1 {
            world.touch(tenant, entity, 2);
        }
    }
    world.create(tenant, Entity::Invoices, 3);
    world.create(tenant, Entity::Journals, 2);
    world.attach(tenant, Entity::Invoices, 4, 2);
}

/// After edits, a sync from the states of 0.1.0 reads the same rows as a sync from the states of
/// this build.
fn goes_on(
    name: &str,
    scene: impl Fn() -> FixedScene,
    config: fn(&FixedScene) -> Value,
    streams: &[&str],
) {
    let first = |binary: Option<&str>| {
        let mut scene = scene();
        if let Some(binary) = binary {
            scene.binary = binary.to_owned();
        }
        read(&scene, &config(&scene), streams, None)
    };
    let states = saved(name, |binary| first(Some(binary)).last_states());
    let own = first(None);
    let second = |states: &Value| {
        let scene = scene();
        scene.sim.world(|world| {
            world.advance(Duration::from_secs(86_400));
            let tenants = scene.tenants();
            tenants.iter().for_each(|tenant| edit(world, tenant));
            world.advance(Duration::from_secs(60));
        });
        read(&scene, &config(&scene), streams, Some(states))
    };
    let (from_old, from_own) = (second(&states), second(&own.last_states()));
    let (old_rows, own_rows, all) = (rows(&from_old), rows(&from_own), rows(&own));
    // A stream that 0.1.0 did not have has no state, so it is read in full.
    let has_state = |states: &Value, stream: &str| {
        let mut states = states.as_array().into_iter().flatten();
        states.any(|state| state["stream"]["stream_descriptor"]["name"] == stream)
    };
    let is_newer =
        |stream: &str| has_state(&own.last_states(), stream) && !has_state(&states, stream);
    for &stream in streams.iter().filter(|stream| !is_newer(stream)) {
        let count = |rows: &Rows| rows.get(stream).map_or(0, Vec::len);
        assert!(
            old_rows.get(stream) == own_rows.get(stream),
            "{stream}: {} rows from the states of 0.1.0, and {} from our own",
            count(&old_rows),
            count(&own_rows)
        );
    }
    for stream in ["invoices", "journals", "invoice_line_items"] {
        let (came, whole) = (old_rows[stream].len(), all[stream].len());
        assert!(came > 0 && came < whole, "{stream}: {came} rows of {whole}");
    }
}

#[test]
fn saved_states_of_a_whole_sync_are_continued() {
    let scene = || FixedScene::with("GBP", SCOPES, fill);
    let calls = |scene: &FixedScene| config(scene, 10_000);
    goes_on("whole_sync.json", scene, calls, &every_stream());
}

#[test]
fn saved_states_of_two_organisations_are_continued() {
    let fill = |world: &mut World, tenant: &TenantId| {
        world.fill(tenant, Entity::Contacts, 8);
        world.fill(tenant, Entity::Invoices, 30);
        world.fill(tenant, Entity::Journals, 20);
    };
    let scene = || {
        let mut scene = FixedScene::new(fill);
        scene.add_tenant(fill);
        scene
    };
    let config = |scene: &FixedScene| {
        let mut config = config(scene, 10_000);
        config["tenant_id"] = Value::Null;
        config
    };
    let streams = [
        "accounts",
        "attachments",
        "contact_phones",
        "contacts",
        "history",
        "invoice_line_items",
        "invoices",
        "journals",
        "report_aged_receivables_by_contact",
        "report_balance_sheet",
        "report_profit_and_loss",
        "report_trial_balance",
    ];
    goes_on("two_organisations.json", scene, config, &streams);
}

/// A short text that identifies a row of a stream.
fn marks(rows: &[String]) -> BTreeSet<String> {
    let digest = |row: &String| sha256(row.as_bytes())[..10].to_owned();
    rows.iter().map(digest).collect()
}

/// The calls of a sync of 0.1.0 sufficed for a part of the documents and contacts. Syncs of this
/// build continue from its states, and read the rest and only a few items again.
#[test]
fn saved_states_of_a_sync_without_enough_calls_are_finished() {
    let streams = [
        "attachments",
        "cis_settings",
        "history",
        "online_invoices",
        "report_aged_payables_by_contact",
        "report_aged_receivables_by_contact",
    ];
    let scene = || FixedScene::with("GBP", SCOPES, fill);
    let file = saved("few_calls.json", |binary| {
        let mut scene = scene();
        scene.binary = binary.to_owned();
        let run = read(&scene, &config(&scene, 60), &streams, None);
        let rows = rows(&run);
        let marks = rows
            .iter()
            .map(|(stream, rows)| (stream.clone(), json!(marks(rows))));
        let marks: serde_json::Map<_, _> = marks.collect();
        json!({"states": run.last_states(), "rows": marks})
    });
    let all = scene();
    let all = rows(&read(&all, &config(&all, 10_000), &streams, None));
    let scene = scene();
    let rest = rows(&read(
        &scene,
        &config(&scene, 10_000),
        &streams,
        Some(&file["states"]),
    ));
    // The document at which the calls ran out may be requested again.
    finished(&file, &all, &rest, &streams, 1);
}

/// Asserts that the rows read before the saved state and the `rest` are all rows, and that at most
/// `most` rows of each stream were read twice.
fn finished(file: &Value, all: &Rows, rest: &Rows, streams: &[&str], most: usize) {
    for &stream in streams {
        let before = file["rows"][stream].as_array();
        let before = before.map(Vec::as_slice).unwrap_or_default().iter();
        let before: BTreeSet<_> = before
            .map(|mark| mark.as_str().expect("a mark is text").to_owned())
            .collect();
        let marks_of = |rows: &Rows| rows.get(stream).map(|rows| marks(rows)).unwrap_or_default();
        let (all, rest) = (marks_of(all), marks_of(rest));
        let together: BTreeSet<_> = before.union(&rest).cloned().collect();
        let again = rest.intersection(&before).count();
        let lost = all.difference(&together).count();
        assert_eq!(lost, 0, "{stream}: {lost} of {} rows are lost", all.len());
        assert!(together == all, "{stream}: rows that there are no more");
        // The last periods are read again each time.
        let has_periods = stream.starts_with("report_") && !stream.ends_with("_by_contact");
        let most = if has_periods { all.len() - 1 } else { most };
        assert!(again <= most, "{stream}: {again} rows come again");
    }
}

/// A sync of 0.1.0 was killed while it read several lists and reports.
#[test]
fn saved_states_of_a_sync_killed_part_way_are_finished() {
    let streams = [
        "contacts",
        "invoice_line_items",
        "invoices",
        "journal_lines",
        "journals",
        "payments",
        "report_aged_receivables_by_contact",
        "report_balance_sheet",
        "report_profit_and_loss",
        "report_trial_balance",
    ];
    let scene = || {
        FixedScene::new(|world, tenant| {
            world.fill(tenant, Entity::Contacts, 30);
            world.fill(tenant, Entity::Invoices, 1_500);
            world.fill(tenant, Entity::Payments, 40);
            world.fill(tenant, Entity::Journals, 350);
        })
    };
    let file = saved("part_way.json", |binary| {
        let mut scene = scene();
        scene.binary = binary.to_owned();
        part_way(&scene, &streams)
    });
    let all = scene();
    let all = rows(&read(&all, &config(&all, 10_000), &streams, None));
    let scene = scene();
    let rest = read(
        &scene,
        &config(&scene, 10_000),
        &streams,
        Some(&file["states"]),
    );
    let known = file["states"].as_array().expect("states").len();
    assert!(
        (5..streams.len()).contains(&known),
        "{known} streams had a state"
    );
    finished(&file, &all, &rows(&rest), &streams, MOST);
}

/// Kills a read after some states. Returns the last state of each stream, and the rows before it.
fn part_way(scene: &FixedScene, streams: &[&str]) -> Value {
    let mut command = scene.reading(&config(scene, 10_000), &scene::catalog(streams), None);
    let mut child = command.spawn().expect("the binary starts");
    let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (mut waiting, mut covered, mut states) = (Rows::new(), Rows::new(), BTreeMap::new());
    let mut seen = 0;
    for line in stdout.lines() {
        let line = line.expect("a pipe can be read");
        let message: Value = serde_json::from_str(&line).expect("each line is JSON");
        let record = &message["record"];
        if let Some(stream) = record["stream"].as_str() {
            let rows = waiting.entry(stream.to_owned()).or_default();
            rows.push(record["data"].to_string());
        }
        let state = &message["state"];
        if let Some(stream) = state["stream"]["stream_descriptor"]["name"].as_str() {
            let rows = waiting.remove(stream).unwrap_or_default();
            covered.entry(stream.to_owned()).or_default().extend(rows);
            states.insert(stream.to_owned(), state.clone());
            seen += 1;
            if seen == STATES {
                break;
            }
        }
    }
    child.kill().expect("the child was started here");
    child.wait().expect("the child was started here");
    let marks = covered
        .iter()
        .map(|(stream, rows)| (stream.clone(), json!(marks(rows))));
    let marks: serde_json::Map<_, _> = marks.collect();
    json!({"states": states.into_values().collect::<Vec<_>>(), "rows": marks})
}

/// Creates an organisation with a long list. Its slow responses make the walk split the list into
/// ranges.
fn long_list(latency: Duration) -> FixedScene {
    FixedScene::new(|world, tenant| {
        world.fill(tenant, Entity::Payments, ROWS);
        let end = world.now() - 86_400_000;
        // Two rows of each stamp.
        world.restamp(tenant, Entity::Payments, |number| {
            end - (ROWS as i64 - number as i64 / 2) * 20_000
        });
        world.latency(latency);
    })
}

/// The numbers of rows by their ids.
fn numbers(scene: &FixedScene) -> BTreeMap<String, u64> {
    scene.sim.world(|world| {
        let rows = world.rows(&scene.tenant, Entity::Payments).iter();
        rows.map(|row| (row.guid(), row.number)).collect()
    })
}

/// A sync of 0.1.0 was killed while it walked several ranges of a list.
#[test]
fn saved_states_of_a_killed_sync_are_finished() {
    let streams = ["payments"];
    let settings = |scene: &FixedScene| {
        let mut config = scene.config();
        config["lookback_seconds"] = 0.into();
        config
    };
    let file = saved("killed_sync.json", |binary| {
        let mut scene = long_list(Duration::from_millis(200));
        scene.binary = binary.to_owned();
        killed(&scene, &settings(&scene))
    });
    let scene = long_list(Duration::ZERO);
    let ids = numbers(&scene);
    let covered = file["covered"].as_array().expect("numbers").iter();
    let covered = covered.flat_map(|span| {
        let end = |at: usize| span[at].as_u64().expect("a number");
        end(0)..=end(1)
    });
    let covered: BTreeSet<u64> = covered.collect();
    let tenant = scene.tenant.as_str();
    let state = &file["states"][0]["stream"]["stream_state"]["tenants"][tenant];
    let open = state["ranges"].as_array().map_or(0, Vec::len);
    assert!(open > 1, "the state has no ranges: {state}");
    assert!(!covered.is_empty() && covered.len() < ROWS);
    // Edits some rows that were read before the kill, and some that were not.
    let edited: BTreeSet<u64> = (1..=20).map(|number| number * 600).collect();
    scene.sim.world(|world| {
        world.advance(Duration::from_secs(600));
        for &number in &edited {
            world.touch(&scene.tenant, Entity::Payments, number);
        }
    });
    let run = read(&scene, &settings(&scene), &streams, Some(&file["states"]));
    let came = run.column("payments", "PaymentID").into_iter();
    let came: Vec<u64> = came.map(|id| ids[id]).collect();
    let found: BTreeSet<u64> = came.iter().copied().collect();
    let lost: Vec<_> = (1..=ROWS as u64)
        .filter(|number| !covered.contains(number) && !found.contains(number))
        .collect();
    assert!(lost.is_empty(), "{} rows are lost: {lost:?}", lost.len());
    assert!(edited.is_subset(&found), "edits are lost");
    let again = found
        .intersection(&covered)
        .filter(|it| !edited.contains(it))
        .count();
    // Two rows have the stamp of each range's position. They are read again.
    assert!(
        again <= 2 * open,
        "{again} rows of {open} ranges come again"
    );
    assert!(came.len() <= ROWS - covered.len() + edited.len() + 2 * open);
}

/// Kills a read once its state has several ranges and half of the rows were printed. Returns the
/// state, and the numbers of the rows before it as spans.
fn killed(scene: &FixedScene, config: &Value) -> Value {
    let ids = numbers(scene);
    let mut command = scene.reading(config, &scene::catalog(&["payments"]), None);
    let mut child = command.spawn().expect("the binary starts");
    let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (mut came, mut covered, mut state) = (Vec::new(), 0, Value::Null);
    for line in stdout.lines() {
        let line = line.expect("a pipe can be read");
        let message: Value = serde_json::from_str(&line).expect("each line is JSON");
        if let Some(id) = message["record"]["data"]["PaymentID"].as_str() {
            came.push(ids[id]);
        } else if message["type"] == "STATE" {
            covered = came.len();
            state = message["state"].clone();
            let tenant = &state["stream"]["stream_state"]["tenants"][scene.tenant.as_str()];
            if covered > ROWS / 2 && tenant["ranges"].as_array().is_some_and(|it| it.len() > 1) {
                break;
            }
        }
    }
    child.kill().expect("the child was started here");
    child.wait().expect("the child was started here");
    came.truncate(covered);
    came.sort_unstable();
    let spans = came.chunk_by(|one, next| next - one <= 1);
    let spans: Vec<_> = spans.map(|span| [span[0], span[span.len() - 1]]).collect();
    json!({"states": [state], "covered": spans})
}

/// Returns configs of each kind that 0.1.0 accepted, for the simulator of `scene`.
fn configs(scene: &FixedScene) -> Value {
    let base = json!({
        "start_date": "2024-08-01T00:00:00Z",
        "tenant_id": scene.tenant.as_str(),
        "api_url": SIMULATOR,
        "identity_url": SIMULATOR,
    });
    let with = |more: Value| {
        let mut config = base.clone();
        let fields = config.as_object_mut().expect("an object");
        fields.extend(more.as_object().cloned().unwrap_or_default());
        config
    };
    let (refresh, access) = (&scene.tokens.refresh_token, &scene.tokens.access_token);
    let (id, secret) = (CLIENT_ID, CLIENT_SECRET);
    json!({
        "seven keys": with(json!({
            "access_token": access, "id_token": scene.tokens.id_token, "start_date": "2024-08-01",
            "client_id": id, "client_secret": secret, "refresh_token": refresh})),
        "refresh token alone": with(json!({
            "client_id": id, "client_secret": secret, "refresh_token": refresh,
            "access_token": null, "id_token": ""})),
        "nested refresh token": with(json!({"credentials": {
            "auth_type": "oauth2_authorization_code", "client_id": id, "client_secret": secret,
            "refresh_token": refresh}})),
        "nested with an access token that is over": with(json!({"credentials": {
            "auth_type": "oauth2_authorization_code", "client_id": id, "client_secret": secret,
            "refresh_token": refresh, "access_token": "old", "token_expiry_date": "2026-03-02T09:40:00+01:00"}})),
        "access token alone": with(json!({"access_token": access})),
        "nested access token": with(json!({"credentials": {
            "auth_type": "oauth2_access_token", "access_token": access}})),
        "custom connection": with(json!({
            "client_id": "CUSTOM", "client_secret": "custom-secret"})),
        "nested custom connection": with(json!({"credentials": {
            "auth_type": "oauth2_confidential_application", "client_id": "CUSTOM",
            "client_secret": "custom-secret",
            "scopes": "accounting.settings.read accounting.contacts.read"}})),
        "both forms": with(json!({"access_token": "other", "credentials": {
            "auth_type": "oauth2_access_token", "access_token": access}})),
        "every setting": with(json!({
            "access_token": access, "lookback_seconds": 60, "daily_call_reserve": 10,
            "reconcile_days": 30, "report_interval": "year", "report_tracking_category": null,
            "report_lookback_periods": 1, "max_calls_per_sync": 20,
            "download_attachments": false, "attachments_directory": null,
            "attachments_max_megabytes": 5, "a key of somebody else": {"kept": true}})),
        "texts for numbers and blanks": with(json!({
            "access_token": format!(" {access} "), "lookback_seconds": null, "tenant_id": null,
            "credentials": null, "start_date": " 2024-08-01 "})),
    })
}

/// A web app with a consent, and a custom connection.
fn door() -> FixedScene {
    let scene = FixedScene::new(|world, tenant| world.fill(tenant, Entity::Contacts, 8));
    scene.sim.world(|world| {
        let app = App::custom_connection("CUSTOM", "custom-secret", &scene.tenant);
        world.add_app(app.scopes("accounting.settings.read accounting.contacts.read"));
    });
    scene
}

/// A saved config with the address of this simulator.
fn of_here(config: &Value, scene: &FixedScene) -> Value {
    let text = config.to_string().replace(SIMULATOR, &scene.sim.url());
    serde_json::from_str(&text).expect("it stays JSON")
}

/// Replaces the simulator's address by the placeholder.
fn of_anywhere(config: &Value, scene: &FixedScene) -> Value {
    let text = config.to_string().replace(&scene.sim.url(), SIMULATOR);
    serde_json::from_str(&text).expect("it stays JSON")
}

#[test]
fn saved_configs_pass_check_and_read() {
    let opens = |name: &str, config: &Value, binary: Option<&str>| {
        for verb in ["check", "read"] {
            let mut scene = door();
            if let Some(binary) = binary {
                scene.binary = binary.to_owned();
            }
            let config = of_here(config, &scene);
            if verb == "check" {
                let run = scene.run(&config, &["check"]);
                run.checked("SUCCEEDED");
            } else {
                let run = read(&scene, &config, &["contacts", "currencies"], None);
                assert_eq!(run.records("contacts").len(), 8, "{name}");
            }
        }
    };
    let configs = saved("configs.json", |binary| {
        let configs = configs(&door());
        let all = configs.as_object().expect("an object").iter();
        all.for_each(|(name, config)| opens(name, config, Some(binary)));
        configs
    });
    let configs = configs.as_object().expect("an object");
    assert_eq!(configs.len(), 11);
    for (name, config) in configs {
        opens(name, config, None);
    }
}

/// A config from a CONTROL message of 0.1.0 equals that of this build, and its tokens work without
/// a renewal.
#[test]
fn saved_configs_of_control_messages_are_read() {
    let nested = |scene: &FixedScene| {
        let mut config = scene.config();
        let keys = [
            "access_token",
            "client_id",
            "client_secret",
            "id_token",
            "refresh_token",
        ];
        let fields = config.as_object_mut().expect("an object");
        let taken = keys.map(|key| (key.to_owned(), fields.remove(key).expect(key)));
        let mut credentials: serde_json::Map<_, _> = taken.into_iter().collect();
        credentials.insert("auth_type".to_owned(), "oauth2_authorization_code".into());
        fields.insert("credentials".to_owned(), credentials.into());
        config
    };
    for (file, form) in [
        (
            "config_after_control_flat.json",
            (|scene: &FixedScene| scene.config()) as fn(&FixedScene) -> Value,
        ),
        ("config_after_control_nested.json", nested),
    ] {
        // A day after the consent the access token has expired.
        let renewed = |binary: Option<&str>| {
            let mut scene = door();
            if let Some(binary) = binary {
                scene.binary = binary.to_owned();
            }
            scene
                .sim
                .world(|world| world.advance(Duration::from_secs(86_400)));
            let run = read(&scene, &form(&scene), &["contacts"], None);
            let config = run
                .configs()
                .pop()
                .expect("the tokens were renewed")
                .clone();
            (scene, config)
        };
        let config = saved(file, |binary| {
            let (scene, config) = renewed(Some(binary));
            of_anywhere(&config, &scene)
        });
        let (scene, own) = renewed(None);
        assert_eq!(of_anywhere(&own, &scene), config, "{file}");
        let token_calls = || {
            let requests = scene.sim.requests().into_iter();
            requests.filter(|it| it.path == "/connect/token").count()
        };
        assert_eq!(token_calls(), 1);
        let config = of_here(&config, &scene);
        scene.run(&config, &["check"]).checked("SUCCEEDED");
        let run = read(&scene, &config, &["contacts"], None);
        assert_eq!(run.records("contacts").len(), 8, "{file}");
        assert_eq!(token_calls(), 1, "{file}: the access token was still good");
    }
}
