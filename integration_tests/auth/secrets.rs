//! Log lines and errors quote at most a short, harmless part of what servers and files contain, and never a
//! token.

use serde_json::{Value, json};
use xero_sim::{Answer, Entity};

use crate::support::connector::{Run, read_arguments, run};
use crate::support::scene::{SCOPES, Scene, catalog};

/// A value in a field of another type. It has no digit, so redaction does not take it for a token.
const MARKER: &str = "a-salary-of-somebody";

/// Maximum length of a log line, in bytes, and of quoted text in it, in characters.
const LONGEST_LINE: usize = 2048;
const LONGEST_TEXT: usize = 300;

/// Reads streams while every call whose path ends with `path` gets this body with status 200.
fn read(streams: &[&str], path: &'static str, body: Value, change: fn(&mut Value)) -> Run {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.unlimited();
        for entity in [Entity::Invoices, Entity::Contacts, Entity::Items] {
            world.fill(tenant, entity, 3);
        }
    });
    scene.sim.intercept(move |request, _| {
        let is_it = request.path.ends_with(path);
        is_it.then(|| Answer::json(200, body.to_string()))
    });
    let mut config = scene.flat();
    change(&mut config);
    scene.read(&config, streams, None)
}

#[test]
fn no_parser_quotes_the_values_and_keys_of_a_body() {
    let as_it_is = |_: &mut Value| {};
    let untold = |config: &mut Value| config["tenant_id"] = Value::Null;
    let split = |config: &mut Value| config["report_tracking_category"] = json!("Region");
    let aged = "report_aged_receivables_by_contact";
    let keyed = json!({MARKER: MARKER});
    type Case = (&'static str, &'static str, Value, fn(&mut Value));
    let cases: Vec<Case> = vec![
        ("items", "/Items", json!({"Items": MARKER}), as_it_is),
        ("items", "/Items", json!({"Items": [MARKER]}), as_it_is),
        ("items", "/Items", json!({"Items": keyed}), as_it_is),
        ("items", "/Items", json!(MARKER), as_it_is),
        ("currencies", "/connections", json!(MARKER), untold),
        ("currencies", "/connections", json!([MARKER]), untold),
        (
            "currencies",
            "/connections",
            json!([{"tenantId": [MARKER]}]),
            untold,
        ),
        (
            "currencies",
            "/connections",
            json!([{"tenantId": keyed}]),
            untold,
        ),
        (
            "connections",
            "/connections",
            json!([{"id": "a", "tenantId": keyed}]),
            as_it_is,
        ),
        ("connections", "/connections", json!([MARKER]), as_it_is),
        (
            "report_trial_balance",
            "/Organisation",
            json!({"Organisations": MARKER}),
            as_it_is,
        ),
        (
            "report_trial_balance",
            "/Organisation",
            json!({"Organisations": [{"FinancialYearEndDay": MARKER}]}),
            as_it_is,
        ),
        (
            "report_trial_balance",
            "/TrialBalance",
            json!({"Reports": MARKER}),
            as_it_is,
        ),
        (
            "report_trial_balance",
            "/TrialBalance",
            json!({"Reports": [{"Rows": [{"Cells": MARKER}]}]}),
            as_it_is,
        ),
        (
            "report_profit_and_loss",
            "/TrackingCategories",
            json!({"TrackingCategories": [MARKER]}),
            split,
        ),
        (
            aged,
            "/Contacts",
            json!({"Contacts": [{"ContactID": keyed}]}),
            as_it_is,
        ),
        (
            aged,
            "/Contacts",
            json!({"Contacts": [{"ContactID": "a", "Balances": MARKER}]}),
            as_it_is,
        ),
        (
            "cis_settings",
            "/Organisation",
            json!({"Organisations": [MARKER]}),
            as_it_is,
        ),
        (
            "cis_settings",
            "/Organisation",
            json!({"Organisations": [{"OrganisationID": "a", "CountryCode": [MARKER]}]}),
            as_it_is,
        ),
        (
            "cis_settings",
            "/Organisation",
            json!({"Organisations": [{"OrganisationID": MARKER, "CountryCode": {"a": MARKER}}]}),
            as_it_is,
        ),
        (
            "history",
            "/History",
            json!({"HistoryRecords": MARKER}),
            as_it_is,
        ),
        (
            "online_invoices",
            "/OnlineInvoice",
            json!({"OnlineInvoices": [MARKER]}),
            as_it_is,
        ),
    ];
    for (stream, path, body, change) in cases {
        let run = read(&[stream], path, body.clone(), change);
        let said = run.errors().len() + run.logs("WARN").len();
        assert!(said > 0, "{stream} {body}: {}", run.stdout);
        assert!(
            !run.stdout.contains(MARKER),
            "{stream} {body}: {}",
            run.stdout
        );
        assert!(
            !run.stderr.contains(MARKER),
            "{stream} {body}: {}",
            run.stderr
        );
    }
}

