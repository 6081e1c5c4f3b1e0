//! Child streams and their parents share one read of the list. Each stream has its own rows, states and counts.

use std::collections::HashSet;

use serde_json::Value;
use xero_sim::Answer;

use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;

/// A child stream as `docs/streams.md` describes it.
struct Described {
    name: &'static str,
    parent: &'static str,
    arrays: Vec<&'static str>,
    key: Vec<&'static str>,
}

fn described() -> Vec<Described> {
    let page = include_str!("../../docs/streams.md");
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| [") && line.contains("` |"));
    let row = |line: &'static str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let (parent, arrays) = cells[2].split_once(" `")?;
        let (name, _) = cells[1].strip_prefix('[')?.split_once(']')?;
        streams::children().contains(&name).then(|| Described {
            name,
            parent,
            arrays: arrays.trim_end_matches('`').split('.').collect(),
            key: cells[3].split(", ").collect(),
        })
    };
    let described: Vec<_> = rows.filter_map(row).collect();
    assert_eq!(
        described.len(),
        streams::children().len(),
        "the page describes them all"
    );
    described
}

/// An element of the nested arrays, with its index in each array.
#[derive(Clone)]
struct Element<'r> {
    parent: &'r Value,
    value: &'r Value,
    line: Option<usize>,
    place: usize,
}

fn elements<'r>(parent: &'r Value, arrays: &[&str]) -> Vec<Element<'r>> {
    let list = |row: &'r Value, array| row[array].as_array().into_iter().flatten().enumerate();
    let direct = list(parent, arrays[0]).map(|(place, value)| Element {
        parent,
        value,
        line: None,
        place,
    });
    let Some(array) = arrays.get(1) else {
        return direct.collect();
    };
    let nested = direct.flat_map(|line| {
        list(line.value, array).map(move |(place, value)| Element {
            parent,
            value,
            line: Some(line.place),
            place,
        })
    });
    nested.collect()
}

/// The inherited fields of each row, by their names in the parent.
const CARRIED: [(&str, &[&str]); 5] = [
    ("ParentDate", &["Date", "JournalDate"]),
    ("ParentStatus", &["Status", "ContactStatus"]),
    ("UpdatedDateUTC", &["UpdatedDateUTC"]),
    ("JournalNumber", &["JournalNumber"]),
    ("CreatedDateUTC", &["CreatedDateUTC"]),
];

fn carries_its_parent(row: &Value, of: &Element<'_>) -> bool {
    CARRIED.iter().all(|(column, fields)| {
        let field = fields.iter().find_map(|field| of.parent.get(*field));
        // Some parents lack the field, because their timestamp has another name.
        field.is_none_or(|value| row.get(*column).is_some_and(|found| found == value))
    })
}

