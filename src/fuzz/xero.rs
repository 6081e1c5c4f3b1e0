//! Targets for what Xero's servers, or a proxy before them, send besides rows.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::checks::{is_failure, is_message};
use crate::config::{App, Credentials};
use crate::excerpt::LONGEST;
use crate::secret::Secret;
use crate::xero::auth::token_response::{self, TokenResponse};
use crate::xero::auth::{Claims, Consent, NoCode};
use crate::xero::body::{self, MAX_ERROR};
use crate::xero::connections;
use crate::xero::problem::Problem;
use crate::xero::rate_limit::headers::{DAY, LimitHeaders};
use crate::xero::rate_limit::retry_after::{LimitError, WaitBounds, wait};

/// A token as Xero issues them. Inputs hold it as `TOKEN`.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJlLTQ3MTE";

/// Puts the token into an input.
fn with_token(data: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(data)
        .replace("TOKEN", TOKEN)
        .into_bytes()
}

/// The text has no part of the token that is as long as half of it.
fn hides_token(text: &str) {
    for from in 0..=TOKEN.len() / 2 {
        let part = &TOKEN[from..from + TOKEN.len() / 2];
        assert!(!text.contains(part), "{part} is shown: {text}");
    }
}

/// The rate limit headers. The first line of the input is the status, and each other line is one
/// header.
///
/// - Only a 429 names a limit.
/// - No wait is longer than a day, or than the caller allows.
pub fn rate_limit_headers(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let status = lines
        .next()
        .and_then(|line| std::str::from_utf8(line).ok()?.trim().parse().ok());
    let status = status.unwrap_or(429);
    let header = |line: &[u8]| {
        let at = memchr::memchr(b':', line)?;
        let name = HeaderName::from_bytes(line[..at].trim_ascii()).ok()?;
        Some((
            name,
            HeaderValue::from_bytes(line[at + 1..].trim_ascii()).ok()?,
        ))
    };
    let headers: HeaderMap = lines.filter_map(header).collect();
    let limits = LimitHeaders::read(status, &headers);
    assert_eq!(limits.refused_by.is_some(), status == 429);
    assert!(limits.retry_after.is_none_or(|after| after <= DAY));
    let Some(limit) = limits.refused_by else {
        return;
    };
    let bounds = WaitBounds {
        max_refusals: 5,
        longest_wait: Duration::from_secs(90),
        time_left: Duration::from_secs(60),
    };
    for (nth, roll) in [(1, 0.0), (4, 0.5), (5, 1.0), (u32::MAX, 1.0)] {
        match wait(nth, limit, &limits, bounds, roll) {
            Ok(wait) => {
                assert!(
                    wait <= bounds.longest_wait && wait < bounds.time_left,
                    "{wait:?}"
                );
                assert!(nth < bounds.max_refusals);
                assert!(limits.retry_after.is_none_or(|after| wait == after));
            }
            Err(LimitError::DaySpent(until)) => assert!(until <= DAY),
            Err(_) => {}
        }
    }
}

/// A response of the token endpoint. The word `TOKEN` in the input stands for a token.
///
/// - No error and no debug form shows the token, wherever the response has it.
/// - Every token is usable: it is not empty, and lives at most a day.
pub fn token_response(data: &[u8]) {
    let body = with_token(data);
    let found = TokenResponse::read(&body);
    hides_token(&format!("{found:?}"));
    if let TokenResponse::Tokens(tokens) = found {
        let refresh_token = tokens.refresh_token.as_ref();
        let all = [
            Some(&tokens.access_token),
            refresh_token,
            tokens.id_token.as_ref(),
        ];
        assert!(
            all.into_iter()
                .flatten()
                .all(|token| !token.expose().trim().is_empty())
        );
        assert!(
            !tokens.life.is_zero() && tokens.life <= DAY,
            "{:?}",
            tokens.life
        );
    }
    let app = |secret: Option<&str>| App {
        client_id: "app".to_owned(),
        client_secret: secret.map(|secret| Secret::new(secret.to_owned())),
    };
    let refresh = |app| Credentials::RefreshToken {
        app,
        refresh_token: Secret::new(TOKEN.to_owned()),
        saved_token: None,
    };
    let custom = Credentials::CustomConnection {
        app: app(Some("secret")),
        scopes: None,
        saved_token: None,
    };
    for status in [200, 302, 400, 401, 429, 500] {
        if !token_response::is_refusal(status, &body) {
            continue;
        }
        for credentials in [&refresh(app(None)), &refresh(app(Some("secret"))), &custom] {
            let failure = token_response::refusal(status, &body, credentials);
            is_failure(&failure);
            hides_token(&failure.internal());
        }
        let failure = token_response::code_refusal(status, &body, &app(None));
        is_failure(&failure);
        hides_token(&failure.internal());
    }
}

/// The claims of a token. The input is a token, or the payload of one.
///
/// - The scopes of a text are words.
/// - A payload that is no JSON has no claims.
pub fn claims(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    Claims::read(&text);
    let claims = Claims::read(&format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(data)));
    let Ok(payload) = serde_json::from_slice::<serde_json::Value>(data) else {
        return assert_eq!(claims, Claims::default());
    };
    let scopes = claims.scopes.unwrap_or_default();
    match &payload["scope"] {
        serde_json::Value::String(text) => {
            assert_eq!(scopes, text.split_whitespace().collect::<Vec<_>>());
        }
        serde_json::Value::Array(items) => assert!(scopes.len() <= items.len()),
        _ => assert!(scopes.is_empty()),
    }
    let expires = claims.expires.map(|expires| expires.timestamp());
    assert!(expires.is_none() || expires == payload["exp"].as_i64());
    assert_eq!(claims.email.as_deref(), payload["email"].as_str());
}

