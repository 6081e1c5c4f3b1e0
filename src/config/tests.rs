//! Tests configs as people and clients write them.

use serde_json::json;

use super::*;
use crate::failure::Kind;

mod credentials;
mod files;
mod rules;
mod unknown_keys;

/// Returns the current time of these tests: 2026-11-23T12:00:00Z.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_435_200, 0).expect("a valid moment")
}

fn parse(config: &Value) -> Result<Config, Failure> {
    Config::parse(config.to_string().as_bytes(), now())
}

/// Returns the errors of a config, without the opening words.
fn faults(config: &Value) -> String {
    let failure = parse(config).expect_err("the config is refused");
    assert_eq!(failure.kind, Kind::Config);
    let message = failure.to_string();
    let faults = message.strip_prefix("The config cannot be used. ");
    faults.expect("the opening words").to_owned()
}

/// Returns a Custom Connection in the flat form with some settings added, replaced, or removed by
/// null.
fn with(changes: Value) -> Value {
    let mut config = json!({"start_date": "2020-01-01", "client_id": "c", "client_secret": "s"});
    for (key, value) in changes.as_object().expect("changes are an object") {
        config[key] = value.clone();
    }
    config
}

#[test]
fn a_bare_config_has_the_defaults() {
    let config = parse(&with(json!({}))).expect("a good config");
    assert_eq!(config.start_date.to_rfc3339(), "2020-01-01T00:00:00+00:00");
    assert!(config.tenant_ids.is_empty());
    assert_eq!(config.lookback_seconds, TimeDelta::seconds(300));
    assert_eq!(
        (config.daily_call_reserve, config.reconcile_days),
        (0, None)
    );
    assert_eq!(
        (config.report_interval, config.report_tracking_category),
        (Interval::Month, None)
    );
    assert_eq!(
        (config.report_lookback_periods, config.max_calls_per_sync),
        (3, 100)
    );
    assert_eq!(config.max_concurrent_calls, 100);
    assert_eq!(config.api_url, "https://api.xero.com");
    assert_eq!(config.identity_url, "https://identity.xero.com");
    assert!(config.warnings.is_empty());
}

#[test]
fn settings_are_read_without_padding() {
    let config = parse(&with(json!({
        "start_date": " 2020-01-01T10:00:00.5Z\n",
        "tenant_id": " 70784A63-D24B-46A9-A4DB-0E70A274B056 ",
        "lookback_seconds": 60.0,
        "daily_call_reserve": 250,
        "reconcile_days": 7,
        "report_interval": "quarter",
        "report_tracking_category": " Region ",
        "report_lookback_periods": 0,
        "max_calls_per_sync": 1000,
        "max_concurrent_calls": 8,
        "download_attachments": true,
        "attachments_directory": " /local/xero ",
        "attachments_max_megabytes": 2,
        "api_url": "http://127.0.0.1:8080/",
        "identity_url": "http://host.docker.internal:8080",
        "unknown": {"key": [1]},
    })));
    let config = config.expect("a good config");
    assert_eq!(
        config.start_date.to_rfc3339(),
        "2020-01-01T10:00:00.500+00:00"
    );
    assert_eq!(config.tenant_ids, ["70784a63-d24b-46a9-a4db-0e70a274b056"]);
    assert_eq!(config.lookback_seconds, TimeDelta::seconds(60));
    assert_eq!(config.daily_call_reserve, 250);
    assert_eq!(config.reconcile_days, Some(TimeDelta::days(7)));
    assert_eq!(config.report_interval, Interval::Quarter);
    assert_eq!(config.report_tracking_category.as_deref(), Some("Region"));
    assert_eq!(
        (config.report_lookback_periods, config.max_calls_per_sync),
        (0, 1000)
    );
    assert_eq!(config.max_concurrent_calls, 8);
    let downloads = config
        .download_attachments
        .expect("files are to be downloaded");
    assert_eq!(downloads.directory, Some("/local/xero".into()));
    assert_eq!(downloads.max_bytes, 2 << 20);
    assert_eq!(config.api_url, "http://127.0.0.1:8080");
    assert_eq!(config.identity_url, "http://host.docker.internal:8080");
}

