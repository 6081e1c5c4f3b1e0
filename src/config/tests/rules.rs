//! Tests the sentence for each broken rule of spec.json, alone and in combination, and the order of
//! the sentences.

use super::*;

#[test]
fn errors_of_several_rules_keep_their_order() {
    let cases = [
        // Every setting has the wrong type.
        (
            json!({"access_token": 4, "api_url": 3, "attachments_directory": 2, "attachments_max_megabytes": false,
                "client_id": 1, "client_secret": 2, "credentials": 5, "daily_call_reserve": {},
                "download_attachments": 1, "id_token": 5, "identity_url": {}, "lookback_seconds": true,
                "max_calls_per_sync": "1", "max_concurrent_calls": 1.5, "reconcile_days": [], "refresh_token": 3, "report_interval": 9,
                "report_lookback_periods": "x", "report_tracking_category": 10, "scopes": 6, "start_date": ["x"],
                "tenant_id": 8, "token_expiry_date": 7}),
            vec![
                "access_token must be a string, not a number.",
                "api_url must be a string, not a number.",
                "attachments_directory must be a string, not a number.",
                "attachments_max_megabytes must be an integer, not a boolean.",
                "client_id must be a string, not a number.",
                "client_secret must be a string, not a number.",
                "credentials must be an object, not a number.",
                "daily_call_reserve must be an integer, not an object.",
                "download_attachments must be a boolean, not a number.",
                "id_token must be a string, not a number.",
                "identity_url must be a string, not an object.",
                "lookback_seconds must be an integer, not a boolean.",
                r#"max_calls_per_sync "1" must be an integer, not a string."#,
                "max_concurrent_calls 1.5 must be an integer, not a number.",
                "reconcile_days must be an integer, not an array.",
                "refresh_token must be a string, not a number.",
                "report_interval must be a string, not a number.",
                "report_lookback_periods must be an integer, not a string.",
                "report_tracking_category must be a string, not a number.",
                "scopes must be a string, not a number.",
                "start_date must be a string, not an array.",
                "tenant_id must be a string, not a number.",
                "token_expiry_date must be a string, not a number.",
            ],
        ),
        // Numbers below their limits and texts of a wrong form.
        (
            json!({"attachments_max_megabytes": -0.5, "client_id": "c", "daily_call_reserve": -0.0,
                "lookback_seconds": 86400.5, "max_calls_per_sync": -1e+300, "max_concurrent_calls": -0.0, "reconcile_days": 0.5,
                "report_interval": "Month", "report_lookback_periods": -7, "tenant_id": "70784a63", "zz": 1}),
            vec![
                "start_date is missing.",
                "attachments_max_megabytes -0.5 must be an integer, not a number.",
                "lookback_seconds 86400.5 must be an integer, not a number.",
                "max_calls_per_sync -1e+300 must be at least 0.",
                "max_concurrent_calls -0.0 must be at least 1.",
                "reconcile_days 0.5 must be an integer, not a number.",
                "report_interval must look like month, quarter or year.",
                "report_lookback_periods -7 must be at least 0.",
                "tenant_id must look like xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx (a GUID).",
                "client_secret is missing: a web app needs client_id, client_secret and refresh_token, a PKCE app client_id and refresh_token, and a Custom Connection client_id and client_secret.",
            ],
        ),
        // Numbers above their limits.
        (
            json!({"attachments_max_megabytes": 1025, "daily_call_reserve": u64::MAX, "lookback_seconds": 1e+300,
                "max_calls_per_sync": 0.0, "reconcile_days": 1e+300, "report_lookback_periods": 60.0,
                "start_date": "2020-13-01", "tenant_id": "70784a63-d24b-46a9-a4db-0e70a274b056\n", "zz": 1}),
            vec![
                "attachments_max_megabytes 1025 must be at most 1024.",
                "lookback_seconds 1e+300 must be at most 86400.",
                r#"start_date "2020-13-01" is not a valid date or time."#,
                r#"The config has no credentials: give either "credentials" with the auth_type oauth2_authorization_code, oauth2_confidential_application or oauth2_access_token, or client_id, client_secret and refresh_token at the top level."#,
            ],
        ),
        // Misspelt keys and invalid addresses.
        (
            json!({"api_url": "x", "client_secret": "s", "identity_url": "ftp://x", "lookbackseconds": 5,
                "startdate": "x", "tenantid": 1}),
            vec![
                "lookbackseconds is not a setting. Did you mean lookback_seconds? startdate is not a setting. Did you mean start_date? tenantid is not a setting. Did you mean tenant_id? client_id is missing: a web app needs client_id, client_secret and refresh_token, a PKCE app client_id and refresh_token, and a Custom Connection client_id and client_secret.",
                "api_url is not a URL with a host.",
                r#"identity_url "ftp://x" must begin with https://."#,
            ],
        ),
        // An empty config.
        (
            json!({}),
            vec![
                "start_date is missing.",
                r#"The config has no credentials: give either "credentials" with the auth_type oauth2_authorization_code, oauth2_confidential_application or oauth2_access_token, or client_id, client_secret and refresh_token at the top level."#,
            ],
        ),
        // Credentials of the wrong type.
        (
            json!({"credentials": 5}),
            vec![
                "start_date is missing.",
                "credentials must be an object, not a number.",
            ],
        ),
        // An app with a consent, without any other key.
        (
            json!({"credentials": {"auth_type": "oauth2_authorization_code"}}),
            vec![
                "start_date is missing.",
                "credentials.client_id is missing.",
                "credentials.refresh_token is missing.",
            ],
        ),
        // A Custom Connection without any other key.
        (
            json!({"credentials": {"auth_type": "oauth2_confidential_application"}}),
            vec![
                "start_date is missing.",
                "credentials.client_id is missing.",
                "credentials.client_secret is missing.",
            ],
        ),
        // The kind access token without any other key.
        (
            json!({"credentials": {"auth_type": "oauth2_access_token"}}),
            vec![
                "start_date is missing.",
                "credentials.access_token is missing.",
            ],
        ),
        // An unknown auth_type: the other keys are not checked.
        (
            json!({"credentials": {"auth_type": "x", "client_id": 5}}),
            vec![
                "credentials.auth_type must be oauth2_authorization_code, oauth2_confidential_application or oauth2_access_token.",
                "start_date is missing.",
            ],
        ),
        // An auth_type of the wrong type.
        (
            json!({"client_id": 5, "credentials": {"auth_type": 5, "client_id": 5}}),
            vec![
                "credentials.auth_type must be oauth2_authorization_code, oauth2_confidential_application or oauth2_access_token.",
                "start_date is missing.",
                "client_id must be a string, not a number.",
            ],
        ),
        // A web app with wrong types.
        (
            json!({"credentials": {"access_token": 1, "auth_type": "oauth2_authorization_code", "client_id": 1,
                "client_secret": [], "id_token": false, "refresh_token": {}, "scopes": 5, "token_expiry_date": 1,
                "x": 1}, "start_date": "2020-01-01"}),
            vec![
                "credentials.access_token must be a string, not a number.",
                "credentials.client_id must be a string, not a number.",
                "credentials.client_secret must be a string, not an array.",
                "credentials.id_token must be a string, not a boolean.",
                "credentials.refresh_token must be a string, not an object.",
                "credentials.token_expiry_date must be a string, not a number.",
            ],
        ),
        // A Custom Connection with wrong types.
        (
            json!({"credentials": {"access_token": 1, "auth_type": "oauth2_confidential_application",
                "client_id": 1, "client_secret": [], "id_token": false, "refresh_token": {}, "scopes": 5,
                "token_expiry_date": 1, "x": 1}, "start_date": "2020-01-01"}),
            vec![
                "credentials.access_token must be a string, not a number.",
                "credentials.client_id must be a string, not a number.",
                "credentials.client_secret must be a string, not an array.",
                "credentials.scopes must be a string, not a number.",
                "credentials.token_expiry_date must be a string, not a number.",
            ],
        ),
        // An access token with wrong types.
        (
            json!({"credentials": {"access_token": 1, "auth_type": "oauth2_access_token", "client_id": 1,
                "client_secret": [], "id_token": false, "refresh_token": {}, "scopes": 5, "token_expiry_date": 1,
                "x": 1}, "start_date": "2020-01-01"}),
            vec!["credentials.access_token must be a string, not a number."],
        ),
        // A web app, missing keys come first.
        (
            json!({"credentials": {"access_token": 5, "auth_type": "oauth2_authorization_code", "client_id": "a b",
                "token_expiry_date": "x"}, "start_date": "2020-01-01"}),
            vec![
                "credentials.refresh_token is missing. This config has no login: run `xero-source login --force --config FILE`.",
                "credentials.access_token must be a string, not a number.",
                "credentials.client_id contains white space or a line break: paste the value as one word.",
            ],
        ),
        // A Custom Connection, missing keys come first.
        (
            json!({"credentials": {"auth_type": "oauth2_confidential_application", "client_secret": "a\nb",
                "scopes": 5}, "start_date": "2020-01-01"}),
            vec![
                "credentials.client_id is missing.",
                "credentials.scopes must be a string, not a number.",
                "credentials.client_secret contains white space or a line break: paste the value as one word.",
            ],
        ),
        // Flat keys: rules, then the date, then the credentials, then the addresses.
        (
            json!({"api_url": "http://x", "client_id": "a b", "client_secret": 5, "identity_url": 5,
                "scopes": false, "start_date": "2020-99-99", "tenant_id": true, "zz": 1}),
            vec![
                "client_secret must be a string, not a number.",
                "identity_url must be a string, not a number.",
                "scopes must be a string, not a boolean.",
                "tenant_id must be a string, not a boolean.",
                r#"start_date "2020-99-99" is not a valid date or time."#,
                "client_id contains white space or a line break: paste the value as one word.",
                r#"api_url "http://x" must begin with https://: the connector sends no token unencrypted. Plain http works only for localhost, 127.0.0.0/8, [::1] and host.docker.internal."#,
            ],
        ),
        // A refresh token without its app.
        (
            json!({"id_token": 5, "refresh_token": "a b", "start_date": "2999-01-01"}),
            vec![
                "id_token must be a string, not a number.",
                r#"start_date "2999-01-01" is in the future."#,
                "refresh_token contains white space or a line break: paste the value as one word.",
                "client_id is missing: a refresh_token needs the client_id of its app, and of a web app the client_secret too.",
            ],
        ),
        // The flat keys are checked even if the config has `credentials`.
        (
            json!({"access_token": 5, "credentials": {"accesstoken": "a", "auth_type": "oauth2_access_token"},
                "start_date": "2020-1-1"}),
            vec![
                "credentials.accesstoken is not a setting. Did you mean credentials.access_token? access_token must be a string, not a number.",
                r#"start_date "2020-1-1" must look like YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ."#,
            ],
        ),
        // Each setting has one error: the misspelt key explains the missing one.
        (
            json!({"credentials": {"accesstoken": "a", "auth_type": "oauth2_access_token"},
                "startdate": "2020-01-01", "tenant_id": 5}),
            vec![
                "startdate is not a setting. Did you mean start_date? credentials.accesstoken is not a setting. Did you mean credentials.access_token? tenant_id must be a string, not a number.",
            ],
        ),
    ];
    for (config, expected) in cases {
        assert_eq!(faults(&config), expected.join(" "), "{config}");
    }
}

