//! Compares whole runs with saved output: for the same answers the connector prints the same bytes.
//!
//! Each scenario runs the real binary against the simulator with a fixed seed and a fixed clock
//! (see `fixed_clock.rs`). It compares the output with a file in `integration_tests/golden/`.
//! Streams are read concurrently, so the test compares the order of messages within each stream
//! only. Messages without a stream (SPEC, CATALOG, CONTROL, CONNECTION_STATUS, some errors) form a
//! group of their own.
//!
//! Organisations are read side by side as well. In runs over several organisations the test compares
//! the order of the records of each organisation, the other messages of each stream, and of the states
//! the last one, without its `recordCount`, and of the estimates of a stream the last number of rows,
//! because the earlier ones depend on which organisation is answered first. For the same reason it omits
//! the estimates of a stream that fails in an organisation.
//!
//! The comparison omits or replaces only these parts:
//!
//! - LOG lines, and the texts of errors (`message`, `internal_message`, `stack_trace`): their
//!   wording may improve. Type, stream and order of errors stay.
//! - The order of the records of `budgets` and `budget_lines` between two other messages: each
//!   budget has a call of its own, and they are printed as they are answered. They are sorted.
//! - The simulator's port and the paths of temporary folders: both differ from run to run.
//!
//! A file holds, for each stream, the order of its messages, a SHA-256 of their lines, the first
//! record and the last state. If a scenario fails, its lines are in `target/tmp/golden/SCENARIO/`.
//! To compare them, run the scenario on the previous commit too.
//!
//! After an intended change of the output, update the files and review the diff:
//!
//! ```sh
//! XERO_SOURCE_UPDATE_GOLDEN=1 cargo test --test integration golden
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{Answer, Attachment, Entity, TenantId, World};

use crate::support::connector::Run;
use crate::support::file_scene::sha256;
use crate::support::fixed_clock::FixedScene;
use crate::support::invariants;
use crate::support::scene::{self, SCOPES};
use crate::support::streams;
use crate::support::tables::books;

const UPDATE: &str = "XERO_SOURCE_UPDATE_GOLDEN";

/// The group of messages without a stream.
const PROCESS: &str = "(no stream)";

const STATE_START: &str = r#"{"type":"STATE""#;

/// Lines by the stream they are about, in order.
type Groups = BTreeMap<String, Vec<String>>;

