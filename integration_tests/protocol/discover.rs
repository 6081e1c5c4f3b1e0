//! `discover` offers the streams that the token can read.

use serde_json::{Value, json};
use xero_sim::ENDPOINTS;

use crate::support::connector::{command, file, read_arguments, run};
use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;

fn names(catalog: &Value) -> Vec<&str> {
    let streams = catalog["streams"]
        .as_array()
        .expect("a catalog has streams");
    streams
        .iter()
        .filter_map(|stream| stream["name"].as_str())
        .collect()
}

/// The catalog for a token that does not show its scopes: every stream.
pub(crate) fn everything() -> Value {
    let scene = Scene::of_app(Scene::web_app().opaque_tokens(true), SCOPES, |_, _| ());
    let run = scene.discover(&scene.flat());
    run.payloads("CATALOG", "catalog")
        .next()
        .expect("there is a catalog")
        .clone()
}

#[test]
fn a_token_with_all_scopes_gets_every_stream() {
    let scene = Scene::new();
    let run = scene.discover(&scene.flat());
    let catalogs: Vec<_> = run.payloads("CATALOG", "catalog").collect();
    assert_eq!((catalogs.len(), run.code), (1, Some(0)), "{}", run.stdout);
    let all = [&streams::all(), streams::of_counts()].concat();
    assert_eq!(names(catalogs[0]), all);
    assert_eq!(scene.calls(), ["/Currencies"]);
    for stream in catalogs[0]["streams"]
        .as_array()
        .expect("a catalog has streams")
    {
        let incremental = stream["default_cursor_field"].is_array();
        let modes = if incremental {
            json!(["full_refresh", "incremental"])
        } else {
            json!(["full_refresh"])
        };
        assert_eq!(stream["supported_sync_modes"], modes);
        assert_eq!(stream["is_resumable"], incremental);
        assert_eq!(stream["json_schema"]["type"], "object");
        let key = stream["source_defined_primary_key"][0][0]
            .as_str()
            .expect("every stream has a key");
        assert!(
            stream["json_schema"]["properties"][key].is_object(),
            "{}",
            stream["name"]
        );
    }
}

#[test]
fn a_token_with_few_scopes_gets_fewer_streams_and_warnings_name_the_missing_scopes() {
    let granted = ["accounting.settings.read", "accounting.invoices.read"];
    let scene = Scene::with(&granted.join(" "), |_, _| ());
    let run = scene.discover(&scene.flat());
    let catalog = run
        .payloads("CATALOG", "catalog")
        .next()
        .expect("there is a catalog");
    let is_granted = |scope: &str| granted.contains(&scope);
    let is_readable = |list: &str| {
        let mut tables = ENDPOINTS.iter().filter(|table| table.name == list);
        let mut scopes = tables.next().into_iter().flat_map(|table| table.scopes);
        list == "connections" || scopes.any(|scope| is_granted(&format!("{scope}.read")))
    };
    let lists = streams::lists().iter().filter(|list| is_readable(list));
    let children = streams::children().iter();
    let children = children.filter(|child| is_readable(streams::parent_of(child)));
    let documents = streams::per_document().iter();
    let documents = documents.filter(|stream| {
        let scopes = streams::scopes_of_document(stream);
        scopes.into_iter().any(is_granted)
    });
    let expected = lists.chain(children).chain(documents);
    let expected: Vec<_> = expected.chain(streams::of_counts()).copied().collect();
    assert!(expected.len() > 26, "{expected:?}");
    assert!(expected.contains(&"invoice_line_items"), "{expected:?}");
    assert!(expected.contains(&"history"), "{expected:?}");
    assert!(!expected.contains(&"attachments"), "{expected:?}");
    assert_eq!(names(catalog), expected);
    let warnings = run.logs("WARN");
    // One line cannot hold all of them.
    assert!(warnings.len() > 1, "{warnings:?}");
    let said = warnings.join("\n");
    for words in [
        "contacts needs the scope accounting.contacts.read",
        "payments needs the scope accounting.payments.read (or accounting.transactions.read)",
        "journals needs the scope accounting.journals.read and an app on Xero's Advanced tier",
        "journals_cash needs the scope accounting.journals.read and an app on Xero's Advanced tier",
        "budgets needs the scope accounting.budgets.read",
        "budget_lines needs the scope accounting.budgets.read",
        "contact_phones needs the scope accounting.contacts.read",
        "payment_services needs the scope paymentservices",
        "prepayment_allocations needs the scope accounting.payments.read (or accounting.transactions.read)",
        "journal_lines needs the scope accounting.journals.read and an app on Xero's Advanced tier",
        "report_trial_balance_cash needs the scope accounting.reports.trialbalance.read (or accounting.reports.read)",
        "report_aged_payables_by_contact needs the scope accounting.reports.aged.read (or accounting.reports.read) and the scope accounting.contacts.read",
    ] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn an_opaque_token_gets_every_stream() {
    let discovered = everything();
    let (accounting, mut others): (Vec<_>, Vec<_>) =
        (names(&discovered).into_iter()).partition(|it| streams::all().contains(it));
    assert_eq!(accounting, streams::all());
    let mut expected = [streams::of_other_apis(), streams::of_counts()].concat();
    others.sort_unstable();
    expected.sort_unstable();
    assert_eq!(others, expected);
}

#[test]
fn a_configured_catalog_goes_straight_into_a_read_and_the_message_does_not() {
    let scopes = "offline_access accounting.settings.read accounting.contacts.read";
    let scene = Scene::with(scopes, |_, _| ());
    let config = scene.file("config.json", &scene.flat_without_access_token());
    let discovered = run(&["discover", "--config", &config, "--write-config"]);
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    for message in &discovered.messages {
        let catalog = file(folder.path(), "catalog.json", message);
        let run = run(&read_arguments(&config, &catalog));
        let (kind, _, error) = run.errors()[0];
        assert_eq!((kind, run.code), ("config_error", Some(1)));
        let is_catalog = message["type"] == "CATALOG";
        assert_eq!(error.contains("--configured"), is_catalog, "{error}");
    }
    let output = command(&["discover", "--config", &config, "--configured"]).output();
    let output = output.expect("the binary starts");
    assert!(output.status.success(), "{output:?}");
    let configured: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    let catalog = file(folder.path(), "catalog.json", &configured);
    let read = run(&read_arguments(&config, &catalog));
    assert_eq!(read.code, Some(0), "{}", read.stdout);
    let catalogs = discovered.payloads("CATALOG", "catalog");
    let offered: Vec<_> = catalogs.flat_map(names).collect();
    assert!(offered.contains(&"accounts") && !offered.contains(&"invoices"));
    for stream in offered {
        // Only a user who asks for the counts gets them.
        let is_read = !streams::of_counts().contains(&stream);
        let status = if is_read { "COMPLETE" } else { "none" };
        assert_eq!(read.status(stream), status, "{stream}");
    }
}
