//! Journals whose number becomes visible after a higher one.

use std::collections::HashSet;
use std::slice;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use super::ranges::{at_once, calls};
use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};

const FAMILY: [&str; 3] = ["journals", "journal_lines", "journal_line_tracking"];

/// An organisation whose ledger hides some journal numbers until they are removed from the set.
struct Ledger {
    scene: Scene,
    hidden: Arc<Mutex<HashSet<i64>>>,
}

impl Ledger {
    /// Numbers of journals of the past two years and of now.
    fn new(old: usize, new: usize, hidden: impl IntoIterator<Item = i64>) -> Ledger {
        let scene = Scene::with(SCOPES, |world, tenant| {
            world.fill(tenant, Entity::Journals, old);
            world.create(tenant, Entity::Journals, new);
        });
        scene.sim.world(xero_sim::World::unlimited);
        let hidden: HashSet<_> = hidden.into_iter().collect();
        let hidden = Arc::new(Mutex::new(hidden));
        let hides = Arc::clone(&hidden);
        scene.sim.intercept(move |request, _| {
            let hides = hides.lock().expect("no test holds it").clone();
            let is_ledger = request.path.ends_with("/Journals");
            is_ledger.then(|| Answer::honest().rewritten(move |body| without(&body, &hides)))
        });
        Ledger { scene, hidden }
    }

    fn show(&self, numbers: &[i64]) {
        let mut hidden = self.hidden.lock().expect("no test holds it");
        hidden.retain(|number| !numbers.contains(number));
    }

    fn read(&self, streams: &[&str], states: Option<&Value>) -> Run {
        let run = self.scene.read(&self.scene.flat(), streams, states);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        run
    }

    fn calls(&self) -> usize {
        let calls = self.scene.calls();
        calls.iter().filter(|call| *call == "/Journals").count()
    }
}

fn without(body: &str, hidden: &HashSet<i64>) -> String {
    let mut body: Value = serde_json::from_str(body).expect("the simulator writes JSON");
    if let Some(journals) = body["Journals"].as_array_mut() {
        let number = |row: &Value| row["JournalNumber"].as_i64();
        journals.retain(|row| number(row).is_none_or(|number| !hidden.contains(&number)));
    }
    body.to_string()
}

/// The numbers of the rows that were read, in their order.
fn numbers(run: &Run, stream: &str) -> Vec<i64> {
    let rows = run.records(stream);
    let numbers = rows.iter().filter_map(|row| row["JournalNumber"].as_i64());
    numbers.collect()
}

/// Returns what a run emitted about one journal: each row of the family, as text.
fn rows(run: &Run, stream: &str, number: i64) -> Vec<String> {
    let rows = run.records(stream).into_iter();
    let of = rows.filter(|row| row["JournalNumber"] == number);
    of.map(Value::to_string).collect()
}

#[test]
fn a_journal_that_becomes_visible_late_is_emitted_once_with_its_lines() {
    for streams in [&FAMILY[..], &FAMILY[1..], &FAMILY[..1]] {
        let ledger = Ledger::new(30, 20, [41, 42]);
        let first = ledger.read(streams, None);
        ledger.show(&[41]);
        let second = ledger.read(streams, Some(&first.last_states()));
        let again = ledger.read(streams, Some(&second.last_states()));
        ledger.show(&[42]);
        let last = ledger.read(streams, Some(&again.last_states()));
        let quiet = ledger.read(streams, Some(&last.last_states()));
        let whole = ledger.read(streams, None);
        for stream in streams {
            assert!(!numbers(&first, stream).contains(&41), "{stream}");
            for (run, number) in [(&second, 41), (&last, 42)] {
                let wanted = rows(&whole, stream, number);
                assert_eq!(rows(run, stream, number), wanted, "{stream} {number}");
                assert_eq!(
                    numbers(run, stream).len(),
                    wanted.len(),
                    "{stream} {number}"
                );
            }
            for run in [&again, &quiet] {
                assert_eq!(numbers(run, stream), [0; 0], "{stream}");
            }
        }
        if streams.contains(&"journals") {
            assert_eq!(numbers(&second, "journals"), [41]);
        } else {
            assert!(!numbers(&second, "journal_lines").is_empty());
        }
    }
}

#[test]
fn late_journals_are_found_wherever_the_ranges_of_a_long_ledger_end() {
    let ledger = Ledger::new(2_600, 400, []);
    let slow = |world: &mut xero_sim::World| world.latency(Duration::from_millis(200));
    ledger.scene.sim.world(slow);
    let late: Vec<_> = ledger.scene.sim.world(|world| {
        let rows = world.rows(&ledger.scene.tenant, Entity::Journals).iter();
        let recent = rows.skip(2_650).step_by(30);
        recent.map(|row| row.number as i64).collect()
    });
    let mut hidden = ledger.hidden.lock().expect("no test holds it");
    hidden.extend(&late);
    drop(hidden);
    let first = ledger.read(&["journals"], None);
    let most = at_once(&calls(&ledger.scene, "/Journals"));
    assert!(most > 2, "one call at a time");
    assert_eq!(numbers(&first, "journals").len(), 3_000 - late.len());
    ledger.show(&late);
    let next = ledger.read(&["journals"], Some(&first.last_states()));
    let mut found = numbers(&next, "journals");
    found.sort_unstable();
    assert_eq!(found, late);
}

