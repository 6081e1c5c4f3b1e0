//! Calls in flight when their stream fails. Their answers are used, because Xero has counted the calls, and no
//! other call takes their place before they end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;
use xero_sim::{Answer, Entity};

use crate::limits::minute::refused;
use crate::lists::ranges::{ids, payments};
use crate::support::scene::{SCOPES, Scene};

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