#[test]
fn several_organisations_are_chosen_each_once() {
    let [a, b] = [
        "70784a63-d24b-46a9-a4db-0e70a274b056",
        "AB2A2F2C-31A4-4DCF-A4EF-1F5B0A8B7D2E",
    ];
    let lower = b.to_lowercase();
    for (config, expected) in [
        (json!({"tenant_ids": []}), vec![]),
        (json!({"tenant_ids": [b]}), vec![lower.as_str()]),
        (json!({"tenant_ids": [a, b, b]}), vec![a, &lower]),
        (json!({"tenant_id": a, "tenant_ids": null}), vec![a]),
        (
            json!({"tenant_id": a, "tenant_ids": [b, a]}),
            vec![a, &lower],
        ),
    ] {
        let found = parse(&with(config.clone())).expect("a good config");
        assert_eq!(found.tenant_ids, expected, "{config}");
    }
}

#[test]
fn null_and_empty_values_count_as_absent() {
    for nothing in [Value::Null, json!(""), json!("  ")] {
        let optional = json!({"tenant_id": nothing, "lookback_seconds": nothing, "daily_call_reserve": nothing, "reconcile_days": nothing, "report_interval": nothing,
            "report_tracking_category": nothing, "report_lookback_periods": nothing, "max_calls_per_sync": nothing, "max_concurrent_calls": nothing,
            "download_attachments": nothing, "attachments_directory": nothing, "attachments_max_megabytes": nothing, "api_url": nothing,
            "identity_url": nothing, "refresh_token": nothing, "scopes": nothing, "x": nothing});
        let config = parse(&with(optional)).expect("a good config");
        assert!(config.tenant_ids.is_empty());
        assert_eq!(config.api_url, "https://api.xero.com");
        assert!(config.download_attachments.is_none());
        assert!(matches!(
            config.credentials,
            Credentials::CustomConnection { scopes: None, .. }
        ));
        assert_eq!(
            faults(&with(json!({"start_date": nothing}))),
            "start_date is missing."
        );
    }
    for nothing in [json!({}), json!({"auth_type": null, "client_id": ""})] {
        assert!(parse(&with(json!({"credentials": nothing}))).is_ok());
    }
}

