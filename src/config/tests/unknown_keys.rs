//! Tests keys that are not settings: misspelt keys, and keys that platforms add.

use super::*;

fn tenant() -> Value {
    json!("70784a63-d24b-46a9-a4db-0e70a274b056")
}

fn web(changes: Value) -> Value {
    let mut credentials = json!({"auth_type": "oauth2_authorization_code", "client_id": "c", "client_secret": "s", "refresh_token": "r"});
    for (key, value) in changes.as_object().expect("changes are an object") {
        credentials[key] = value.clone();
    }
    json!({"start_date": "2020-01-01", "credentials": credentials})
}

#[test]
fn a_misspelt_key_is_an_error_that_names_both_keys() {
    for (key, meant) in [
        ("tenantid", "tenant_id"),
        ("Tenant_Id", "tenant_id"),
        ("tenantId", "tenant_id"),
        ("TENANT-ID", "tenant_id"),
        (" tenant id", "tenant_id"),
        ("tenent_id", "tenant_id"),
        ("xero_tenant_id", "tenant_id"),
        ("organisationId", "tenant_id"),
        ("tenantIds", "tenant_ids"),
        ("tenant_idss", "tenant_id"),
        ("tennant_di", "tenant_id"),
        ("max_call_per_sync", "max_calls_per_sync"),
        ("maxConcurrentCalls", "max_concurrent_calls"),
        ("lookback_second", "lookback_seconds"),
        ("lockback_secons", "lookback_seconds"),
        ("refreshtoken", "refresh_token"),
        ("accessToken", "access_token"),
        ("scpoe", "scopes"),
        ("api_ulr", "api_url"),
    ] {
        let found = faults(&with(json!({key: "s3cr3t"})));
        assert_eq!(
            found,
            format!("{key} is not a setting. Did you mean {meant}?")
        );
    }
    for key in ["start_dat", "startDate", "strat_date"] {
        let found = faults(&with(json!({"start_date": null, key: "2020-01-01"})));
        assert_eq!(
            found,
            format!("{key} is not a setting. Did you mean start_date?")
        );
    }
}

#[test]
fn a_misspelt_key_of_credentials_is_an_error_too() {
    for (changes, found) in [
        (
            json!({"client_secret": null, "clientSecret": "s3cr3t"}),
            "credentials.clientSecret is not a setting. Did you mean credentials.client_secret?",
        ),
        (
            json!({"auth_type": null, "authType": "oauth2_authorization_code"}),
            "credentials.authType is not a setting. Did you mean credentials.auth_type?",
        ),
        (
            json!({"acess_token": "s3cr3t"}),
            "credentials.acess_token is not a setting. Did you mean credentials.access_token?",
        ),
        (
            json!({"tenant_id": tenant()}),
            "credentials.tenant_id is not a setting. Did you mean tenant_id?",
        ),
        (
            json!({"tenantId": tenant()}),
            "credentials.tenantId is not a setting. Did you mean tenant_id?",
        ),
    ] {
        assert_eq!(faults(&web(changes)), found);
    }
}

#[test]
fn the_key_of_mage_has_its_own_sentence() {
    let sentence = "refresh_token_secret_name is a setting of Mage: it names the secret in Mage that holds the refresh token. Put the token itself under";
    let mages = json!({"refresh_token_secret_name": "xero_refresh_token"});
    assert_eq!(
        faults(&with(mages.clone())),
        format!("{sentence} refresh_token.")
    );
    let mut nested = mages.clone();
    nested["refresh_token"] = json!(null);
    assert_eq!(
        faults(&web(nested)),
        format!("credentials.{sentence} credentials.refresh_token.")
    );
    let mut both = mages;
    both["refresh_token"] = json!("r");
    let config = parse(&with(both)).expect("the token is there");
    assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
}

#[test]
fn other_unknown_keys_cause_one_warning_without_values() {
    let token =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IjFDQUY4RTY2NzcyRDZEQzAyOEQ2NzI2RkQwMjYxNTgxNTcwRUZDMTkifQ";
    let found = |config: &Value| parse(config).expect("a good config").warnings;
    let warning = |keys: &str| {
        vec![format!(
            "The connector does not know these keys of the config and ignores them: {keys}."
        )]
    };
    for (config, expected) in [
        (
            with(json!({"__injected_declarative_manifest": {"a": 1}, "workspace": "s3cr3t"})),
            warning("__injected_declarative_manifest, workspace"),
        ),
        (with(json!({"end_date": "2021-01-01"})), warning("end_date")),
        (with(json!({"scope": "openid"})), warning("scope")),
        // A misspelt key beside the right key only causes the warning.
        (
            with(json!({"tenant_id": tenant(), "tenantId": "s3cr3t"})),
            warning("tenantId"),
        ),
        (
            web(json!({"token_type": "Bearer", "expires_in": 1800, "scope": "openid"})),
            warning("credentials.expires_in, credentials.scope, credentials.token_type"),
        ),
        (
            with(json!({token: 1, "a=b": 1, "x": 1})),
            warning("x, 2 more"),
        ),
        // A key of another `auth_type`.
        (web(json!({"scopes": "a"})), Vec::new()),
        (
            with(json!({"tenantid": null, "Start_Date": ""})),
            Vec::new(),
        ),
    ] {
        assert_eq!(found(&config), expected, "{config}");
    }
    let many: serde_json::Map<_, _> = (0..100)
        .map(|n| (format!("platform_{n:03}"), json!(1)))
        .collect();
    let warnings = found(&with(Value::Object(many)));
    assert!(
        warnings[0].ends_with("platform_019, 80 more."),
        "{warnings:?}"
    );
}
