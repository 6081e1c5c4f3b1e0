//! Organisations are read side by side, and each keeps its own order, position and failures.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use serde_json::Value;
use xero_sim::{Answer, Entity, Limit, Request};

use crate::limits::minute::statuses;
use crate::support::connector::Run;
use crate::support::organisations::{Organisations, records};

const LISTS: [Entity; 3] = [Entity::Invoices, Entity::Contacts, Entity::Payments];

/// Organisations that have some more rows than the one before.
fn organisations(count: usize) -> Organisations {
    Organisations::new(count, |world, tenant, number| {
        world.unlimited();
        for table in LISTS {
            world.fill(tenant, table, 10 + number);
        }
    })
}

/// The largest number of organisations whose requests were in flight together.
fn organisations_at_once(requests: &[Request]) -> usize {
    let at = |request: &Request| {
        let in_flight = requests.iter().filter(|other| {
            other.received <= request.received
                && other.answered.is_none_or(|end| end > request.received)
        });
        let tenants: BTreeSet<_> = in_flight.filter_map(|it| it.tenant.as_deref()).collect();
        tenants.len()
    };
    requests.iter().map(at).max().unwrap_or_default()
}

#[test]
fn every_row_of_every_organisation_is_read_once() {
    let organisations = organisations(12);
    organisations.scene.sim.intercept(|request, _| {
        let is_list = request.path.starts_with("/api.xro/");
        is_list.then(|| Answer::honest().delayed(Duration::from_millis(30)))
    });
    let run = organisations.read(&LISTS, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    for table in LISTS {
        assert_eq!(records(&run, table), organisations.rows(table), "{table:?}");
    }
    let at_once = organisations_at_once(&organisations.scene.sim.requests());
    assert!(at_once > 6, "{at_once} organisations at once");
    let again = organisations.read(&LISTS, Some(&run.last_states()));
    assert!(records(&again, Entity::Invoices).is_empty());
}

#[test]
fn a_state_covers_only_records_that_were_written_before_it() {
    // More rows than a page, so that the pages and states of the organisations take turns.
    let organisations = Organisations::new(6, |world, tenant, number| {
        world.unlimited();
        world.fill(tenant, Entity::Payments, 2_000 + 150 * number);
    });
    let run = organisations.read(&[Entity::Payments], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in run.records("payments") {
        let [tenant, stamp] = ["TenantID", "UpdatedDateUTC"].map(|it| row[it].as_str());
        rows.entry(tenant.unwrap())
            .or_default()
            .push(stamp.unwrap());
    }
    let mut read: HashMap<&str, usize> = HashMap::new();
    let mut states = 0;
    for message in &run.messages {
        if let Some(tenant) = message["record"]["data"]["TenantID"].as_str() {
            *read.entry(tenant).or_default() += 1;
        }
        let state = &message["state"]["stream"]["stream_state"]["tenants"];
        for (tenant, state) in state.as_object().into_iter().flatten() {
            states += 1;
            let position = state["UpdatedDateUTC"].as_str().expect("a position");
            let written = read.get(tenant.as_str()).copied().unwrap_or(0);
            let missing = rows[tenant.as_str()][written..].iter();
            let ranges = state["ranges"].as_array().map_or(0, Vec::len);
            let covered = missing.filter(|stamp| **stamp < position).count();
            assert!(covered == 0 || ranges > 0, "{tenant} at {position}");
        }
    }
    assert!(states >= 12, "{states}");
}

/// The first lines of a run.
fn first_lines(run: &Run, count: usize) -> Run {
    Run {
        messages: run.messages[..count].to_vec(),
        stdout: String::new(),
        stderr: String::new(),
        code: None,
    }
}

#[test]
fn a_sync_that_was_killed_at_any_line_is_completed_by_the_next_one() {
    let organisations = Organisations::new(4, |world, tenant, number| {
        world.unlimited();
        world.fill(tenant, Entity::Payments, 700 * number);
    });
    let tables = [Entity::Payments];
    let run = organisations.read(&tables, None);
    let all = organisations.rows(Entity::Payments);
    let lines = run.messages.len();
    for line in [lines / 5, lines / 2, lines * 4 / 5, lines - 3] {
        let killed = first_lines(&run, line);
        let states = killed.last_states();
        let next = organisations.read(&tables, Some(&states));
        let mut both = records(&killed, Entity::Payments);
        for (tenant, ids) in records(&next, Entity::Payments) {
            both.entry(tenant).or_default().extend(ids);
        }
        for ids in both.values_mut() {
            ids.sort_unstable();
            ids.dedup();
        }
        assert!(both == all, "killed after line {line} of {lines}");
    }
}

#[test]
fn a_stream_waits_only_while_all_its_organisations_wait() {
    let limited = |count: usize| {
        let organisations = organisations(3);
        let mut refused: BTreeSet<String> = BTreeSet::new();
        organisations.scene.sim.intercept(move |request, _| {
            let tenant = request
                .tenant
                .clone()
                .filter(|_| request.path.ends_with("/Invoices"))?;
            if refused.contains(&tenant) {
                return None;
            }
            if refused.len() < count {
                refused.insert(tenant);
                return Some(Answer::too_many(Limit::Minute, Some(37)));
            }
            // The others are still being read while the refused ones wait.
            Some(Answer::honest().delayed(Duration::from_millis(400)))
        });
        let streams = ["invoices", "invoice_line_items"];
        let run = organisations
            .scene
            .read(&organisations.config(), &streams, None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        streams.map(|stream| {
            let statuses = statuses(&run, stream);
            statuses.iter().filter(|status| status.1.is_some()).count()
        })
    };
    assert_eq!(limited(2), [0, 0]);
    let [invoices, lines] = limited(3);
    assert!(invoices > 0 && lines > 0, "each stream of the family waits");
}

#[test]
fn organisations_that_fail_share_one_error_and_the_others_are_complete() {
    let organisations = organisations(8);
    let failing: BTreeSet<_> = organisations.tenants[2..7]
        .iter()
        .map(|tenant| tenant.as_str().to_owned())
        .collect();
    let refused = failing.clone();
    organisations.scene.sim.intercept(move |request, _| {
        let is_its = request
            .tenant
            .as_deref()
            .is_some_and(|id| refused.contains(id));
        (is_its && request.path.ends_with("/Invoices")).then(Answer::forbidden)
    });
    let run = organisations.read(&LISTS, None);
    assert_eq!(run.code, Some(1));
    let errors = run.errors();
    let [(kind, stream, text)] = errors[..] else {
        panic!("{errors:?}")
    };
    assert_eq!((kind, stream), ("config_error", "invoices"));
    assert!(
        text.starts_with("5 of 8 organisations cannot be read."),
        "{text}"
    );
    assert_eq!(
        text.matches("Xero forbids reading invoices of Shop")
            .count(),
        3,
        "{text}"
    );
    assert!(text.ends_with("2 more of them cannot be read."), "{text}");
    assert_eq!(run.status("invoices"), "INCOMPLETE");
    let mut expected = organisations.rows(Entity::Invoices);
    expected.retain(|tenant, _| !failing.contains(tenant));
    assert_eq!(records(&run, Entity::Invoices), expected);
    for (table, stream) in [
        (Entity::Contacts, "contacts"),
        (Entity::Payments, "payments"),
    ] {
        assert_eq!(records(&run, table), organisations.rows(table), "{table:?}");
        assert_eq!(run.status(stream), "COMPLETE");
    }
    let last = run.states("invoices");
    let tenants = last.last().expect("the others have positions")["tenants"].clone();
    let tenants = tenants.as_object().expect("an object").keys();
    assert!(tenants.eq(expected.keys()));
}

/// The bytes of the records and of the states of a stream.
fn bytes(run: &Run, stream: &str) -> (usize, usize) {
    let (mut records, mut states) = (0, 0);
    for line in run.stdout.lines() {
        let message: Value = serde_json::from_str(line).expect("each line is JSON");
        if message["record"]["stream"] == stream {
            records += line.len();
        } else if message["state"]["stream"]["stream_descriptor"]["name"] == stream {
            states += line.len();
        }
    }
    (records, states)
}

#[test]
fn states_take_at_most_a_tenth_of_the_bytes_of_the_records() {
    let organisations = Organisations::new(60, |world, tenant, _| {
        world.unlimited();
        world.fill(tenant, Entity::Items, 2);
    });
    let run = organisations.read(&[Entity::Items], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(
        records(&run, Entity::Items),
        organisations.rows(Entity::Items)
    );
    let (records, states) = bytes(&run, "items");
    let last = run
        .states("items")
        .last()
        .expect("there is one")
        .to_string()
        .len();
    // The last state is always written. A slow machine may take tens of seconds.
    assert!(states <= records / 10 + 2 * last, "{states} of {records}");
}

#[test]
fn one_log_line_ends_each_organisation() {
    let organisations = organisations(5);
    let run = organisations.read(&LISTS, None);
    let lines = run.logs("INFO");
    for (number, rows) in [(2, 36), (3, 39), (5, 45)] {
        let name = format!("Shop {number:03} is read");
        let own: Vec<_> = lines.iter().filter(|line| line.contains(&name)).collect();
        let [line] = own[..] else {
            panic!("{name}: {own:?}")
        };
        assert!(line.contains(&format!("rows={rows}")), "{line}");
        assert!(line.contains("calls="), "{line}");
        assert!(line.contains("calls left today"), "{line}");
    }
    assert!(
        lines
            .iter()
            .any(|line| line.contains("5 of 5 organisations are done"))
    );
    let streams = lines
        .iter()
        .filter(|line| line.contains("read all of 5 organisations"));
    assert_eq!(streams.count(), LISTS.len());
}
