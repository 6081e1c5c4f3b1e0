//! Streams of one family with different states each continue from their own state.

use std::collections::HashSet;

use serde_json::{Value, json};
use xero_sim::{Entity, World};

use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};

#[test]
fn streams_of_a_family_each_continue_from_their_own_state() {
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

    // The parent has a state, the line items have none, and the state of the tracking is in the
    // future.
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

    // From now on the positions are equal, and an edit emits the row and its lines.
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
fn a_stream_of_a_family_with_an_invalid_state_fails_alone() {
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

/// The first and the last number.
type Ranges = &'static [(i64, Option<i64>)];

/// The rows that were read, as the numbers of invoices whose stamps are `step` apart.
fn numbers(run: &Run, stream: &str, first: i64, step: i64) -> HashSet<i64> {
    let stamps = run.column(stream, "UpdatedDateUTC").into_iter();
    let number = |stamp| {
        let stamp = chrono::DateTime::parse_from_rfc3339(stamp).expect("a stamp is an instant");
        (stamp.timestamp_millis() - first) / step
    };
    stamps.map(number).collect()
}

#[test]
fn ranges_that_an_interrupted_sync_left_open_are_read_for_all_and_no_others() {
    const STEP: i64 = 20_000;
    /// Positions as numbers of invoices.
    const OPEN: [(&str, Ranges); 3] = [
        ("invoices", &[(1_000, Some(2_000)), (3_000, None)]),
        ("invoice_line_items", &[(500, Some(2_000)), (3_500, None)]),
        ("invoice_line_item_tracking", &[(3_800, None)]),
    ];
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 4_500);
    });
    let first = scene.sim.world(|world: &mut World| {
        let first = world.now() - 5_000 * STEP;
        world.restamp(&scene.tenant, Entity::Invoices, |number| {
            first + number as i64 * STEP
        });
        first
    });
    let at = |number: i64| {
        let stamp = chrono::DateTime::from_timestamp_millis(first + number * STEP);
        stamp.expect("stamps are of this century").to_rfc3339()
    };
    let state = |stream: &str, ranges: Ranges| {
        let range = |(from, to): &(i64, Option<i64>)| match to {
            Some(to) => json!({"from": at(*from), "to": at(*to)}),
            None => json!({"from": at(*from)}),
        };
        let ranges: Vec<_> = ranges.iter().map(range).collect();
        let position = ranges[0]["from"].clone();
        json!({"type": "STREAM", "stream": {"stream_descriptor": {"name": stream}, "stream_state": {"tenants": {
            scene.tenant.as_str(): {"UpdatedDateUTC": position, "ranges": ranges}
        }}}})
    };
    let states = OPEN.map(|(stream, ranges)| state(stream, ranges));
    let family = OPEN.map(|(stream, _)| stream);
    let whole = scene.read(&scene.flat(), &family, None);
    let run = scene.read(&scene.flat(), &family, Some(&json!(states)));
    for (stream, open) in OPEN {
        let is_open = |number: &i64| {
            let mut ranges = open.iter();
            ranges.any(|(from, to)| number >= from && to.is_none_or(|to| *number < to))
        };
        let came = numbers(&run, stream, first, STEP);
        let mut owed = numbers(&whole, stream, first, STEP);
        owed.retain(is_open);
        assert!(
            owed.len() > 500 && came.is_superset(&owed),
            "{stream} lacks rows"
        );
        let (before, between) = (open[0].0 - 1, 2_500);
        assert!(
            came.iter()
                .all(|number| *number > before && *number != between),
            "{stream} has rows that nobody was owed"
        );
        let last = run.states(stream).last().copied().cloned();
        let last = last.unwrap_or(Value::Null);
        assert!(
            last["tenants"].is_object() && !last.to_string().contains("ranges"),
            "{last}"
        );
    }
}