/// An error body. The word `TOKEN` in the input stands for a token.
///
/// - The text is one short line without control characters.
/// - The text does not show the token.
pub fn error_body(data: &[u8]) {
    let body = with_token(data);
    let problem = Problem::parse(&body);
    // An escaped character takes up to ten.
    assert!(problem.text.chars().count() <= LONGEST * 10 + 3);
    is_message(&problem.text);
    hides_token(&problem.text);
    let status = problem.with_status(503);
    assert!(status.starts_with("HTTP 503") && status.trim() == status);
    problem.contains("offline");
}

fn packed(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(data).and_then(|()| encoder.finish());
    packed.expect("a vector takes every byte")
}

/// The decoder of flate2 accepts and rejects the same body, and has the same bytes, cut after
/// `limit + 1`. Only nothing at all is an empty body here, and an error there.
fn decompresses_like_flate2(compressed: &[u8], limit: usize) {
    if compressed.is_empty() {
        let body = body::decompress(compressed, limit);
        return assert_eq!(body.expect("nothing is an empty body"), b"");
    }
    let mut expected = Vec::new();
    let decoder = MultiGzDecoder::new(compressed);
    let read = decoder.take(limit as u64 + 1).read_to_end(&mut expected);
    match (body::decompress(compressed, limit), read) {
        (Ok(body), Ok(_)) => assert!(body == expected, "the bytes differ at limit {limit}"),
        (Err(_), Err(_)) => {}
        // Too long by one byte: the fault is in the trailer, which flate2 does not reach.
        (Err(_), Ok(length)) if length > limit => {}
        (ours, flate2) => panic!("{ours:?} at limit {limit}, and flate2 has {flate2:?}"),
    }
}

/// A compressed body, and the input compressed.
///
/// - A body is decompressed as flate2's own decoder does it, and cut after its limit, whatever length it
///   declares.
/// - A compressed body is restored, also from two members.
/// - A body with a false length, or with other bytes after its last member, is an error.
pub fn compressed_body(data: &[u8]) {
    assert!(body::error_text(data.to_vec(), true).len() <= MAX_ERROR);
    let (first, second) = data.split_at(data.len() / 2);
    let whole = [packed(first), packed(second)].concat();
    let restored = body::decompress(&whole, data.len()).expect("the body is whole");
    assert!(restored == data, "the body changed");
    let mut false_length = whole.clone();
    // The length is in the last four bytes.
    if let Some(length) = false_length.last_chunk_mut::<4>() {
        length[data.len() % 4] ^= 1 << (data.len() % 8);
    }
    let with_garbage = [&whole, &b"\0"[..], data].concat();
    body::decompress(&false_length, data.len()).expect_err("the length is false");
    body::decompress(&with_garbage, data.len()).expect_err("no member begins with 0");
    for compressed in [data, &packed(data), &whole, &false_length, &with_garbage] {
        for limit in [0, 100, data.len() / 2, data.len(), 100_000] {
            decompresses_like_flate2(compressed, limit);
        }
    }
}

/// The list of connections.
///
/// - Each organisation is listed once, with its id in one spelling.
/// - Names are short and have no control characters, and an error does not quote the body.
pub fn connections(data: &[u8]) {
    let connections = match connections::parse(data) {
        Ok(connections) => connections,
        Err(why) => return is_message(&why),
    };
    let ids: BTreeSet<_> = connections.iter().map(|it| &*it.tenant.id).collect();
    assert_eq!(ids.len(), connections.len());
    for connection in &connections {
        let tenant = &connection.tenant;
        assert_eq!(tenant.id.to_lowercase(), *tenant.id);
        for text in [tenant.label(), &connection.tenant_type] {
            is_message(text);
            assert!(text.chars().count() <= LONGEST * 10 + 3);
        }
        is_message(connection.created.as_deref().unwrap_or_default());
        connection.is_organisation();
    }
}

/// The address at which a browser ends after a consent. The word `STATE` in the input stands for the
/// state of the consent.
///
/// - A code is accepted only together with the state of this consent, and never with an error.
/// - The text of an error is a message.
pub fn consent_answer(data: &[u8]) {
    const STATE: &str = "c3RhdGUtb2YtdGhpcy1jb25zZW50LTQ3MTE";
    let consent = Consent {
        client_id: "APP".to_owned(),
        redirect_uri: "http://localhost:8742/callback".to_owned(),
        scopes: "offline_access".to_owned(),
        verifier: Secret::new("verifier".to_owned()),
        state: Secret::new(STATE.to_owned()),
    };
    let address = String::from_utf8_lossy(data).replace("STATE", STATE);
    match consent.code(&address) {
        Ok(code) => {
            let query = address.trim().split_once('?').map(|(_, query)| query);
            let query = query.and_then(|query| query.split('#').next());
            let url = Url::parse(&format!("a:?{}", query.unwrap_or_default()));
            let url = url.expect("an accepted answer is a query");
            let has = |name: &str, value: &str| {
                url.query_pairs()
                    .any(|pair| pair.0 == name && pair.1 == value)
            };
            assert!(has("code", code.expose()), "{address} has another code");
            assert!(has("state", STATE), "{address} has another state");
            assert!(!url.query_pairs().any(|(name, _)| name == "error"));
        }
        Err(NoCode::Refused(text)) => is_message(&text),
        Err(_) => {}
    }
}
