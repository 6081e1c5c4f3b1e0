//! Calls in flight: their number, and what follows if their stream fails. Their answers are then used, because
//! Xero has counted the calls, and no other call takes their place before they end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::auth::chosen_tenants::{config, many};
use crate::faults::retries;
use crate::limits::minute::{STREAMS, refused};
use crate::lists::ranges::{at_once, ids, payments};
use crate::support::scene::{SCOPES, Scene};

/// Delays every answer, so that calls overlap if they may.
fn slow(scene: &Scene) {
    let slow = Duration::from_millis(50);
    scene
        .sim
        .intercept(move |_, _| Some(Answer::honest().delayed(slow)));
}

#[test]
fn max_concurrent_calls_bounds_the_calls_of_all_streams() {
    for most in [1, 2] {
        let scene = retries::scene();
        slow(&scene);
        let mut config = scene.flat();
        config["max_concurrent_calls"] = json!(most);
        let run = scene.read(&config, &STREAMS, None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        assert_eq!(run.records("invoices").len(), 2300);
        assert_eq!(at_once(&scene.sim.requests()), most);
        assert_eq!(run.logs("WARN"), [""; 0]);
    }
}

#[test]
fn max_concurrent_calls_bounds_the_calls_of_all_organisations() {
    for (setting, allowed) in [(json!(1), 1..=1), (json!(7), 7..=7), (Value::Null, 8..=50)] {
        let (scene, _) = many(60);
        slow(&scene);
        let mut config = config(&scene, None, Value::Null);
        config["max_concurrent_calls"] = setting.clone();
        let run = scene.check(&config);
        assert_eq!(run.checked("SUCCEEDED"), "");
        let most = at_once(&scene.sim.requests());
        assert!(allowed.contains(&most), "{setting}: {most}");
    }
}

#[test]
fn budgets_in_flight_are_kept_when_another_is_refused() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Budgets, 8);
        world.fill(tenant, Entity::Contacts, 20);
    });
    // The first five are requested concurrently. The last of them is refused immediately.
    let asked = AtomicU32::new(0);
    scene.sim.intercept(move |request, _| {
        if !request.path.contains("/Budgets/") {
            return None;
        }
        Some(match asked.fetch_add(1, Ordering::Relaxed) {
            4 => Answer::json(400, r#"{"Message":"A budget that cannot be shown"}"#),
            _ => Answer::honest().delayed(Duration::from_millis(400)),
        })
    });
    let mut config = scene.flat();
    config["max_calls_per_sync"] = json!(20);
    // The history is requested after the budgets, five documents at a time.
    let run = scene.read(&config, &["budgets", "budget_lines", "history"], None);
    assert_eq!(
        refused(&scene),
        [],
        "a call took the place of one under way"
    );
    assert_eq!(run.status("budgets"), "INCOMPLETE");
    assert_eq!(run.status("history"), "COMPLETE", "{:?}", run.errors());
    assert_eq!(run.records("budgets").len(), 4);
    assert!(run.records("budget_lines").len() >= 4);
    let asked = scene.calls().into_iter();
    let asked = asked.filter(|call| call.starts_with("/Budgets/"));
    assert_eq!(asked.count(), 5, "none is asked for behind the refusal");
}

#[test]
fn pages_in_flight_are_kept_when_another_is_refused() {
    let scene = payments(12_000, 20_000);
    // The slow responses make the walk split the list into ranges. One call is refused immediately.
    let asked = AtomicU32::new(0);
    scene.sim.intercept(move |request, _| {
        let is_list = request.path.ends_with("/Payments");
        is_list.then(|| match asked.fetch_add(1, Ordering::Relaxed) {
            6 => Answer::json(400, r#"{"Message":"Once"}"#),
            _ => Answer::honest().delayed(Duration::from_millis(200)),
        })
    });
    let first = scene.read(&scene.flat(), &["payments"], None);
    assert_eq!(first.status("payments"), "INCOMPLETE");
    let mut requests = scene.sim.requests();
    requests.retain(|request| request.path.ends_with("/Payments"));
    let cut = requests.iter().filter(|request| request.status == 0);
    assert_eq!(cut.count(), 0, "a call was cut off");
    let pages: Vec<_> = requests.iter().filter_map(|request| request.rows).collect();
    // Windows overlap by a few rows. A discarded page would repeat a thousand.
    let rows: usize = pages.iter().sum();
    assert!(
        pages.len() > 5 && ids(&first).len() + 500 > rows,
        "{} rows of {pages:?}",
        ids(&first).len()
    );
    let next = scene.read(&scene.flat(), &["payments"], Some(&first.last_states()));
    assert_eq!(next.code, Some(0), "{:?}", next.errors());
    let all: std::collections::HashSet<_> = ids(&first).union(&ids(&next)).copied().collect();
    assert_eq!(all.len(), 12_000);
    let again = ids(&first).len() + ids(&next).len() - all.len();
    assert!(again < 500, "{again} rows were read again");
}