fn everything() -> Vec<&'static str> {
    [streams::lists(), streams::children()].concat()
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
fn children_cost_no_call_and_have_the_values_of_their_parents() {
    let scene = Scene::new();
    scene.sim.world(xero_sim::World::unlimited);
    let (parents_alone, _) = calls_for(&scene, streams::lists());
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
        let is_listed_without = name.starts_with("receipt_");
        assert_eq!(rows.is_empty(), is_listed_without, "{name}");
        for (row, of) in rows.iter().zip(of_parents) {
            assert_eq!(row["Position"], of.place, "{name}");
            assert_eq!(
                row["LinePosition"].as_u64(),
                of.line.map(|at| at as u64),
                "{name}"
            );
            assert!(
                carries_its_parent(row, &of),
                "{name}: {row} of {}",
                of.parent
            );
            for (field, value) in of.value.as_object().expect("an element is an object") {
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

/// Returns the rows of a stream as sorted text, because requests for budgets end in any order.
fn sorted(run: &Run, stream: &str) -> Vec<String> {
    let mut rows: Vec<_> = run
        .records(stream)
        .iter()
        .map(|row| row.to_string())
        .collect();
    rows.sort_unstable();
    rows
}

#[test]
fn children_are_the_same_when_their_parent_is_not_selected() {
    let scene = Scene::new();
    scene.sim.world(xero_sim::World::unlimited);
    let described = described();
    let parents: HashSet<_> = described.iter().map(|child| child.parent).collect();
    assert_eq!(parents.len(), 18);
    for parent in parents {
        let family = described.iter().filter(|child| child.parent == parent);
        let children: Vec<_> = family.map(|child| child.name).collect();
        let (alone, _) = calls_for(&scene, &[parent]);
        let (both, together) = calls_for(&scene, &[&[parent], &children[..]].concat());
        let (without, run) = calls_for(&scene, &children);
        assert_eq!((&both, &without), (&alone, &alone), "{parent}");
        assert_eq!(run.status(parent), "none");
        assert!(run.records(parent).is_empty() && run.states(parent).is_empty());
        for child in children {
            assert!(sorted(&run, child) == sorted(&together, child), "{child}");
        }
    }
}

#[test]
fn a_parent_that_is_not_selected_is_read_and_not_emitted() {
    let scene = Scene::new();
    let (calls, run) = calls_for(&scene, &["contact_phones", "invoice_line_items"]);
    assert_eq!(calls, ["/Contacts 1", "/Currencies", "/Invoices 1"]);
    let of_parents = |message: &&Value| {
        ["\"invoices\"", "\"contacts\""]
            .iter()
            .any(|name| message.to_string().contains(name))
    };
    let warnings: Vec<_> = run
        .messages
        .iter()
        .filter(|message| message["type"] != "LOG")
        .filter(of_parents)
        .collect();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(!run.records("invoice_line_items").is_empty());
}

#[test]
fn an_error_of_the_parent_is_reported_for_each_stream_of_the_family() {
    let scene = Scene::with("accounting.settings.read", |_, _| ());
    let members = ["invoice_line_items", "invoices"];
    let run = scene.read(&scene.flat(), &members, None);
    assert_eq!(run.errors().len(), members.len());
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
    let errors = run.errors();
    let streams: Vec<_> = errors.iter().map(|error| error.1).collect();
    assert_eq!(streams, members);
    for (_, stream, sentence) in &errors {
        let words = format!("Xero forbids reading {stream} of");
        assert!(sentence.starts_with(&words), "{sentence}");
    }
    assert_eq!(run.status("contacts"), "COMPLETE");
}

#[test]
fn connections_are_requested_once_and_list_every_organisation() {
    let mut scene = Scene::with(SCOPES, |_, _| ());
    let (app, first) = (scene.app.clone(), scene.tenant.clone());
    let (second, tokens) = scene.sim.world(|world| {
        let second = world.add_tenant("Kiwi Imports Limited", "NZD");
        let tokens = world.consent(&app, &[first.clone(), second.clone()], SCOPES);
        (second, tokens)
    });
    scene.tokens = tokens;
    // The same applies if the config names one of them.
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
    // Without `tenant_id` each organisation is read, and the list is still requested once.
    let mut config = scene.flat();
    config["tenant_id"] = Value::Null;
    let all = scene.read(&config, &["connections"], None);
    assert_eq!(all.records("connections"), run.records("connections"));
}

#[test]
fn lists_that_always_take_several_calls_begin_first() {
    let scene = Scene::new();
    // The organisation has five calls at once. In the order of the catalog, the last two lists would
    // wait for two of the others.
    let names = [
        "accounts",
        "currencies",
        "items",
        "tax_rates",
        "users",
        "linked_transactions",
        "budgets",
    ];
    let run = scene.read(&scene.flat(), &names, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let calls = scene.calls();
    let place = |path: &str| calls.iter().position(|call| call.starts_with(path));
    let last = place("/Users").expect("the list is read");
    for path in ["/LinkedTransactions", "/Budgets"] {
        assert!(place(path).is_some_and(|at| at < last), "{path}: {calls:?}");
    }
}
