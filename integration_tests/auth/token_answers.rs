//! Odd answers of the token endpoint. The refresh token of the request is spent, so the connector uses the
//! new tokens if it can, and does not keep sending a spent token.

use serde_json::{Value, json};
use xero_sim::Answer;

use crate::support::scene::Scene;

/// Changes the JSON text of the simulator's own answer.
fn changing(scene: &Scene, change: impl Fn(String) -> String + Send + Sync + Copy + 'static) {
    scene.sim.intercept(move |request, _| {
        let hit = request.path == "/connect/token";
        hit.then(|| Answer::honest().rewritten(change))
    });
}

fn with(text: &str, name: &str, value: Value) -> String {
    let mut answer: Value = serde_json::from_str(text).expect("the honest answer is JSON");
    answer[name] = value;
    answer.to_string()
}

fn beginning(with: &str, text: &str) -> String {
    format!("{{{with},{}", &text[1..])
}

fn ending(text: &str, with: &str) -> String {
    format!("{},{with}}}", &text[..text.len() - 1])
}

/// The name of a case, and the change that makes the answer.
type Change = (&'static str, fn(String) -> String);

#[test]
fn odd_details_of_a_token_response_do_not_lose_the_tokens() {
    let changes: [Change; 13] = [
        ("id object", |it| with(&it, "id_token", json!({"raw": "x"}))),
        ("id null", |it| with(&it, "id_token", json!(null))),
        ("id number", |it| with(&it, "id_token", json!(7))),
        ("life object", |it| with(&it, "expires_in", json!({"s": 1}))),
        ("life text", |it| with(&it, "expires_in", json!("1800"))),
        ("scopes", |it| with(&it, "scope", json!(["a", {"b": 1}]))),
        ("an error beside", |it| with(&it, "error", json!("none"))),
        ("earlier access", |it| {
            beginning(r#""access_token":"old""#, &it)
        }),
        ("later access", |it| ending(&it, r#""access_token":null"#)),
        ("later refresh", |it| ending(&it, r#""refresh_token":"""#)),
        ("two lives", |it| ending(&it, r#""expires_in":1e999"#)),
        ("escape", |it| ending(&it, r#""note":"\ud800""#)),
        ("text behind", |it| it + "\n<!-- proxy -->"),
    ];
    for (what, change) in changes {
        let scene = Scene::new();
        changing(&scene, change);
        let config = scene.flat_without_access_token();
        let run = scene.read(&config, &["currencies"], None);
        assert_eq!(
            (run.code, scene.token_calls(), run.configs().len()),
            (Some(0), 1, 1),
            "{what}: {:?}",
            run.errors()
        );
        let next = &run.configs()[0]["refresh_token"];
        assert!(
            next.is_string() && *next != config["refresh_token"],
            "{what}"
        );
        // The tokens that were written back work.
        let run = scene.read(run.configs()[0], &["currencies"], None);
        assert_eq!((run.code, scene.token_calls()), (Some(0), 1), "{what}");
    }
}

#[test]
fn a_token_response_without_an_access_token_is_not_retried() {
    for body in [
        "{}",
        r#"{"token_type":"Bearer","refresh_token":"0123456789"}"#,
        r#"{"access_token":"","refresh_token":"0123456789"}"#,
        r#"{"access_token":{"raw":"0123456789"}}"#,
        r#"{"access_token":17}"#,
    ] {
        let scene = Scene::new();
        scene.sim.intercept(move |request, _| {
            (request.path == "/connect/token").then(|| Answer::json(200, body))
        });
        let run = scene.read(
            &scene.flat_without_access_token(),
            &["currencies", "invoices"],
            None,
        );
        assert_eq!((run.errors().len(), scene.token_calls()), (1, 1), "{body}");
        assert!(
            run.errors()[0].2.contains("without an access token"),
            "{:?}",
            run.errors()
        );
        assert!(!run.stdout.contains("0123456789"), "a token shows");
    }
}

#[test]
fn an_access_token_that_expires_during_a_read_is_renewed_once_for_all_streams() {
    let scene = Scene::new();
    scene
        .sim
        .intercept(|request, _| match request.path.as_str() {
            "/connect/token" => Some(Answer::json(200, "{}")),
            path if path.ends_with("/Currencies") => None,
            _ => Some(Answer::unauthorized(
                "TokenExpired: token expired at 08/24/2026 10:12:13",
            )),
        });
    let streams = ["accounts", "contacts", "invoices", "items", "payments"];
    let run = scene.read(&scene.flat(), &streams, None);
    assert_eq!((run.errors().len(), scene.token_calls()), (5, 1));
}

#[test]
fn a_token_response_that_is_not_json_is_retried_twice() {
    for answer in [
        || Answer::html(200, "<html>a portal</html>"),
        || Answer::json(200, r#"{"access_token":"eyJhb"#),
        || Answer::json(200, ""),
    ] {
        let scene = Scene::new();
        scene
            .sim
            .intercept(move |request, _| (request.path == "/connect/token").then(answer));
        let run = scene.read(&scene.flat_without_access_token(), &["currencies"], None);
        assert_eq!((run.errors().len(), scene.token_calls()), (1, 3));
        assert_eq!(run.errors()[0].0, "transient_error");
    }
}