/// Returns the lines to compare, by group. Replaces what differs from run to run.
fn groups(scene: &FixedScene, run: &Run) -> Groups {
    let mut groups = Groups::new();
    let tenants = run.payloads("RECORD", "record");
    let tenants: BTreeSet<_> = tenants.map(|it| it["data"]["TenantID"].as_str()).collect();
    let is_by_organisation = tenants.len() > 1;
    for (line, message) in run.stdout.lines().zip(&run.messages) {
        if message["type"] == "LOG" {
            continue;
        }
        let trace = &message["trace"];
        let descriptor = [
            &message["record"]["stream"],
            &message["state"]["stream"]["stream_descriptor"]["name"],
            &trace["stream_status"]["stream_descriptor"]["name"],
            &trace["error"]["stream_descriptor"]["name"],
            &trace["estimate"]["name"],
        ];
        let stream = descriptor.iter().find_map(|name| name.as_str());
        let line = match trace["type"] == "ERROR" {
            true => without_texts(message),
            false => line.to_owned(),
        };
        let line = line
            .replace(&scene.sim.url(), "http://SIMULATOR")
            .replace(&scene.folder.path().display().to_string(), "FOLDER");
        let mut group = stream.unwrap_or(PROCESS).to_owned();
        let tenant = message["record"]["data"]["TenantID"].as_str();
        if let Some(tenant) = tenant.filter(|_| is_by_organisation) {
            group = format!("{group} of {tenant}");
        }
        let is_estimate = is_by_organisation && trace["type"] == "ESTIMATE";
        if is_estimate {
            if run.status(&group) == "COMPLETE" {
                groups.insert(format!("{group} (estimate)"), vec![without_bytes(message)]);
            }
            continue;
        }
        let lines = groups.entry(group).or_default();
        if is_by_organisation && message["type"] == "STATE" {
            lines.retain(|line| !line.starts_with(STATE_START));
            lines.push(without_count(message));
        } else {
            lines.push(line);
        }
    }
    for stream in ["budgets", "budget_lines"] {
        let is_record = |line: &String| line.starts_with(r#"{"type":"RECORD""#);
        let lines = groups.entry(stream.to_owned()).or_default();
        let parts = lines.chunk_by_mut(|one, other| is_record(one) && is_record(other));
        parts.for_each(<[String]>::sort);
    }
    groups.retain(|_, lines| !lines.is_empty());
    groups
}

/// Removes the number of records from a state.
fn without_count(message: &Value) -> String {
    let mut message = message.clone();
    let state = message["state"].as_object_mut();
    state.expect("a state is an object").remove("sourceStats");
    format!(r#"{STATE_START},"state":{}}}"#, message["state"])
}

/// Removes the number of bytes and the time from an estimate.
fn without_bytes(message: &Value) -> String {
    json!({"type": "TRACE", "trace": {
        "type": "ESTIMATE",
        "row_estimate": message["trace"]["estimate"]["row_estimate"],
    }})
    .to_string()
}

/// Removes the texts for people from an error.
fn without_texts(message: &Value) -> String {
    let mut message = message.clone();
    let error = message["trace"]["error"].as_object_mut();
    let error = error.expect("an error is an object");
    for text in ["message", "internal_message", "stack_trace"] {
        error.remove(text);
    }
    message.to_string()
}

/// The content of a file about one run.
fn summary(groups: &Groups, code: Option<i32>) -> Value {
    let groups = groups.iter().map(|(name, lines)| {
        let is = |kind: &str| {
            let start = format!(r#"{{"type":"{kind}""#);
            move |line: &&String| line.starts_with(&start)
        };
        let first_record = lines.iter().find(is("RECORD"));
        let last_state = lines.iter().rfind(is("STATE"));
        let mut group = json!({
            "messages": order(lines),
            "sha256": sha256(lines.join("\n").as_bytes()),
        });
        for (field, line) in [("first_record", first_record), ("last_state", last_state)] {
            if let Some(line) = line {
                group[field] = shown(line);
            }
        }
        if name == PROCESS {
            group["lines"] = lines.iter().map(|line| shown(line)).collect();
        }
        if let Some(catalog) = lines.iter().find(is("CATALOG")) {
            group["offered"] = offered(catalog);
        }
        (name.clone(), group)
    });
    json!({"exit_code": code, "groups": groups.collect::<serde_json::Map<_, _>>()})
}

/// The start of the digest of each stream of a catalog. It shows which stream changed.
fn offered(catalog: &str) -> Value {
    let message: Value = serde_json::from_str(catalog).expect("each line is JSON");
    let streams = message["catalog"]["streams"].as_array();
    let streams = streams
        .expect("a catalog has streams")
        .iter()
        .map(|stream| {
            let name = stream["name"].as_str().expect("a stream has a name");
            let digest = &sha256(stream.to_string().as_bytes())[..16];
            (name.to_owned(), digest.into())
        });
    Value::Object(streams.collect())
}

/// Returns a line, or its beginning if it is long. The digest covers the whole line.
fn shown(line: &str) -> Value {
    const MOST: usize = 400;
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ... {} bytes", &line[..end], line.len()).into(),
        None => line.into(),
    }
}

/// The kinds of the messages in their order, such as `STARTED RUNNING RECORD*40 STATE COMPLETE`.
fn order(lines: &[String]) -> String {
    let kind = |line: &String| {
        let message: Value = serde_json::from_str(line).expect("each line is JSON");
        let trace = &message["trace"];
        let words = [
            &trace["stream_status"]["status"],
            &trace["type"],
            &message["type"],
        ];
        let word = words.iter().find_map(|word| word.as_str());
        word.expect("each message has a type").to_owned()
    };
    let kinds: Vec<_> = lines.iter().map(kind).collect();
    let runs = kinds.chunk_by(|one, other| one == other);
    let runs = runs.map(|run| match run.len() {
        1 => run[0].clone(),
        count => format!("{}*{count}", run[0]),
    });
    runs.collect::<Vec<_>>().join(" ")
}

/// Compares a run with the file of the scenario, or writes it.
fn hold(scenario: &str, scene: &FixedScene, run: &Run) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("integration_tests/golden")
        .join(format!("{scenario}.json"));
    let groups = groups(scene, run);
    let found = summary(&groups, run.code);
    if std::env::var_os(UPDATE).is_some() {
        let text = serde_json::to_string_pretty(&found).expect("JSON can be written");
        std::fs::write(&path, text + "\n").expect("the file can be written");
    }
    let saved = std::fs::read_to_string(&path);
    let saved = saved.unwrap_or_else(|error| panic!("{}: {error}; see {UPDATE}", path.display()));
    let saved: Value = serde_json::from_str(&saved).expect("the file is JSON");
    if found == saved {
        return;
    }
    let lines = keep(scenario, &groups);
    let names = |value: &Value| value["groups"].as_object().cloned().unwrap_or_default();
    let (found_groups, saved_groups) = (names(&found), names(&saved));
    let all: BTreeSet<_> = found_groups.keys().chain(saved_groups.keys()).collect();
    let differing: Vec<_> = all
        .into_iter()
        .map(|name| (name, saved_groups.get(name), found_groups.get(name)))
        .filter(|(_, saved, found)| saved != found)
        .collect();
    let report: String = differing
        .iter()
        .map(|(name, saved, found)| {
            let text = |it: &Option<&Value>| it.map_or("nothing".to_owned(), Value::to_string);
            format!(
                "\n{name}\n  saved: {}\n  found: {}",
                text(saved),
                text(found)
            )
        })
        .collect();
    panic!(
        "{scenario}: exit code {} (saved: {}), and the output of {} groups differs; the lines are in {}{report}",
        found["exit_code"],
        saved["exit_code"],
        differing.len(),
        lines.display(),
    );
}

/// Writes the lines of each group where a person can compare them.
fn keep(scenario: &str, groups: &Groups) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("golden")
        .join(scenario);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    for (name, lines) in groups {
        let path = folder.join(format!("{name}.jsonl"));
        std::fs::write(path, lines.join("\n")).expect("the file can be written");
    }
    folder
}