#[test]
fn each_error_of_a_setting_has_its_sentence() {
    let date = "must look like YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ.";
    let unreal = "is not a valid date or time.";
    let guid = "tenant_id must look like xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx (a GUID).";
    let cases = [
        (
            json!({"start_date": null}),
            "start_date is missing.".to_owned(),
        ),
        (
            json!({"start_date": "01/02/2020"}),
            format!("start_date \"01/02/2020\" {date}"),
        ),
        (
            json!({"start_date": "last year"}),
            format!("start_date {date}"),
        ),
        (
            json!({"start_date": "2020-01-01T00:00:00+13:00"}),
            format!("start_date \"2020-01-01T00:00:00+13:00\" {date}"),
        ),
        (
            json!({"start_date": "2021-13-01"}),
            format!("start_date \"2021-13-01\" {unreal}"),
        ),
        (
            json!({"start_date": "2021-02-29T00:00:00Z"}),
            format!("start_date \"2021-02-29T00:00:00Z\" {unreal}"),
        ),
        (
            json!({"start_date": "2026-11-23T12:00:01Z"}),
            "start_date \"2026-11-23T12:00:01Z\" is in the future.".to_owned(),
        ),
        (
            json!({"start_date": 20200101}),
            "start_date 20200101 must be a string, not a number.".to_owned(),
        ),
        (json!({"tenant_id": "Demo Company (NZ)"}), guid.to_owned()),
        (
            json!({"tenant_id": ["70784a63"]}),
            "tenant_id must be a string, not an array.".to_owned(),
        ),
        (
            json!({"tenant_ids": "70784a63-d24b-46a9-a4db-0e70a274b056"}),
            "tenant_ids must be an array, not a string.".to_owned(),
        ),
        (
            json!({"tenant_ids": [7, "Demo Company"]}),
            "tenant_ids.0 must be a string, not a number. tenant_ids.1 must look like xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx (a GUID).".to_owned(),
        ),
        (
            json!({"lookback_seconds": -1}),
            "lookback_seconds -1 must be at least 0.".to_owned(),
        ),
        (
            json!({"lookback_seconds": 86401}),
            "lookback_seconds 86401 must be at most 86400.".to_owned(),
        ),
        (
            json!({"lookback_seconds": 1.5}),
            "lookback_seconds 1.5 must be an integer, not a number.".to_owned(),
        ),
        (
            json!({"lookback_seconds": "300"}),
            "lookback_seconds \"300\" must be an integer, not a string.".to_owned(),
        ),
        (
            json!({"daily_call_reserve": -1}),
            "daily_call_reserve -1 must be at least 0.".to_owned(),
        ),
        (
            json!({"daily_call_reserve": 0.5}),
            "daily_call_reserve 0.5 must be an integer, not a number.".to_owned(),
        ),
        (
            json!({"daily_call_reserve": "100"}),
            "daily_call_reserve \"100\" must be an integer, not a string.".to_owned(),
        ),
        (
            json!({"reconcile_days": 0}),
            "reconcile_days 0 must be at least 1.".to_owned(),
        ),
        (
            json!({"report_interval": "week"}),
            "report_interval must look like month, quarter or year.".to_owned(),
        ),
        (
            json!({"report_lookback_periods": 61}),
            "report_lookback_periods 61 must be at most 60.".to_owned(),
        ),
        (
            json!({"max_calls_per_sync": -1}),
            "max_calls_per_sync -1 must be at least 0.".to_owned(),
        ),
        (
            json!({"max_concurrent_calls": 0}),
            "max_concurrent_calls 0 must be at least 1.".to_owned(),
        ),
        (
            json!({"download_attachments": "yes"}),
            "download_attachments must be a boolean, not a string.".to_owned(),
        ),
        (
            json!({"attachments_max_megabytes": 0}),
            "attachments_max_megabytes 0 must be at least 1.".to_owned(),
        ),
        (
            json!({"api_url": "ftp://api.xero.com"}),
            "api_url \"ftp://api.xero.com\" must begin with https://.".to_owned(),
        ),
        (
            json!({"identity_url": "https://"}),
            "identity_url \"https://\" is not a URL with a host.".to_owned(),
        ),
        (
            json!({"identity_url": true}),
            "identity_url must be a string, not a boolean.".to_owned(),
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(faults(&with(changes)), expected);
    }
}

#[test]
fn one_message_contains_all_errors() {
    let config = json!({
        "tenant_id": "nowhere",
        "lookback_seconds": 90_000,
        "api_url": "api.xero.com",
        "credentials": {"auth_type": "oauth2_authorization_code", "client_id": 5, "refresh_token": ""},
    });
    let message = faults(&config);
    let expected = [
        "start_date is missing.",
        "tenant_id must look like xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx (a GUID).",
        "lookback_seconds 90000 must be at most 86400.",
        "api_url is not a URL with a host.",
        "credentials.client_id must be a string, not a number.",
        "credentials.refresh_token is missing.",
    ];
    for sentence in expected {
        assert!(
            message.contains(sentence),
            "{sentence} is not in: {message}"
        );
    }
    assert_eq!(message.len(), expected.join(" ").len(), "{message}");
}

#[test]
fn no_error_shows_a_secret() {
    let secret = "s3cr3t/+eyJhbGciOi";
    let wrong = [
        json!(secret),
        json!([secret]),
        json!({"auth_type": secret}),
        json!({"auth_type": "oauth2_access_token", "access_token": [secret]}),
        json!({"auth_type": {"x": secret}}),
        json!(format!("https://{secret}@x")),
        json!(format!("https://x?token={secret}")),
    ];
    let keys = [
        "start_date",
        "tenant_id",
        "lookback_seconds",
        "daily_call_reserve",
        "reconcile_days",
        "report_interval",
        "report_tracking_category",
        "report_lookback_periods",
        "max_calls_per_sync",
        "max_concurrent_calls",
        "download_attachments",
        "attachments_directory",
        "attachments_max_megabytes",
        "api_url",
        "identity_url",
        "credentials",
        "client_id",
        "client_secret",
        "access_token",
        "refresh_token",
        "id_token",
        "scopes",
        "token_expiry_date",
    ];
    for key in keys {
        for value in &wrong {
            // The start_date is wrong too, so that there is always a message.
            let failure = parse(&with(json!({key: value, "start_date": value})));
            let failure = failure.expect_err("start_date is wrong");
            let found = format!("{failure} {} {failure:?}", failure.internal());
            assert!(
                !found.contains(secret) && !found.contains("eyJ"),
                "{key}: {found}"
            );
        }
    }
}
