//! Budgets: the list names them, and each is asked for by its id.

use serde_json::Value;
use xero_sim::{Answer, Entity};

use crate::connector::Run;
use crate::scene::Scene;

const BOTH: [&str; 2] = ["budgets", "budget_lines"];

fn counts(run: &Run) -> [usize; 2] {
    BOTH.map(|stream| run.records(stream).len())
}

/// The single budget, which Xero's example shows as an object, in a list.
fn as_list(body: String) -> String {
    let mut body: Value = serde_json::from_str(&body).expect("the body is JSON");
    assert!(body["Budgets"].is_object(), "no object: {body}");
    body["Budgets"] = Value::from(vec![body["Budgets"].take()]);
    body.to_string()
}

/// The rows of both streams as text; budgets are asked for side by side and come as they do.
fn sorted(run: &Run) -> Vec<String> {
    let rows = BOTH.map(|stream| run.records(stream)).concat().into_iter();
    let mut rows: Vec<_> = rows.map(Value::to_string).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn a_budget_comes_with_its_lines_by_a_call_of_its_own_in_either_form() {
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
    // The first, one between, the last, and all of them.
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
        // With a state, as is asked of all that is complete.
        assert_eq!(BOTH.map(|stream| run.status(stream)), ["COMPLETE"; 2]);
    }
}

#[test]
fn a_list_that_is_not_there_is_no_list_of_nothing() {
    let scene = Scene::new();
    scene.sim.intercept(|request, _| {
        let is_list = request.path.ends_with("/Budgets");
        is_list.then(Answer::not_found)
    });
    let run = scene.read(&scene.flat(), &BOTH, None);
    assert_eq!(BOTH.map(|stream| run.status(stream)), ["INCOMPLETE"; 2]);
}
