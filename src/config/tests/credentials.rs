//! Tests which credentials a config has, and the config with new tokens.

use super::*;
use crate::secret::Secret;

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn app() -> App {
    App {
        client_id: "c".to_owned(),
        client_secret: Some(secret("s")),
    }
}

fn saved_token(expires: Option<&str>) -> Option<SavedToken> {
    let expires = expires.map(|text| text.parse().expect("a moment"));
    Some(SavedToken {
        access_token: secret("a"),
        expires,
    })
}

fn refresh(saved_token: Option<SavedToken>) -> Credentials {
    Credentials::RefreshToken {
        app: app(),
        refresh_token: secret("r"),
        saved_token,
    }
}

fn pkce() -> Credentials {
    let app = App {
        client_secret: None,
        ..app()
    };
    Credentials::RefreshToken {
        app,
        refresh_token: secret("r"),
        saved_token: None,
    }
}

fn custom(scopes: Option<&str>, saved_token: Option<SavedToken>) -> Credentials {
    Credentials::CustomConnection {
        app: app(),
        scopes: scopes.map(str::to_owned),
        saved_token,
    }
}

#[test]
fn both_forms_distinguish_the_three_kinds_of_access() {
    let code = "oauth2_authorization_code";
    let confidential = "oauth2_confidential_application";
    let cases = [
        // The seven flat keys. Two of them, tenant and date, are added below.
        (
            json!({"access_token": "a", "id_token": "i", "client_id": "c", "client_secret": "s", "refresh_token": "r"}),
            refresh(saved_token(None)),
        ),
        (
            json!({"client_id": " c ", "client_secret": "s\n", "refresh_token": " r"}),
            refresh(None),
        ),
        (
            json!({"client_id": "c", "client_secret": "s", "refresh_token": "r", "access_token": "a", "token_expiry_date": "2026-03-02T09:40:00Z"}),
            refresh(saved_token(Some("2026-03-02T09:40:00Z"))),
        ),
        // A PKCE app, which has no secret.
        (
            json!({"client_id": "c", "client_secret": "", "refresh_token": "r"}),
            pkce(),
        ),
        (
            json!({"credentials": {"auth_type": code, "client_id": "c", "refresh_token": "r"}}),
            pkce(),
        ),
        (
            json!({"client_id": "c", "client_secret": "s"}),
            custom(None, None),
        ),
        (
            json!({"client_id": "c", "client_secret": "s", "scopes": " x  y\nz", "access_token": "a", "token_expiry_date": "2026-03-02T09:40:00.5"}),
            custom(Some("x y z"), saved_token(Some("2026-03-02T09:40:00.5Z"))),
        ),
        (
            json!({"access_token": "a"}),
            Credentials::AccessToken(secret("a")),
        ),
        (
            json!({"access_token": "a", "id_token": "i", "refresh_token": null}),
            Credentials::AccessToken(secret("a")),
        ),
        (
            json!({"credentials": {"auth_type": code, "client_id": "c", "client_secret": "s", "refresh_token": "r"}}),
            refresh(None),
        ),
        (
            json!({"credentials": {"auth_type": code, "client_id": "c", "client_secret": "s", "refresh_token": "r", "access_token": "a", "token_expiry_date": "2026-03-02T09:40:00+01:00"}}),
            refresh(saved_token(Some("2026-03-02T08:40:00Z"))),
        ),
        // The form of Airbyte's own connector for Xero.
        (
            json!({"credentials": {"auth_type": confidential, "client_id": "c", "client_secret": "s"}}),
            custom(None, None),
        ),
        (
            json!({"credentials": {"auth_type": confidential, "client_id": "c", "client_secret": "s", "scopes": "x", "access_token": "a"}}),
            custom(Some("x"), saved_token(None)),
        ),
        (
            json!({"credentials": {"auth_type": "oauth2_access_token", "access_token": "a"}}),
            Credentials::AccessToken(secret("a")),
        ),
    ];
    for (mut config, expected) in cases {
        config["start_date"] = json!("2020-01-01T00:00:00Z");
        config["tenant_id"] = json!("70784a63-d24b-46a9-a4db-0e70a274b056");
        let read = parse(&config).unwrap_or_else(|failure| panic!("{config}: {failure}"));
        assert_eq!(read.credentials, expected, "{config}");
        assert_eq!(read.warnings, [""; 0], "{config}");
    }
}

