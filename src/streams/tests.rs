//! Checks the rules for rows of the tables and for their schemas.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

pub(crate) mod examples;
mod page;
mod schemas;

#[test]
fn rows_are_sorted_and_unique() {
    for table in TABLES {
        for pair in table.windows(2) {
            let [first, second] = [pair[0].name, pair[1].name];
            assert!(first < second, "{first} stands before {second}");
        }
    }
    let mut names: Vec<_> = all().map(|stream| stream.name).collect();
    names.sort_unstable();
    let streams = names.len();
    names.dedup();
    assert_eq!(names.len(), streams);
}

#[test]
fn every_schema_declares_key_cursor_and_tenant() {
    for stream in all() {
        let schema: Value = serde_json::from_str(stream.schema).expect(stream.name);
        let fields = &schema["properties"];
        let others = [stream.cursor, Some(TENANT)].into_iter().flatten();
        for field in stream.key.iter().copied().chain(others) {
            assert!(
                fields[field].is_object(),
                "{} does not declare {field}",
                stream.name
            );
        }
        match stream.cursor {
            Some("JournalNumber") => assert_eq!(fields["JournalNumber"]["type"][1], "integer"),
            Some("PeriodEnd") => assert_eq!(fields["PeriodEnd"]["format"], "date"),
            Some(cursor) => {
                assert_eq!(fields[cursor]["format"], "date-time", "{}", stream.name)
            }
            None => {}
        }
    }
}

#[test]
fn scopes_are_read_only_where_xero_offers_it() {
    for stream in all() {
        let scopes = stream.endpoint().scopes;
        assert_eq!(scopes.is_empty(), stream.name == "connections");
        for scope in scopes {
            let reads = scope.ends_with(".read");
            assert!(reads || *scope == "paymentservices", "{scope}");
        }
    }
}

#[test]
fn a_broad_granular_or_writing_scope_suffices() {
    let invoices = find("invoices").unwrap();
    for (granted, readable) in [
        ("accounting.transactions.read", true),
        ("accounting.transactions", true),
        ("accounting.invoices.read", true),
        ("accounting.invoices", true),
        ("accounting.payments.read", false),
        ("accounting.invoices.readonly", false),
    ] {
        assert_eq!(
            invoices.readable_with(&[granted.to_owned()]),
            readable,
            "{granted}"
        );
    }
}

/// Returns the recommended scopes of all streams of Accounting, except those that not every app may have.
/// Journals need Xero's Advanced tier, classic expenses are closed to new apps, and Xero grants
/// payment services only to some apps.
fn scopes_of_every_app() -> BTreeSet<&'static str> {
    let others = [
        "accounting.journals.read",
        "accounting.classicexpenses.read",
        "paymentservices",
    ];
    let accounting = all().filter(|stream| stream.endpoint().api == &ACCOUNTING);
    let scopes = accounting.filter_map(|stream| stream.endpoint().scopes.first());
    let scopes = scopes.filter(|scope| !others.contains(scope));
    scopes.copied().chain(["offline_access"]).collect()
}

/// Xero rejects a consent as a whole if the app lacks one of its scopes.
#[test]
fn the_consent_of_airbyte_requests_the_granular_scopes_of_every_app() {
    let spec: Value = serde_json::from_str(crate::config::SPEC).expect("spec.json is JSON");
    let scope = spec.pointer(
        "/advanced_auth/oauth_config_specification/oauth_connector_input_specification/scope",
    );
    let requested = scope.and_then(Value::as_str).expect("the consent's scopes");
    let requested: Vec<_> = requested.split(' ').collect();
    let mut expected = scopes_of_every_app();
    // Not every app has the scope of `budgets`. `openid` requests the identity token.
    expected.remove("accounting.budgets.read");
    expected.insert("openid");
    assert_eq!(BTreeSet::from_iter(requested.iter().copied()), expected);
    assert_eq!(requested.len(), expected.len(), "a scope is listed twice");
}

#[test]
fn the_page_on_credentials_lists_every_scope_that_a_new_app_may_have() {
    let scopes = scopes_of_every_app();
    let page = include_str!("../../docs/credentials.md").split("```");
    let listed = page.filter_map(|block| block.strip_prefix("text\noffline_access"));
    let listed: Vec<BTreeSet<_>> = listed
        .map(|rest| rest.split_whitespace().chain(["offline_access"]).collect())
        .collect();
    assert_eq!(listed, [scopes]);
}

#[test]
fn the_missing_scope_hint_names_scope_and_tier() {
    assert_eq!(
        find("invoices").unwrap().missing_scope_hint(),
        "the scope accounting.invoices.read (or accounting.transactions.read)"
    );
    assert_eq!(
        find("journals").unwrap().missing_scope_hint(),
        "the scope accounting.journals.read and an app on Xero's Advanced tier that has passed the security assessment"
    );
}