#[test]
fn no_parser_quotes_the_values_and_keys_of_a_token_answer() {
    for body in [
        json!(MARKER),
        json!([MARKER]),
        json!({"access_token": [MARKER]}),
        json!({"access_token": {MARKER: MARKER}}),
        json!({"refresh_token": MARKER, "expires_in": MARKER}),
    ] {
        let scene = Scene::new();
        let answer = body.clone();
        scene.sim.intercept(move |request, _| {
            let is_it = request.path == "/connect/token";
            is_it.then(|| Answer::json(200, answer.to_string()))
        });
        let config = scene.flat_without_access_token();
        let run = scene.check(&config);
        let status = run.payloads("CONNECTION_STATUS", "connectionStatus");
        assert!(
            status.count() + run.errors().len() > 0,
            "{body}: {}",
            run.stdout
        );
        let updates = |line: &&str| !line.contains(r#""CONTROL""#);
        let said: Vec<_> = run.stdout.lines().filter(updates).collect();
        assert!(!said.concat().contains(MARKER), "{body}: {said:?}");
        assert!(!run.stderr.contains(MARKER), "{body}: {}", run.stderr);
    }
}

#[test]
fn no_parser_quotes_the_files_of_the_command_line() {
    let scene = Scene::new();
    let config = scene.flat().to_string();
    let whole = catalog(&["currencies"]).to_string();
    let cut = format!(r#"{{"start_date": {MARKER}"#);
    let no_streams = format!(r#"{{"streams": "{MARKER}"}}"#);
    let no_stream = format!(r#"{{"streams": [{{"stream": "{MARKER}"}}]}}"#);
    for (config, catalog, state) in [
        (&cut, &whole, "[]"),
        (&config, &no_streams, "[]"),
        (&config, &no_stream, "[]"),
        (&config, &cut, "[]"),
        (&config, &whole, cut.as_str()),
    ] {
        let file = |name: &str, text: &str| {
            let path = scene.file(name, &Value::Null);
            std::fs::write(&path, text).expect("the temporary folder is writable");
            path
        };
        let run = run(&[
            "read",
            "--config",
            &file("config.json", config),
            "--catalog",
            &file("catalog.json", catalog),
            "--state",
            &file("state.json", state),
        ]);
        assert_eq!((run.errors().len(), run.code), (1, Some(1)));
        assert!(!run.stdout.contains(MARKER), "{}", run.stdout);
        assert!(!run.stderr.contains(MARKER), "{}", run.stderr);
    }
}

#[test]
fn a_log_line_hides_a_token_that_a_server_repeats() {
    // Many lines show the name of an organisation. Tokens have no fixed form, so a word of letters
    // may be a token too.
    let tokens = [
        "a-quite-harmless-refresh-token",
        "letters-only-for-access",
        "id-token-of-letters",
    ];
    let escaped = "with\"quotes\"and\\and\u{e9}";
    for (name, token) in [
        ("as it is", tokens[0].to_owned()),
        ("of the new set", tokens[1].to_owned()),
        ("the id token", tokens[2].to_owned()),
        ("in JSON", json!({"refresh": tokens[0]}).to_string()),
        ("cut", format!("{}{}", "x ".repeat(140), tokens[0])),
        ("twice", format!("{0}{0}", tokens[0])),
        ("the secret", escaped.to_owned()),
        ("the secret in JSON", json!(escaped).to_string()),
    ] {
        let scene = Scene::with(SCOPES, |_, _| {});
        let (set, tenant) = (tokens.map(str::to_owned), scene.tenant.as_str().to_owned());
        let connections = json!([{"id": "c", "tenantId": tenant, "tenantType": "ORGANISATION",
            "tenantName": format!("Acme {token}")}]);
        scene.sim.intercept(move |request, _| match request.path.as_str() {
            "/connect/token" => Some(Answer::json(
                200,
                json!({"refresh_token": set[0], "access_token": set[1], "id_token": set[2], "expires_in": 1800})
                    .to_string(),
            )),
            "/connections" => Some(Answer::json(200, connections.to_string())),
            "/api.xro/2.0/Currencies" => Some(Answer::json(200, r#"{"Currencies":[]}"#)),
            _ => Some(Answer::text(503, format!("not now: {}", set.join(" ")))),
        });
        let mut config = scene.flat();
        config["client_secret"] = json!(escaped);
        for key in ["access_token", "tenant_id"] {
            config[key] = Value::Null;
        }
        let run = scene.read(&config, &["currencies", "items"], None);
        assert_eq!(
            run.configs()[0]["refresh_token"],
            tokens[0],
            "CONTROL must carry it"
        );
        let said: Vec<_> = run
            .logs("INFO")
            .into_iter()
            .chain(run.logs("WARN"))
            .collect();
        assert!(
            said.iter().any(|line| line.contains("Acme")),
            "{name}: {said:?}"
        );
        for line in run.stdout.lines().filter(|line| !line.contains("CONTROL")) {
            for token in tokens.iter().chain([&escaped]) {
                let start: String = token.chars().take(16).collect();
                let quoted = json!(start).to_string();
                assert!(!line.contains(&start), "{name}: {line}");
                assert!(!line.contains(quoted.trim_matches('"')), "{name}: {line}");
            }
        }
    }
}

/// Returns the longest run of one letter. Only quoted text contains long runs.
fn longest_run(text: &str, letter: char) -> usize {
    let runs = text.split(|other| other != letter);
    runs.map(|run| run.chars().count())
        .max()
        .unwrap_or_default()
}

#[test]
fn a_long_text_from_a_server_is_shortened_in_log_lines() {
    let long = "w".repeat(2 << 20);
    let connection = |name: &str, tenant: &str| json!([{"id": "c", "tenantId": tenant, "tenantType": "ORGANISATION", "tenantName": name}]);
    type Answers = Box<dyn Fn(&str, &str) -> Option<Answer> + Send>;
    let (name, detail, id, control) = (
        long.clone(),
        long.clone(),
        long.clone(),
        "\u{1}".repeat(1 << 20),
    );
    let cases: Vec<(&str, &[&str], Answers)> = vec![
        (
            "the name of an organisation",
            &["currencies"],
            Box::new(move |path, tenant| {
                let body = connection(&name, tenant).to_string();
                (path == "/connections").then(|| Answer::json(200, body))
            }),
        ),
        (
            "control characters in the name of an organisation",
            &["currencies"],
            Box::new(move |path, tenant| {
                let body = connection(&control, tenant).to_string();
                (path == "/connections").then(|| Answer::json(200, body))
            }),
        ),
        (
            "an error",
            &["items"],
            Box::new(move |path, _| {
                let body = json!({"Detail": detail}).to_string();
                path.ends_with("/Items").then(|| Answer::json(400, body))
            }),
        ),
        (
            "the id of a file",
            &["attachments"],
            Box::new(move |path, _| {
                let body = json!({"Attachments": [{"AttachmentID": id, "FileName": id}]});
                path.ends_with("/Attachments")
                    .then(|| Answer::json(200, body.to_string()))
            }),
        ),
    ];
    for (case, streams, answers) in cases {
        let scene = Scene::with(SCOPES, |world, tenant| {
            world.unlimited();
            world.fill(tenant, Entity::Invoices, 3);
            world.fill(tenant, Entity::Contacts, 3);
        });
        let tenant = scene.tenant.as_str().to_owned();
        scene
            .sim
            .intercept(move |request, _| answers(&request.path, &tenant));
        let mut config = scene.flat();
        config["tenant_id"] = Value::Null;
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        config["download_attachments"] = json!(true);
        config["attachments_directory"] = json!(folder.path());
        let run = scene.read(&config, streams, None);
        said_in_short_lines(&run, case);
    }
    // The content of the files of the command line is not shown either.
    let scene = Scene::new();
    let mut selection = catalog(&["currencies"]);
    selection["streams"][0]["sync_mode"] = json!(long);
    let config = scene.file("config.json", &scene.flat());
    let selection = scene.file("catalog.json", &selection);
    let run = run(&read_arguments(&config, &selection));
    said_in_short_lines(&run, "a sync mode");
}

fn said_in_short_lines(run: &Run, case: &str) {
    let is_said = |line: &&str| line.contains(r#""type":"LOG""#) || line.contains(r#""ERROR""#);
    let said: Vec<_> = run.stdout.lines().filter(is_said).collect();
    assert!(!said.is_empty(), "{case}");
    for line in said {
        let start: String = line.chars().take(200).collect();
        assert!(line.len() <= LONGEST_LINE, "{case}: {} {start}", line.len());
        assert!(longest_run(line, 'w') <= LONGEST_TEXT, "{case}: {start}");
    }
}