/// The names of all streams.
fn every_stream() -> Vec<&'static str> {
    streams::all()
}

/// Creates an organisation with a few rows in every table.
fn fill(world: &mut World, tenant: &TenantId) {
    for (entity, rows) in books() {
        world.fill(tenant, entity, rows);
    }
}

/// Quarters of a year of reports, and calls for every document.
fn config(scene: &FixedScene) -> Value {
    let mut config = scene.config();
    config["start_date"] = "2025-08-01".into();
    config["report_interval"] = "quarter".into();
    config["max_calls_per_sync"] = 10_000.into();
    config
}

fn read(scene: &FixedScene, config: &Value, streams: &[&str], states: Option<&Value>) -> Run {
    let run = scene.read(config, &scene::catalog(streams), states);
    invariants::a_read_is_well_formed(&run, streams);
    run
}

#[test]
fn golden_check() {
    let scene = FixedScene::new(|_, _| {});
    hold("check", &scene, &scene.run(&scene.config(), &["check"]));
    let mut config = scene.config();
    config["tenant_id"] = "00000000-0000-0000-0000-000000000001".into();
    hold("check_failed", &scene, &scene.run(&config, &["check"]));
}

#[test]
fn golden_discover() {
    let scene = FixedScene::new(fill);
    let broad = scene.run(&scene.config(), &["discover"]);
    hold("discover", &scene, &broad);
    let few = "offline_access accounting.settings.read accounting.contacts.read";
    let scene = FixedScene::with("NZD", few, fill);
    let narrow = scene.run(&scene.config(), &["discover"]);
    hold("discover_few_scopes", &scene, &narrow);
}

