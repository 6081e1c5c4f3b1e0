//! Streams that are cut from the rows of others: one walk for all of them, each
//! with rows, states and counts of its own.

use std::collections::HashSet;

use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::connector::Run;
use crate::scene::{DERIVED, SCOPES, STREAMS, Scene};

/// A derived stream as the README describes it.
struct Described {
    name: &'static str,
    parent: &'static str,
    arrays: Vec<&'static str>,
    key: Vec<&'static str>,
}

fn described() -> Vec<Described> {
    let readme = include_str!("../README.md");
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("` |"));
    let row = |line: &'static str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let (parent, arrays) = cells[2].split_once(" `")?;
        DERIVED.contains(&cells[1]).then(|| Described {
            name: cells[1],
            parent,
            arrays: arrays.trim_end_matches('`').split('.').collect(),
            key: cells[3].split(", ").collect(),
        })
    };
    let described: Vec<_> = rows.filter_map(row).collect();
    assert_eq!(
        described.len(),
        DERIVED.len(),
        "the README describes them all"
    );
    described
}

/// The objects in the arrays on the way, each with its place.
fn elements<'r>(row: &'r Value, arrays: &[&str]) -> Vec<(usize, &'r Value)> {
    let Some((first, rest)) = arrays.split_first() else {
        return Vec::new();
    };
    let direct = row[*first].as_array().into_iter().flatten();
    match rest {
        [] => direct.enumerate().collect(),
        _ => direct.flat_map(|row| elements(row, rest)).collect(),
    }
}

fn everything() -> Vec<&'static str> {
    [&STREAMS[..], &DERIVED].concat()
}

