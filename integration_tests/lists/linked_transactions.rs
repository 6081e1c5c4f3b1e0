//! Linked transactions: a list without filter and counts, read whole by each sync, from which rows disappear.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::Value;
use xero_sim::{Answer, Entity, Request};

use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};

const STREAM: &str = "linked_transactions";

/// An organisation with this number of linked transactions, listed by their numbers.
fn linked(rows: usize) -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::LinkedTransactions, rows);
        let first = world.now() - 1_000_000_000;
        let stamp = |number: u64| first + number as i64 * 1_000;
        world.restamp(tenant, Entity::LinkedTransactions, stamp);
    })
}

fn is_list(request: &Request) -> bool {
    request.path.ends_with("/LinkedTransactions")
}

/// Deletes the oldest row before each of the first `deletions` answers.
fn delete_while_reading(scene: &Scene, mut deletions: usize) {
    let tenant = scene.tenant.clone();
    scene.sim.intercept(move |request, world| {
        if is_list(request) && deletions > 0 {
            deletions -= 1;
            let oldest = world.rows(&tenant, Entity::LinkedTransactions)[0].number;
            world.remove(&tenant, Entity::LinkedTransactions, oldest);
        }
        None
    });
}

fn ids(run: &Run) -> HashSet<String> {
    let ids = run.column(STREAM, "LinkedTransactionID").into_iter();
    ids.map(str::to_owned).collect()
}

/// The rows that exist and that these runs did not read.
fn missing(scene: &Scene, runs: &[&Run]) -> Vec<String> {
    let came: HashSet<_> = runs.iter().flat_map(|run| ids(run)).collect();
    let mut all = scene.ids(Entity::LinkedTransactions);
    all.retain(|id| !came.contains(id));
    all
}

/// The requests for the list since the `first` one.
fn requests(scene: &Scene, first: usize) -> Vec<Request> {
    let mut requests = scene.sim.requests();
    requests.retain(is_list);
    requests.split_off(first)
}

fn pages(scene: &Scene, first: usize) -> Vec<u32> {
    let requests = requests(scene, first);
    let pages = requests.iter().filter_map(|request| request.param("page"));
    let mut pages: Vec<_> = pages.map(|page| page.parse().expect("a number")).collect();
    pages.sort_unstable();
    pages
}

#[test]
fn a_row_that_moves_to_a_page_already_read_is_emitted() {
    for deletions in [2, 3, 5] {
        let scene = linked(250);
        delete_while_reading(&scene, deletions);
        let run = scene.read(&scene.flat(), &[STREAM], None);
        assert_eq!(run.status(STREAM), "COMPLETE", "{:?}", run.errors());
        assert_eq!(missing(&scene, &[&run]), [""; 0], "{deletions} deletions");
        assert_eq!(run.records(STREAM).len(), ids(&run).len());
    }
}

#[test]
fn a_new_row_that_moves_is_emitted_with_concurrent_pages() {
    for deletions in 1..=5 {
        let scene = linked(250);
        let first = scene.read(&scene.flat(), &[STREAM], None);
        scene
            .sim
            .world(|world| world.create(&scene.tenant, Entity::LinkedTransactions, 260));
        delete_while_reading(&scene, deletions);
        let states = first.last_states();
        let second = scene.read(&scene.flat(), &[STREAM], Some(&states));
        assert_eq!(second.status(STREAM), "COMPLETE", "{:?}", second.errors());
        assert_eq!(
            missing(&scene, &[&first, &second]),
            [""; 0],
            "{deletions} deletions"
        );
        assert_eq!(second.records(STREAM).len(), 260);
    }
}