#[test]
fn golden_syncs_of_all_streams() {
    let scene = FixedScene::with("GBP", SCOPES, fill);
    let (config, streams) = (config(&scene), every_stream());
    let first = read(&scene, &config, &streams, None);
    hold("first_sync", &scene, &first);

    // A day later the access token has expired, and rows of every kind have changed.
    scene.sim.world(|world| {
        world.advance(Duration::from_secs(86_400));
        for (entity, _) in books() {
            if entity != Entity::Journals && entity != Entity::Budgets {
                world.touch(&scene.tenant, entity, 2);
            }
        }
        world.touch_silently(&scene.tenant, Entity::Contacts, 3);
        world.set_status(&scene.tenant, Entity::Payments, 5, "DELETED");
        world.create(&scene.tenant, Entity::Invoices, 3);
        world.create(&scene.tenant, Entity::Journals, 2);
        world.attach(&scene.tenant, Entity::Invoices, 4, 2);
        world.remove(&scene.tenant, Entity::Items, 7);
        world.advance(Duration::from_secs(3_600));
    });
    let second = read(&scene, &config, &streams, Some(&first.last_states()));
    assert_eq!(second.configs().len(), 1, "the tokens were renewed once");
    hold("second_sync", &scene, &second);
}

#[test]
fn golden_long_lists() {
    let scene = FixedScene::new(|world, tenant| {
        world.fill(tenant, Entity::Contacts, 40);
        world.fill(tenant, Entity::Invoices, 2_200);
        world.fill(tenant, Entity::Payments, 2_500);
        world.fill(tenant, Entity::LinkedTransactions, 320);
        world.fill(tenant, Entity::PurchaseOrders, 250);
        // 1,200 rows of one stamp: the walk reads several pages under one anchor.
        let end = world.now() - 86_400_000;
        world.restamp(tenant, Entity::Payments, |number| {
            let after = number.saturating_sub(600).min(1_200) as i64;
            end - (1_200 - after) * 1_000 * i64::from(after < 1_200)
        });
    });
    let streams = [
        "contacts",
        "invoices",
        "invoice_line_items",
        "linked_transactions",
        "payments",
        "purchase_orders",
    ];
    hold(
        "long_lists",
        &scene,
        &read(&scene, &scene.config(), &streams, None),
    );
}

/// A ledger of a few pages. A long one is read in ranges side by side, whose order varies.
#[test]
fn golden_ledger() {
    let scene = FixedScene::new(|world, tenant| {
        world.fill(tenant, Entity::Invoices, 120);
        world.fill(tenant, Entity::Payments, 90);
        world.fill(tenant, Entity::Journals, 150);
    });
    let streams = ["journal_lines", "journals", "journals_cash"];
    let run = read(&scene, &scene.config(), &streams, None);
    hold("ledger", &scene, &run);
}

#[test]
fn golden_two_organisations() {
    let mut scene = FixedScene::new(|world, tenant| {
        world.fill(tenant, Entity::Contacts, 8);
        world.fill(tenant, Entity::Invoices, 30);
        world.fill(tenant, Entity::Journals, 20);
    });
    scene.add_tenant(|world, tenant| {
        world.fill(tenant, Entity::Contacts, 5);
        world.fill(tenant, Entity::Invoices, 20);
        world.fill(tenant, Entity::Journals, 10);
    });
    let mut config = config(&scene);
    config["tenant_id"] = Value::Null;
    let streams = [
        "accounts",
        "attachments",
        "connections",
        "contact_phones",
        "contacts",
        "history",
        "invoice_line_items",
        "invoices",
        "journals",
        "organisations",
        "report_aged_receivables_by_contact",
        "report_balance_sheet",
        "report_profit_and_loss",
        "report_trial_balance",
    ];
    let first = read(&scene, &config, &streams, None);
    hold("two_organisations", &scene, &first);
    // For some streams the calls suffice for a part of the documents only. The next sync continues.
    config["max_calls_per_sync"] = 20.into();
    let mut states = None;
    for sync in 1..=2 {
        scene
            .sim
            .world(|world| world.advance(Duration::from_secs(86_400)));
        // Periods that are read again do not change the state, so two states may be equal.
        let run = scene.read(&config, &scene::catalog(&streams), states.as_ref());
        hold(&format!("two_organisations_few_calls_{sync}"), &scene, &run);
        states = Some(run.last_states());
        config = run
            .configs()
            .pop()
            .expect("the tokens were renewed")
            .clone();
    }
}