#[test]
fn values_at_the_limits_are_accepted() {
    for changes in [
        json!({"lookback_seconds": 0, "daily_call_reserve": 0, "reconcile_days": 1, "report_lookback_periods": 0,
            "max_calls_per_sync": 0, "max_concurrent_calls": 1, "attachments_max_megabytes": 1}),
        json!({"lookback_seconds": 86400, "daily_call_reserve": u64::MAX, "reconcile_days": 1e300,
            "report_lookback_periods": 60,
            "max_calls_per_sync": 1e300, "max_concurrent_calls": 1e300, "attachments_max_megabytes": 1024}),
        json!({"lookback_seconds": 86400.0, "daily_call_reserve": -0.0, "reconcile_days": 1.0,
            "report_lookback_periods": 60.0,
            "max_calls_per_sync": -0.0, "max_concurrent_calls": 1.0, "attachments_max_megabytes": 1024.0}),
    ] {
        assert!(parse(&with(changes.clone())).is_ok(), "{changes}");
    }
}

#[test]
fn texts_must_match_the_pattern_of_their_setting() {
    let good = [
        (
            "start_date",
            vec![
                "2020-01-01",
                "2020-01-01T00:00:00",
                "2020-01-01T00:00:00Z",
                "2020-01-01T00:00:00.1",
                "2020-01-01T00:00:00.123456789Z",
            ],
        ),
        (
            "tenant_id",
            vec![
                "70784a63-d24b-46a9-a4db-0e70a274b056",
                "00000000-AAAA-ffff-FFFF-0123456789aB",
            ],
        ),
        ("report_interval", vec!["month", "quarter", "year"]),
    ];
    let bad = [
        (
            "start_date",
            vec![
                "2020-1-1",
                "20200101",
                "2020-01-01 00:00:00",
                "2020-01-01T",
                "2020-01-01T00:00",
                "2020-01-01T00:00:00.",
                "2020-01-01T00:00:00.Z",
                "2020-01-01T00:00:00z",
                "2020-01-01Z",
                "2020-01-01T00:00:00ZZ",
                "2020-01-01T00:00:00+00:00",
                "2020-01-01T00:00:00.12x",
                "12020-01-01",
                "2020-01-011",
                "2020-01-01\n2020-01-01",
                "2020-0\u{661}-01",
                "\u{ff12}020-01-01",
            ],
        ),
        (
            "tenant_id",
            vec![
                "70784a63d24b46a9a4db0e70a274b056",
                "{70784a63-d24b-46a9-a4db-0e70a274b056}",
                "70784a63-d24b-46a9-a4db-0e70a274b05",
                "70784a63-d24b-46a9-a4db-0e70a274b0566",
                "g0784a63-d24b-46a9-a4db-0e70a274b056",
                "7078-4a63d24b-46a9-a4db-0e70a274b056",
                "70784a63-d24b-46a9-a4db-0e70a274b056-",
                "70784a63-d24b-46a9-a4db-0e70a274b0\u{0665}6",
            ],
        ),
        (
            "report_interval",
            vec!["Month", "months", "week", "month|year", "month\nyear"],
        ),
    ];
    for (key, texts) in good {
        for text in texts {
            assert!(parse(&with(json!({key: text}))).is_ok(), "{key} {text}");
        }
    }
    for (key, texts) in bad {
        for text in texts {
            let message = faults(&with(json!({key: text})));
            assert!(message.starts_with(key), "{message}");
            assert!(
                message.contains(" must look like "),
                "{key} {text}: {message}"
            );
        }
    }
}
