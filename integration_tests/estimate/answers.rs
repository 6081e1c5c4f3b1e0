//! What an estimate says, and what it does if something cannot be read.

use serde_json::json;
use xero_sim::Answer;

use super::{estimate, estimate_text, streams_of};
use crate::support::organisations::Organisations;
use crate::support::scene::Scene;

#[test]
fn a_list_that_fails_is_named_and_the_others_are_estimated() {
    let scene = Scene::new();
    scene.sim.intercept(|request, _| {
        let is_hit = request.path.ends_with("/Receipts");
        is_hit.then(Answer::forbidden)
    });
    let names = "receipts,receipt_line_items,invoices";
    let run = estimate(&scene, &scene.flat(), &["--streams", names]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let words = "not estimated: Xero forbids reading receipts of Demo Company (NZ)";
    assert_eq!(run.stderr.matches(words).count(), 1, "{}", run.stderr);
    let answer = run.answer();
    let streams = streams_of(&answer, 0);
    assert!(streams[0]["error"].is_string() && streams[1]["error"].is_string());
    assert_eq!(streams[2]["rows"], json!(120));
    let text = estimate_text(&scene, &scene.flat(), &["--streams", names]);
    assert!(
        text.stdout.contains("receipts (cannot be read)"),
        "{}",
        text.stdout
    );
}

#[test]
fn counts_of_lists_cost_a_call_for_each_list() {
    let scene = Scene::new();
    let run = estimate(
        &scene,
        &scene.flat(),
        &["--streams", "accounts,contacts,invoices,list_counts"],
    );
    let answer = run.answer();
    let streams = streams_of(&answer, 0);
    let counts = streams.iter().find(|it| it["name"] == "list_counts");
    let counts = counts.expect("it is estimated");
    assert_eq!((&counts["rows"], &counts["calls"]), (&json!(2), &json!(2)));
    let streams = ["accounts", "contacts", "invoices", "list_counts"];
    let before = scene.calls().len() as u64;
    let read = scene.read(&scene.flat(), &streams, None);
    assert_eq!(read.records("list_counts").len(), 2);
    assert_eq!(
        answer["first_sync"]["calls"],
        scene.calls().len() as u64 - before
    );
}

#[test]
fn without_a_choice_cheap_streams_of_the_token_are_estimated_and_named_ones_need_a_scope() {
    let scope = "accounting.settings.read accounting.invoices.read offline_access";
    let scene = Scene::with(scope, |_, _| ());
    for (flags, is_all) in [(&[][..], false), (&["--all"], true)] {
        let run = estimate(&scene, &scene.flat(), flags);
        let names: Vec<_> = streams_of(&run.answer(), 0)
            .iter()
            .map(|stream| stream["name"].clone())
            .collect();
        assert!(names.contains(&json!("invoices")) && !names.contains(&json!("payments")));
        assert_eq!(names.contains(&json!("online_invoices")), is_all);
        assert_eq!(names.contains(&json!("list_counts")), is_all);
        let words = "need a scope that the token lacks";
        assert!(run.stderr.contains(words), "{}", run.stderr);
        let calls = scene.calls();
        let is_forbidden = |call: &String| call.starts_with("/Payments");
        assert!(!calls.iter().any(is_forbidden), "{calls:?}");
    }
    let run = estimate(&scene, &scene.flat(), &["--streams", "payments,invoices"]);
    assert_eq!(run.code, Some(1));
    let answer = run.answer();
    assert_eq!(answer["unreadable_streams"][0]["name"], "payments");
    assert_eq!(streams_of(&answer, 0)[0]["name"], "invoices");
    let words = "it needs the scope accounting.payments.read";
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

#[test]
fn an_organisation_that_is_not_connected_is_named_and_the_others_are_estimated() {
    let organisations = Organisations::new(2, |_, _, _| ());
    let mut config = organisations.config();
    let other = "11111111-2222-4333-8444-555555555555";
    config["tenant_ids"] = json!([organisations.tenants[0].as_str(), other]);
    let run = estimate(&organisations.scene, &config, &["--streams", "accounts"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let answer = run.answer();
    assert_eq!(streams_of(&answer, 0)[0]["name"], "accounts");
    assert!(answer["organisations"][1]["error"].is_string(), "{answer}");
}

#[test]
fn the_answer_says_what_it_costs_before_it_begins_and_at_the_end() {
    let scene = Scene::new();
    let run = estimate_text(
        &scene,
        &scene.flat(),
        &["--streams", "invoices,quotes,history"],
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let calls = scene.calls().len() + 1; // and the list of connections
    for words in [
        "This estimate makes about 17 calls to the organisation",
        "Xero does not count the rows of quotes",
        &format!("This estimate made {calls} calls, "),
    ] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    for words in [
        "stream               rows  calls ",
        "invoices              120      1 ",
        "First sync: ",
        "The calls fit into today: ",
        "Each later sync: at least ",
        "history needs ~910 calls in all",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
}

#[test]
fn an_estimate_stays_below_the_calls_of_a_minute() {
    let scene = Scene::new();
    let run = estimate(&scene, &scene.flat(), &["--all"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let calls = scene.calls().len();
    assert!(calls < 60, "{calls}");
}