#[test]
fn each_stream_of_a_family_gets_the_journals_that_it_lacks() {
    let ledger = Ledger::new(30, 20, [41]);
    let alone = ledger.read(&["journals"], None);
    ledger.show(&[41]);
    // The lines start only now, so the whole ledger is read.
    let both = ledger.read(&FAMILY[..2], Some(&alone.last_states()));
    assert_eq!(numbers(&both, "journals"), [41]);
    let whole = ledger.read(&FAMILY[..2], None);
    assert_eq!(
        numbers(&both, "journal_lines"),
        numbers(&whole, "journal_lines")
    );
    let quiet = ledger.read(&FAMILY[..2], Some(&both.last_states()));
    assert!(numbers(&quiet, "journals").is_empty() && numbers(&quiet, "journal_lines").is_empty());
}

#[test]
fn the_cash_ledger_remembers_gaps_of_its_own() {
    let ledger = Ledger::new(0, 120, []);
    let whole = ledger.read(&["journals_cash"], None);
    let all = numbers(&whole, "journals_cash");
    let late = all[all.len() / 2];
    ledger.hidden.lock().expect("no test holds it").insert(late);
    let streams = ["journals", "journals_cash"];
    let first = ledger.read(&streams, None);
    ledger.show(&[late]);
    let second = ledger.read(&streams, Some(&first.last_states()));
    assert_eq!(numbers(&second, "journals"), [late]);
    assert_eq!(numbers(&second, "journals_cash"), [late]);
}

#[test]
fn old_gaps_are_not_remembered_and_a_sync_looks_for_new_ones_with_five_calls_at_most() {
    let old = Ledger::new(300, 0, (10..300).step_by(10));
    let run = old.read(&["journals"], None);
    let state = run.states("journals").last().map(|state| state.to_string());
    assert!(!state.expect("a state").contains("gaps"));

    let numbers = || (100..1_500).step_by(200);
    let ledger = Ledger::new(0, 1_500, numbers());
    let first = ledger.read(&["journals"], None);
    let state = first.last_states();
    let gaps = &state[0]["stream"]["stream_state"]["tenants"][ledger.scene.tenant.as_str()]["gaps"];
    let from = gaps.as_array().expect("gaps").iter();
    let from: HashSet<_> = from.filter_map(|gap| gap["from"].as_i64()).collect();
    assert!(numbers().all(|number| from.contains(&number)), "{from:?}");
    let before = ledger.calls();
    ledger.read(&["journals"], Some(&state));
    assert!(
        ledger.calls() - before <= 1 + 5,
        "{}",
        ledger.calls() - before
    );
}

/// Xero numbers the journals of both lists in one sequence, so most numbers may be missing in a list.
#[test]
fn late_journals_are_found_in_a_ledger_that_lacks_two_of_three_numbers() {
    let ledger = Ledger::new(0, 3_000, []);
    let numbers: Vec<_> = ledger.scene.sim.world(|world| {
        let tenant = &ledger.scene.tenant;
        let rows = world.rows(tenant, Entity::Journals).iter();
        let (kept, removed): (Vec<_>, Vec<_>) = rows
            .map(|row| row.number)
            .partition(|number| number % 3 == 0);
        for number in removed {
            world.remove(tenant, Entity::Journals, number);
        }
        kept.into_iter().map(|number| number as i64).collect()
    });
    let late = || numbers.iter().copied().skip(20).step_by(60).take(16);
    let streams = ["journals", "journal_lines", "journals_cash"];
    ledger
        .hidden
        .lock()
        .expect("no test holds it")
        .extend(late());
    let mut runs = vec![ledger.read(&streams, None)];
    ledger.show(&late().collect::<Vec<_>>());
    // Ten searches for each list, five of them in a sync, and one more for each journal found.
    for _ in 0..7 {
        let before = ledger.calls();
        let states = runs.last().expect("there is a run").last_states();
        runs.push(ledger.read(&streams, Some(&states)));
        let calls = ledger.calls() - before;
        assert!(calls <= 2 * (1 + 5), "{calls} calls");
    }
    let whole = ledger.read(&streams, None);
    for stream in streams {
        let sorted = |runs: &[Run]| {
            let rows = runs.iter().flat_map(|run| run.records(stream));
            let mut rows: Vec<_> = rows.map(Value::to_string).collect();
            rows.sort_unstable();
            rows
        };
        let (came, all) = (sorted(&runs), sorted(slice::from_ref(&whole)));
        assert_eq!(came.len(), all.len(), "{stream}");
        assert!(came == all, "{stream}");
    }
    assert!(late().all(|number| numbers_of(&runs[1..], number) == 1));
    let line = "parts that later syncs search for late journals: ";
    assert!(runs[1].logs("INFO").iter().any(|it| it.contains(line)));
    let state = runs.last().expect("there is a run").states("journals");
    let size = state.last().expect("it has a state").to_string().len();
    assert!(size < 8_000, "{size} bytes");
}

/// Returns how often the runs read a journal.
fn numbers_of(runs: &[Run], number: i64) -> usize {
    let runs = runs.iter().flat_map(|run| numbers(run, "journals"));
    runs.filter(|other| *other == number).count()
}

#[test]
fn invalid_gaps_in_a_state_are_ignored() {
    let ledger = Ledger::new(0, 20, [7]);
    let first = ledger.read(&["journals"], None);
    ledger.show(&[7]);
    let gap = json!({"from": 7, "to": 7, "seen": "2026-11-27T00:00:00Z"});
    for gaps in [
        json!(7),
        json!([7]),
        json!([gap, gap]),
        json!([{"from": 9, "to": 1}]),
        Value::Null,
    ] {
        let mut state = first.last_states();
        let tenant = ledger.scene.tenant.as_str();
        state[0]["stream"]["stream_state"]["tenants"][tenant]["gaps"] = gaps.clone();
        let run = ledger.read(&["journals"], Some(&state));
        assert_eq!(numbers(&run, "journals"), [0; 0], "{gaps}");
    }
}