fn calls_for(scene: &Scene, streams: &[&str]) -> (Vec<String>, Run) {
    let before = scene.calls().len();
    let run = scene.read(&scene.flat(), streams, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let mut calls = scene.calls().split_off(before);
    calls.sort();
    (calls, run)
}

#[test]
fn children_cost_no_call_and_hold_what_their_parents_hold() {
    let scene = Scene::new();
    scene.sim.world(xero_sim::World::unlimited);
    let (parents_alone, _) = calls_for(&scene, &STREAMS);
    let (all, run) = calls_for(&scene, &everything());
    assert_eq!(all, parents_alone);
    for Described {
        name,
        parent,
        arrays,
        key,
    } in described()
    {
        let parents = run.records(parent);
        let of_parents = parents.iter().flat_map(|row| elements(row, &arrays));
        let rows = run.records(name);
        assert_eq!(rows.len(), of_parents.clone().count(), "{name}");
        let mut keys = HashSet::new();
        for (row, (place, element)) in rows.iter().zip(of_parents) {
            assert_eq!(row["Position"], place, "{name}");
            for (field, value) in element.as_object().expect("an element is an object") {
                let is_own = field != "RepeatingInvoiceID" && field != "TrackingCategoryID";
                assert!(!is_own || row[field] == *value, "{name}: {field}");
            }
            let values: Vec<_> = key.iter().map(|field| row[*field].to_string()).collect();
            assert!(
                !values.contains(&"null".to_owned()),
                "{name}: {key:?} {row}"
            );
            assert!(keys.insert(values), "{name}: {key:?} comes twice: {row}");
        }
    }
}

#[test]
fn a_parent_that_is_not_selected_is_walked_and_not_emitted() {
    let scene = Scene::new();
    let (calls, run) = calls_for(&scene, &["contact_phones", "invoice_line_items"]);
    assert_eq!(calls, ["/Contacts 1", "/Currencies", "/Invoices 1"]);
    let of_parents = |message: &&Value| {
        ["\"invoices\"", "\"contacts\""]
            .iter()
            .any(|name| message.to_string().contains(name))
    };
    let told: Vec<_> = run
        .messages
        .iter()
        .filter(|message| message["type"] != "LOG")
        .filter(of_parents)
        .collect();
    assert!(told.is_empty(), "{told:?}");
    assert!(!run.records("invoice_line_items").is_empty());
}

#[test]
fn members_whose_states_differ_each_go_on_from_their_own() {
    let scene = Scene::new();
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let family = [
        "invoices",
        "invoice_line_items",
        "invoice_line_item_tracking",
    ];
    let first = scene.read(&config, &["invoices"], None);
    let lines_alone = scene.read(&scene.flat(), &["invoice_line_items"], None);
    scene
        .sim
        .world(|world| world.touch(&scene.tenant, Entity::Invoices, 9));

    // The parent has a state, the lines have none, the tracking is in the future.
    let mut states = first.last_states();
    let future = json!({"type": "STREAM", "stream": {"stream_descriptor": {"name": "invoice_line_item_tracking"},
        "stream_state": {"UpdatedDateUTC": "2099-01-01T00:00:00Z"}}});
    states.as_array_mut().expect("a list").push(future);
    let run = scene.read(&config, &family, Some(&states));
    assert_eq!(
        run.records("invoices").len(),
        1,
        "only the one that was edited"
    );
    let lines = run.records("invoice_line_items").len();
    assert_eq!(lines, lines_alone.records("invoice_line_items").len());
    assert_eq!(run.records("invoice_line_item_tracking").len(), 0);
    let last = run.states("invoice_line_item_tracking");
    assert_eq!(
        last.last().expect("a state")["UpdatedDateUTC"],
        "2099-01-01T00:00:00Z"
    );

    // From here on they are together, and an edit brings its row and its lines.
    scene
        .sim
        .world(|world| world.touch(&scene.tenant, Entity::Invoices, 11));
    let next = scene.read(&config, &family[..2], Some(&run.last_states()));
    let ids: HashSet<_> = next.column("invoices", "InvoiceID").into_iter().collect();
    let parents: HashSet<_> = next
        .column("invoice_line_items", "InvoiceID")
        .into_iter()
        .collect();
    assert_eq!((ids.len(), &ids), (1, &parents));
    let stamp = next.column("invoices", "UpdatedDateUTC");
    let stamps = next.column("invoice_line_items", "UpdatedDateUTC");
    assert!(stamps.iter().all(|line| *line == stamp[0]), "{stamps:?}");
}

#[test]
fn a_member_with_a_state_that_makes_no_sense_fails_alone() {
    let scene = Scene::new();
    let state = json!({"invoice_line_items": {"UpdatedDateUTC": "yesterday"}});
    let run = scene.read(
        &scene.flat(),
        &["invoice_line_items", "invoices"],
        Some(&state),
    );
    let status = |stream| run.status(stream);
    assert_eq!(
        (status("invoices"), status("invoice_line_items")),
        ("COMPLETE", "INCOMPLETE")
    );
    assert_eq!(run.records("invoices").len(), 120);
}

#[test]
fn what_keeps_a_parent_from_being_read_is_said_of_each_member() {
    let scene = Scene::with("accounting.settings.read", |_, _| ());
    let members = ["invoice_line_items", "invoices"];
    let run = scene.read(&scene.flat(), &members, None);
    for (error, member) in run.errors().iter().zip(members) {
        let words = format!("may not read {member}: it needs the scope accounting.invoices.read");
        assert!(error.1 == member && error.2.contains(&words), "{error:?}");
    }
    let scene = Scene::new();
    scene
        .sim
        .intercept(|request, _| request.path.ends_with("/Invoices").then(Answer::forbidden));
    let run = scene.read(
        &scene.flat(),
        &["invoice_line_items", "contacts", "invoices"],
        None,
    );
    let streams: Vec<_> = run.errors().iter().map(|error| error.1).collect();
    assert_eq!(streams, members);
    assert_eq!(run.status("contacts"), "COMPLETE");
}

#[test]
fn a_budget_comes_with_its_lines_by_a_call_of_its_own() {
    let scene = Scene::new();
    let (calls, run) = calls_for(&scene, &["budget_lines", "budgets"]);
    let ids = scene.ids(Entity::Budgets);
    assert_eq!(calls.len(), 2 + ids.len(), "{calls:?}");
    assert_eq!(run.records("budgets").len(), ids.len());
    let lines = run.records("budget_lines");
    assert!(!lines.is_empty() && lines.iter().all(|line| line["Amount"].is_number()));

    // One has vanished since it was listed, and one comes in a list.
    let gone = format!("/Budgets/{}", ids[0]);
    scene.sim.intercept(move |request, _| {
        if request.path.ends_with(&gone) {
            return Some(Answer::not_found());
        }
        let is_single = request.path.contains("/Budgets/");
        let listed = |body: String| {
            let body = body.replacen("\"Budgets\": {", "\"Budgets\": [{", 1);
            let end = body.rfind('}').expect("the envelope ends");
            format!("{}]}}", &body[..end])
        };
        is_single.then(|| Answer::honest().rewritten(listed))
    });
    let run = scene.read(&scene.flat(), &["budget_lines", "budgets"], None);
    assert_eq!(run.status("budgets"), "COMPLETE", "{:?}", run.errors());
    let read: HashSet<_> = run.column("budgets", "BudgetID").into_iter().collect();
    assert_eq!(read, ids[1..].iter().map(String::as_str).collect());
}

#[test]
fn connections_are_asked_for_once_and_tell_every_organisation() {
    let mut scene = Scene::with(SCOPES, |_, _| ());
    let (app, first) = (scene.app.clone(), scene.tenant.clone());
    let (second, tokens) = scene.sim.world(|world| {
        let second = world.add_tenant("Kiwi Imports Limited", "NZD");
        let tokens = world.consent(&app, &[first.clone(), second.clone()], SCOPES);
        (second, tokens)
    });
    scene.tokens = tokens;
    // Also where the config names one of them.
    let run = scene.read(&scene.flat(), &["connections"], None);
    let mut tenants = run.column("connections", "TenantID");
    tenants.sort_unstable();
    let mut expected = [first.as_str(), second.as_str()];
    expected.sort_unstable();
    assert_eq!(tenants, expected);
    assert_eq!(run.column("connections", "tenantId").len(), 2);
    let requests = scene.sim.requests();
    let asked: Vec<_> = requests
        .iter()
        .filter(|request| request.path == "/connections")
        .collect();
    assert_eq!((asked.len(), &asked[0].tenant), (1, &None));
}