#[test]
fn an_unchanged_list_of_eleven_pages_costs_twelve_calls_five_at_once() {
    let scene = linked(1_050);
    let first = scene.read(&scene.flat(), &[STREAM], None);
    assert_eq!(first.records(STREAM).len(), 1_050);
    // Its end was searched page by page, and a second pass proved that nothing had moved.
    let calls = requests(&scene, 0).len();
    assert_eq!(calls, 23);
    scene.sim.world(|world| {
        world.create(&scene.tenant, Entity::LinkedTransactions, 3);
        world.latency(Duration::from_millis(100));
    });
    let second = scene.read(&scene.flat(), &[STREAM], Some(&first.last_states()));
    assert_eq!(second.records(STREAM).len(), 3);
    assert_eq!(pages(&scene, calls), (1..=12).collect::<Vec<_>>());
    let requests = requests(&scene, calls);
    let under_way = |at| {
        let is_under_way = |request: &&Request| {
            request.received <= at && request.answered.is_some_and(|answered| at < answered)
        };
        requests.iter().filter(is_under_way).count()
    };
    let most = requests.iter().map(|request| under_way(request.received));
    assert_eq!(most.max(), Some(5));
    let third = scene.read(&scene.flat(), &[STREAM], Some(&second.last_states()));
    let states = third.states(STREAM);
    let state = &states.last().expect("a state")["tenants"][scene.tenant.as_str()];
    assert_eq!(
        (&state["list"]["pages"], &state["list"]["rows"]),
        (&11.into(), &1_053.into())
    );
}

#[test]
fn states_of_an_earlier_version_or_unknown_origin_are_read() {
    let scene = linked(250);
    let first = scene.read(&scene.flat(), &[STREAM], None);
    let states = first.last_states().to_string();
    let from = states.find(r#","list""#).unwrap_or(states.len() - 1);
    let to = from + states[from..].find('}').unwrap_or_default() + 1;
    for list in [
        "",
        r#","list":7"#,
        r#","list":{"pages":-1,"rows":"x","digest":"?"}"#,
        r#","list":{"pages":1000000000000,"rows":250,"digest":"0"}"#,
    ] {
        let text = format!("{}{list}{}", &states[..from], &states[to..]);
        let states: Value = serde_json::from_str(&text).expect("a state");
        let run = scene.read(&scene.flat(), &[STREAM], Some(&states));
        assert_eq!(
            (run.status(STREAM), run.records(STREAM).len()),
            ("COMPLETE", 0),
            "{list}"
        );
    }
}

#[test]
fn a_server_that_ignores_the_page_is_read_once() {
    let scene = linked(80);
    scene.sim.intercept(|request, _| {
        let mut altered = request.clone();
        altered.query.retain(|(name, _)| name != "page");
        is_list(request).then(|| Answer::honest_to(altered))
    });
    let first = scene.read(&scene.flat(), &[STREAM], None);
    assert_eq!(
        (first.status(STREAM), first.records(STREAM).len()),
        ("COMPLETE", 80)
    );
    let calls = requests(&scene, 0).len();
    let second = scene.read(&scene.flat(), &[STREAM], Some(&first.last_states()));
    assert_eq!(
        (second.status(STREAM), second.records(STREAM).len()),
        ("COMPLETE", 0)
    );
    assert_eq!((calls, requests(&scene, calls).len()), (3, 2));
}

#[test]
fn a_list_that_keeps_changing_is_incomplete_and_read_again() {
    let scene = linked(250);
    // Five passes of at most four pages.
    delete_while_reading(&scene, 20);
    let run = scene.read(&scene.flat(), &[STREAM], None);
    assert_eq!(run.status(STREAM), "INCOMPLETE");
    let said = "was incomplete. The next sync reads it again.";
    assert!(run.errors()[0].2.contains(said), "{:?}", run.errors());
    let why = "the list changed during each of 5 passes over it";
    assert!(run.stdout.contains(why), "{}", run.stdout);
    assert!(run.states(STREAM).is_empty());
    let asked = requests(&scene, 0).len();
    assert!((15..=20).contains(&asked), "{asked} calls");
    let mut calm = scene.read(&scene.flat(), &[STREAM], None);
    if calm.status(STREAM) == "INCOMPLETE" {
        calm = scene.read(&scene.flat(), &[STREAM], None);
    }
    assert_eq!(calm.status(STREAM), "COMPLETE", "{:?}", calm.errors());
    assert_eq!(missing(&scene, &[&calm]), [""; 0]);
}