#[test]
fn golden_faults() {
    let mut scene = FixedScene::new(|world, tenant| {
        world.fill(tenant, Entity::Contacts, 8);
        world.fill(tenant, Entity::Invoices, 30);
        world.fill(tenant, Entity::Payments, 3_000);
        world.fill(tenant, Entity::Quotes, 30);
        world.fill(tenant, Entity::Items, 30);
        world.fill(tenant, Entity::CreditNotes, 12);
    });
    let second = scene.add_tenant(|world, tenant| {
        world.fill(tenant, Entity::Contacts, 5);
        world.fill(tenant, Entity::Invoices, 20);
    });
    let mut payments = 0;
    scene.sim.intercept(move |request, _| {
        let path = request.path.strip_prefix("/api.xro/2.0")?;
        let is_second = request.tenant.as_deref() == Some(second.as_str());
        match path {
            "/Quotes" => Some(Answer::not_permitted()),
            "/Contacts" if is_second => Some(Answer::not_found()),
            "/Payments" if !is_second => {
                payments += 1;
                (payments > 1).then(Answer::server_error)
            }
            "/Items" => Some(Answer::json(200, r#"{"Items": [{"ItemID": "1"}, 7]}"#)),
            "/Reports/TrialBalance" => Some(Answer::server_error()),
            _ if path.ends_with("/History") => Some(Answer::forbidden()),
            _ => None,
        }
    });
    let mut config = config(&scene);
    config["tenant_id"] = Value::Null;
    let streams = [
        "contact_phones",
        "contacts",
        "credit_notes",
        "currencies",
        "history",
        "invoice_line_items",
        "invoices",
        "items",
        "payments",
        "quote_line_items",
        "quotes",
        "report_balance_sheet",
        "report_trial_balance",
    ];
    let run = read(&scene, &config, &streams, None);
    assert_eq!(run.code, Some(1));
    hold("faults", &scene, &run);
}

#[test]
fn golden_files() {
    let scene = FixedScene::new(|world, tenant| {
        world.fill(tenant, Entity::Invoices, 6);
        for number in 1..=4 {
            let file = Attachment::new("scan.pdf", "application/pdf", 1_000 * number);
            let large = Attachment::new("photo.JPG", "image/jpeg", 2 << 20);
            world.attach_files(tenant, Entity::Invoices, number, vec![file, large]);
        }
    });
    let mut config = config(&scene);
    config["download_attachments"] = true.into();
    config["attachments_max_megabytes"] = 1.into();
    let mut catalog = scene::catalog(&["attachments", "invoices"]);
    catalog["streams"][0]["include_files"] = true.into();
    let mut command = scene.reading(&config, &catalog, None);
    command.env(
        "AIRBYTE_STAGING_DIRECTORY",
        scene.folder.path().join("staging"),
    );
    std::fs::create_dir(scene.folder.path().join("staging")).expect("a folder can be made");
    let staged = Run::of(command.output().expect("the binary starts"));
    hold("files_staged", &scene, &staged);

    let kept = scene.folder.path().join("kept");
    config["attachments_directory"] = kept.display().to_string().into();
    let run = read(&scene, &config, &["attachments", "invoices"], None);
    hold("files_kept", &scene, &run);
}
