//! Budgets: the list names them, and each is requested by its id.

use std::collections::HashMap;

use serde_json::Value;
use xero_sim::{Answer, Entity};

use crate::support::connector::Run;
use crate::support::scene::Scene;

const BOTH: [&str; 2] = ["budgets", "budget_lines"];

fn counts(run: &Run) -> [usize; 2] {
    BOTH.map(|stream| run.records(stream).len())
}

/// Wraps a single budget, which Xero's example shows as an object, in a list.
fn as_list(body: String) -> String {
    let mut body: Value = serde_json::from_str(&body).expect("the body is JSON");
    assert!(body["Budgets"].is_object(), "no object: {body}");
    body["Budgets"] = Value::from(vec![body["Budgets"].take()]);
    body.to_string()
}

/// Returns the rows of both streams as sorted text, because concurrent requests end in any order.
fn sorted(run: &Run) -> Vec<String> {
    let rows = BOTH.map(|stream| run.records(stream)).concat().into_iter();
    let mut rows: Vec<_> = rows.map(Value::to_string).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn each_budget_is_requested_for_its_lines_in_either_form() {
    let scene = Scene::new();
    let object = scene.read(&scene.flat(), &BOTH, None);
    assert_eq!(object.code, Some(0), "{:?}", object.errors());
    let mut calls = scene.calls();
    calls.sort_unstable();
    let ids = scene.ids(Entity::Budgets).into_iter();
    let mut expected: Vec<_> = ids.map(|id| format!("/Budgets/{id}")).collect();
    expected.extend(["/Budgets", "/Currencies"].map(str::to_owned));
    expected.sort_unstable();
    assert_eq!(calls, expected);
    let [budgets, lines] = counts(&object);
    assert!(budgets == 3 && lines > budgets, "{lines} lines");
    for line in object.records("budget_lines") {
        assert!(line["Amount"].is_number(), "{line}");
        assert!(line["UpdatedDateUTC"].is_string(), "{line}");
    }
    scene.sim.intercept(|request, _| {
        let is_single = request.path.contains("/Budgets/");
        is_single.then(|| Answer::honest().rewritten(as_list))
    });
    let array = scene.read(&scene.flat(), &BOTH, None);
    assert!(sorted(&array) == sorted(&object), "a list has other rows");
}

#[test]
fn a_budget_that_vanished_since_it_was_listed_is_left_out() {
    // The first budget, one in the middle, the last one, and all of them.
    for gone in [&[0][..], &[1], &[2], &[0, 1, 2]] {
        let scene = Scene::new();
        let whole = scene.read(&scene.flat(), &BOTH, None);
        let ids = scene.ids(Entity::Budgets);
        let is_gone = move |id: &str| gone.iter().any(|at| ids[*at] == id);
        let left = |stream| {
            let rows = whole.column(stream, "BudgetID").into_iter();
            rows.filter(|id| !is_gone(id)).count()
        };
        let expected = BOTH.map(left);
        scene.sim.intercept(move |request, _| {
            let id = request.path.rsplit('/').next().unwrap_or_default();
            is_gone(id).then(Answer::not_found)
        });
        let run = scene.read(&scene.flat(), &BOTH, None);
        assert_eq!((counts(&run), run.code), (expected, Some(0)));
        // The stream has a state, as every complete stream must.
        assert_eq!(BOTH.map(|stream| run.status(stream)), ["COMPLETE"; 2]);
    }
}

#[test]
fn a_missing_list_is_not_an_empty_list() {
    let scene = Scene::new();
    scene.sim.intercept(|request, _| {
        let is_list = request.path.ends_with("/Budgets");
        is_list.then(Answer::not_found)
    });
    let run = scene.read(&scene.flat(), &BOTH, None);
    assert_eq!(BOTH.map(|stream| run.status(stream)), ["INCOMPLETE"; 2]);
}

/// The body with every budget's id written as `write` does.
fn with_ids(body: &str, write: fn(&str) -> String) -> String {
    let mut body: Value = serde_json::from_str(body).expect("the body is JSON");
    let budgets = match &mut body["Budgets"] {
        Value::Array(budgets) => budgets.iter_mut().collect(),
        budget => vec![budget],
    };
    for budget in budgets {
        let id = budget["BudgetID"].as_str().expect("a budget has an id");
        budget["BudgetID"] = write(id).into();
    }
    body.to_string()
}

#[test]
fn an_id_is_the_same_id_however_it_is_written() {
    let upper: fn(&str) -> String = str::to_uppercase;
    let braced = |id: &str| format!("{{{id}}}");
    let bare = |id: &str| id.replace('-', "");
    // The other spelling is in the detail or in the list.
    for (write, in_detail) in [(upper, true), (upper, false), (braced, true), (bare, true)] {
        let scene = Scene::new();
        let whole = scene.read(&scene.flat(), &BOTH, None);
        scene.sim.intercept(move |request, _| {
            let is_budget = request.path.contains("/Budgets");
            let is_detail = request.path.contains("/Budgets/");
            let rewrite = move |body: String| with_ids(&body, write);
            (is_budget && is_detail == in_detail).then(|| Answer::honest().rewritten(rewrite))
        });
        let run = scene.read(&scene.flat(), &BOTH, None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        assert_eq!(counts(&run), counts(&whole));
    }
}

/// Rewrites the first answers for each budget with `rewrite`, a given number of times.
fn spoil(scene: &Scene, times: usize, rewrite: fn(String) -> String) {
    let mut spoiled: HashMap<String, usize> = HashMap::new();
    scene.sim.intercept(move |request, _| {
        let is_detail = request.path.contains("/Budgets/");
        let spoiled = spoiled.entry(request.path.clone()).or_default();
        *spoiled += usize::from(is_detail);
        let is_spoiled = is_detail && *spoiled <= times;
        is_spoiled.then(|| Answer::honest().rewritten(rewrite))
    });
}

#[test]
fn an_answer_without_the_budget_that_was_asked_for_is_a_failed_attempt() {
    let empty = |_| r#"{"Budgets":[]}"#.to_owned();
    let another = |body: String| with_ids(&body, |id| id.replace(|_| true, "7"));
    for (name, rewrite) in [
        ("empty", empty as fn(String) -> String),
        ("another", another),
    ] {
        let scene = Scene::new();
        let whole = scene.read(&scene.flat(), &BOTH, None);
        let details = |before: usize| {
            let calls = scene.calls().split_off(before).into_iter();
            calls.filter(|call| call.starts_with("/Budgets/")).count()
        };
        let before = scene.calls().len();
        spoil(&scene, 3, rewrite);
        let run = scene.read(&scene.flat(), &BOTH, None);
        assert_eq!(run.code, Some(0), "{name}: {:?}", run.errors());
        assert!(sorted(&run) == sorted(&whole), "{name}: other rows came");
        assert_eq!(details(before), 3 * 4, "{name}");

        let before = scene.calls().len();
        spoil(&scene, usize::MAX, rewrite);
        let run = scene.read(&scene.flat(), &BOTH, None);
        for stream in BOTH {
            assert_eq!(run.status(stream), "INCOMPLETE", "{name}");
        }
        // A call has eight attempts. The other requests are in flight meanwhile.
        assert!((8..=3 * 8).contains(&details(before)), "{name}");
        let errors = run.errors();
        let (kind, _, words) = errors[0];
        assert_eq!((errors.len(), kind), (2, "transient_error"), "{errors:?}");
        assert!(words.contains("does not hold the requested row"), "{words}");
    }
}

#[test]
fn a_response_with_several_budgets_yields_the_requested_one() {
    let scene = Scene::new();
    let whole = scene.read(&scene.flat(), &BOTH, None);
    scene.sim.intercept(|request, _| {
        let is_detail = request.path.contains("/Budgets/");
        let with_another = |body: String| {
            let mut body: Value = serde_json::from_str(&body).expect("the body is JSON");
            let own = body["Budgets"].take();
            let mut other = own.clone();
            other["BudgetID"] = "00000000-0000-4000-8000-000000000000".into();
            body["Budgets"] = Value::from(vec![other, own]);
            body.to_string()
        };
        is_detail.then(|| Answer::honest().rewritten(with_another))
    });
    let run = scene.read(&scene.flat(), &BOTH, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert!(sorted(&run) == sorted(&whole), "other rows came");
}

#[test]
fn a_budget_that_is_listed_twice_is_requested_once() {
    let scene = Scene::new();
    let whole = scene.read(&scene.flat(), &BOTH, None);
    let before = scene.calls().len();
    scene.sim.intercept(|request, _| {
        let is_list = request.path.ends_with("/Budgets");
        let twice = |body: String| {
            let again = with_ids(&body, str::to_uppercase);
            let mut body: Value = serde_json::from_str(&body).expect("the body is JSON");
            let mut again: Value = serde_json::from_str(&again).expect("the body is JSON");
            let again = again["Budgets"].as_array_mut().map(std::mem::take);
            let budgets = body["Budgets"].as_array_mut().expect("a list");
            budgets.extend(again.unwrap_or_default());
            body.to_string()
        };
        is_list.then(|| Answer::honest().rewritten(twice))
    });
    let run = scene.read(&scene.flat(), &BOTH, None);
    assert!(sorted(&run) == sorted(&whole), "other rows came");
    let calls = scene.calls().split_off(before).into_iter();
    let details = calls.filter(|call| call.starts_with("/Budgets/")).count();
    assert_eq!(details, 3);
}
