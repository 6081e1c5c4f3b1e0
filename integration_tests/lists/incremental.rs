//! Later syncs read only new and changed rows, from any state, whatever happens between the syncs.

use std::collections::HashSet;

use serde_json::{Value, json};
use xero_sim::{Entity, World};

use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;
use crate::support::tables::tables;

#[test]
fn a_second_sync_reads_only_changes() {
    const CHANGING: [&str; 6] = [
        "bank_transactions",
        "contacts",
        "invoices",
        "items",
        "journals",
        "payments",
    ];
    let scene = Scene::new();
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let first = scene.read(&config, &CHANGING, None);
    let quiet = scene.read(&config, &CHANGING, Some(&first.last_states()));
    assert_eq!(
        quiet.payloads("RECORD", "record").count(),
        0,
        "nothing has changed"
    );
    let journals = || {
        let count = |world: &mut World| world.journals(&scene.tenant, false).len();
        scene.sim.world(count)
    };
    let before = journals();
    scene.sim.world(|world| {
        world.touch(&scene.tenant, Entity::Invoices, 17);
        world.set_status(&scene.tenant, Entity::Payments, 3, "DELETED");
        world.create(&scene.tenant, Entity::Contacts, 2);
        world.create(&scene.tenant, Entity::Journals, 7);
    });
    let second = scene.read(&config, &CHANGING, Some(&quiet.last_states()));
    let rows = CHANGING.map(|stream| second.records(stream).len());
    // Deleting the payment changes the amounts of the invoice that it paid. Its journal is taken back, and
    // so is that of the edited invoice, which posts another one.
    let posted = journals() - before;
    assert_eq!(posted, 7 + 1 + 2);
    assert_eq!(rows, [0, 2, 2, 0, posted, 1]);
    let touched = &scene.ids(Entity::Invoices)[16];
    let invoices = second.column("invoices", "InvoiceID");
    assert!(invoices.contains(&touched.as_str()), "{invoices:?}");
    assert_eq!(second.column("payments", "Status"), ["DELETED"]);
    let mut contacts = second.column("contacts", "ContactID");
    contacts.sort_unstable();
    let mut expected = scene.ids(Entity::Contacts).split_off(40);
    expected.sort_unstable();
    assert_eq!(contacts, expected);
}

#[test]
fn a_start_date_before_xeros_calendar_becomes_its_first_day() {
    let scene = Scene::new();
    let mut config = scene.flat();
    config["start_date"] = json!("0001-01-01");
    let run = scene.read(&config, &["invoices"], None);
    let asked = scene
        .sim
        .requests()
        .into_iter()
        .find_map(|request| request.if_modified_since);
    assert_eq!(asked.as_deref(), Some("1753-01-01T00:00:00Z"));
    assert_eq!(run.records("invoices").len(), 120);
}

#[test]
fn an_edit_of_any_row_is_read_and_an_unchanged_stream_has_no_rows() {
    let scene = Scene::new();
    scene.sim.world(World::unlimited);
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let discovered = scene.discover(&config);
    let catalog = discovered.payloads("CATALOG", "catalog").next();
    let described = catalog.expect("there is a catalog")["streams"].as_array();
    let with_cursor: Vec<_> = described
        .expect("a catalog has streams")
        .iter()
        .filter(|stream| stream["default_cursor_field"].is_array())
        .filter_map(|stream| stream["name"].as_str())
        .collect();
    let first = scene.read(&config, streams::lists(), None);
    let quiet = scene.read(&config, streams::lists(), Some(&first.last_states()));
    for stream in streams::lists() {
        let rows = quiet.records(stream).len();
        let expected = match with_cursor.contains(stream) {
            true => 0,
            false => first.records(stream).len(),
        };
        assert_eq!(rows, expected, "{stream}");
    }
    let stamped = |(stream, entity): &(&str, Entity)| {
        with_cursor.contains(stream) && *entity != Entity::Journals
    };
    scene.sim.world(|world| {
        for (_, entity) in tables().filter(stamped) {
            world.touch(&scene.tenant, entity, 2);
        }
    });
    let next = scene.read(&config, streams::lists(), Some(&quiet.last_states()));
    for (stream, entity) in tables().filter(stamped) {
        let touched = &scene.ids(entity)[1];
        let read = next.column(stream, entity.endpoint().id);
        assert_eq!(read, [touched], "{stream}");
    }
}