#[test]
fn the_error_of_incomplete_credentials_names_the_missing_keys() {
    let kinds = "oauth2_authorization_code, oauth2_confidential_application or oauth2_access_token";
    let none = format!(
        "The config has no credentials: give either \"credentials\" with the auth_type {kinds}, or client_id, client_secret and refresh_token at the top level."
    );
    let renews = "is missing: a refresh_token needs the client_id of its app, and of a web app the client_secret too.";
    let pair = "is missing: a web app needs client_id, client_secret and refresh_token, a PKCE app client_id and refresh_token, and a Custom Connection client_id and client_secret.";
    let unknown = format!("credentials.auth_type must be {kinds}.");
    let cases = [
        (json!({}), none.clone()),
        (json!({"id_token": "i", "credentials": {}}), none),
        (json!({"refresh_token": "r"}), format!("client_id {renews}")),
        (
            json!({"client_secret": "s", "access_token": "a"}),
            format!("client_id {pair}"),
        ),
        (json!({"client_id": "c"}), format!("client_secret {pair}")),
        (
            json!({"access_token": 5}),
            "access_token must be a string, not a number.".to_owned(),
        ),
        (
            json!({"client_id": "c", "client_secret": 5}),
            "client_secret must be a string, not a number.".to_owned(),
        ),
        (
            json!({"credentials": "c"}),
            "credentials must be an object, not a string.".to_owned(),
        ),
        (json!({"credentials": {"client_id": "c"}}), unknown.clone()),
        (
            json!({"credentials": {"auth_type": "Client"}}),
            unknown.clone(),
        ),
        (
            json!({"credentials": {"auth_type": 1}, "access_token": "a"}),
            unknown,
        ),
        (
            json!({"credentials": {"auth_type": "oauth2_access_token"}}),
            "credentials.access_token is missing.".to_owned(),
        ),
        (
            json!({"credentials": {"auth_type": "oauth2_confidential_application", "client_id": "c", "client_secret": null}}),
            "credentials.client_secret is missing.".to_owned(),
        ),
    ];
    for (mut config, expected) in cases {
        config["start_date"] = json!("2020-01-01");
        assert_eq!(faults(&config), expected);
    }
}

#[test]
fn unused_credentials_and_dates_cause_warnings() {
    let nested = json!({"auth_type": "oauth2_authorization_code", "client_id": "c", "client_secret": "s",
        "refresh_token": "r", "access_token": "a", "token_expiry_date": "soon"});
    let config = json!({"start_date": "2020-01-01", "credentials": nested, "client_id": "other", "access_token": "other"});
    let read = parse(&config).expect("a good config");
    assert_eq!(read.credentials, refresh(saved_token(None)));
    assert_eq!(
        read.warnings,
        [
            "The config has credentials twice: the connector uses those under \"credentials\" and ignores those at the top level (access_token, client_id).",
            "credentials.token_expiry_date is not a date, so the connector ignores it.",
        ]
    );
}

#[test]
fn a_config_with_new_tokens_is_valid_and_has_the_same_form() {
    let nested = json!({"auth_type": "oauth2_authorization_code", "client_id": "c", "client_secret": "s", "refresh_token": "old"});
    let flat =
        json!({"client_id": "c", "client_secret": "s", "refresh_token": "old", "id_token": null});
    for (mut config, place) in [(json!({"credentials": nested}), "/credentials"), (flat, "")] {
        config["start_date"] = json!("2020-01-01T00:00:00Z");
        let mut stored = parse(&config).expect("a good config").stored;
        let (access, next, id) = (secret("a"), secret("r"), secret("i"));
        let written = stored.with_tokens(&access, Some(&next), Some(&id), now());
        let spec: Value = serde_json::from_str(SPEC).expect("spec.json is JSON");
        assert!(jsonschema::is_valid(
            &spec["connectionSpecification"],
            &written
        ));
        assert_eq!(
            written.pointer(&format!("{place}/id_token")),
            Some(&json!("i"))
        );
        let read = parse(&written).expect("a good config");
        assert_eq!(
            read.credentials,
            refresh(saved_token(Some("2026-11-23T12:00:00Z")))
        );
        assert!(read.warnings.is_empty());
    }
}

#[test]
fn a_token_with_a_line_break_is_an_error_that_does_not_show_it() {
    for key in [
        "access_token",
        "refresh_token",
        "client_secret",
        "client_id",
    ] {
        let mut config = json!({"start_date": "2020-01-01", "client_id": "c", "client_secret": "s", "refresh_token": "r"});
        config[key] = json!("s3cr3t-\n-h4lf");
        let failure = Config::parse(config.to_string().as_bytes(), now()).expect_err("a fault");
        assert_eq!(
            failure.to_string(),
            format!(
                "The config cannot be used. {key} contains white space or a line break: paste the value as one word."
            )
        );
    }
}