#[test]
fn large_lists_emit_a_state_per_page_and_resume_from_any() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 4500)
    });
    let run = scene.read(&scene.flat(), &["invoices"], None);
    let read = invoices(&run);
    assert_eq!((read.len(), run.records("invoices").len()), (4500, 4500));
    let states = run.states("invoices");
    assert_eq!(states.len(), 5, "a state for each page");
    for (nth, state) in states.iter().enumerate() {
        let message = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "invoices"}, "stream_state": state}}]);
        let rest = scene.read(&scene.flat(), &["invoices"], Some(&message));
        let before = records_before(&run.messages, nth + 1);
        let after = invoices(&rest);
        let together: HashSet<_> = before.union(&after).cloned().collect();
        assert_eq!(together, read, "rows are missing after state {nth}");
        assert!(
            after.len() <= 4500 - before.len() + 5,
            "state {nth} reads too much again"
        );
    }
}

/// The IDs of the invoices that were read.
fn invoices(run: &Run) -> HashSet<String> {
    let ids = run.column("invoices", "InvoiceID").into_iter();
    ids.map(str::to_owned).collect()
}

/// The invoices that were read before the `nth` state.
fn records_before(messages: &[Value], nth: usize) -> HashSet<String> {
    let mut states = 0;
    let mut found = HashSet::new();
    for message in messages {
        states += usize::from(message["type"] == "STATE");
        if states == nth {
            break;
        }
        found.extend(
            message["record"]["data"]["InvoiceID"]
                .as_str()
                .map(str::to_owned),
        );
    }
    found
}

#[test]
fn rows_that_are_edited_while_they_are_read_are_not_lost() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 3500)
    });
    let tenant = scene.tenant.clone();
    let mut oldest = 0;
    scene.sim.intercept(move |request, world| {
        // Three rows of the first page are edited between any two pages.
        if request.path.ends_with("/Invoices") {
            for _ in 0..3 {
                oldest += 1;
                world.touch(&tenant, Entity::Invoices, oldest);
            }
        }
        None
    });
    let run = scene.read(&scene.flat(), &["invoices"], None);
    let read = invoices(&run);
    let missing: Vec<_> = scene
        .ids(Entity::Invoices)
        .into_iter()
        .filter(|id| !read.contains(id))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn a_state_from_the_future_is_kept() {
    let scene = Scene::new();
    let state = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "invoices"}, "stream_state": {"UpdatedDateUTC": "2099-01-01T00:00:00"}}}]);
    let run = scene.read(&scene.flat(), &["invoices"], Some(&state));
    assert_eq!(run.records("invoices").len(), 0);
    assert_eq!(
        run.states("invoices")
            .last()
            .map(|state| &state["UpdatedDateUTC"]),
        Some(&json!("2099-01-01T00:00:00"))
    );
}

#[test]
fn an_invalid_state_fails_only_its_stream() {
    let scene = Scene::new();
    let state = json!({"invoices": {"UpdatedDateUTC": "yesterday"}, "contacts": {"unknown": 1}});
    let run = scene.read(&scene.flat(), &["invoices", "contacts"], Some(&state));
    assert_eq!(
        (run.status("invoices"), run.status("contacts")),
        ("INCOMPLETE", "COMPLETE")
    );
    assert!(
        run.errors()[0].2.contains("Reset the stream"),
        "{:?}",
        run.errors()
    );
    assert_eq!(run.records("contacts").len(), 40);
}
