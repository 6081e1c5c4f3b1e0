//! Tests the renewal of tokens against the token endpoint of the simulator.

use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use xero_sim::{App, Sim, World};

use super::*;
use crate::airbyte::emit::{self, ProtocolLines};
use crate::sync::callbacks::{ConfigUpdates, TokenStorage};

struct Discard;

impl Write for Discard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A stdout that blocks until the test releases it.
struct Held(mpsc::Receiver<()>);

impl Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Creates an `Auth` whose config has the tokens of a new consent. According to the config, the
/// access token expires after `left` seconds.
fn auth(out: impl Write + Send + 'static, left: i64) -> (Auth, Sim) {
    let mut world = World::new(3);
    let tenant = world.add_tenant("Demo Company", "NZD");
    // The tokens are opaque, so that only the config has their expiry.
    let app = world.add_app(App::web("client", "secret").opaque_tokens(true));
    let tokens = world.consent(&app, &[tenant], "offline_access accounting.settings.read");
    let sim = Sim::start(world);
    let now = Utc::now();
    let config = json!({
        "start_date": "2020-01-01",
        "client_id": "client",
        "client_secret": "secret",
        "refresh_token": tokens.refresh_token,
        "access_token": tokens.access_token,
        "token_expiry_date": (now + TimeDelta::seconds(left)).to_rfc3339(),
        "api_url": sim.url(),
        "identity_url": sim.url(),
    });
    let config = Config::parse(config.to_string().as_bytes(), now).expect("the config is valid");
    let (emitter, _) = emit::start(ProtocolLines::new(out));
    let http = HttpClient::new(RetryPolicy::Interactive, true).expect("there is a client");
    let store = ConfigUpdates::new(
        emitter,
        config.stored.clone(),
        Path::new("config.json"),
        TokenStorage::Message,
        true,
    );
    let auth = Auth::new(&config, http, Box::new(store), RetryPolicy::Interactive);
    (auth, sim)
}

fn token_calls(sim: &Sim) -> usize {
    sim.requests().len()
}

#[tokio::test]
async fn a_token_is_renewed_when_less_than_a_minute_is_left() {
    for (left, calls) in [(3600, 0), (90, 0), (30, 1), (-30, 1)] {
        let (auth, sim) = auth(Discard, left);
        auth.token().await.expect("there is a token");
        auth.token().await.expect("there is a token");
        assert_eq!(token_calls(&sim), calls, "{left} seconds left");
    }
}

#[tokio::test]
async fn each_renewal_uses_the_refresh_token_of_the_previous_one() {
    let (auth, sim) = auth(Discard, 3600);
    let mut token = auth.token().await.expect("there is a token");
    for _ in 0..3 {
        token = auth.renew(&token).await.expect("there is another token");
    }
    let sent: Vec<_> = sim
        .requests()
        .iter()
        .filter_map(|request| request.field("refresh_token").map(str::to_owned))
        .collect();
    let different: std::collections::HashSet<_> = sent.iter().collect();
    assert_eq!((sent.len(), different.len()), (3, 3));
}

#[tokio::test]
async fn concurrent_callers_with_the_same_refused_token_share_one_renewal() {
    let (auth, sim) = auth(Discard, 3600);
    let refused = auth.token().await.expect("there is a token");
    let all = futures_util::future::join_all((0..5).map(|_| auth.renew(&refused))).await;
    let generations: Vec<_> = all
        .into_iter()
        .map(|token| token.expect("there is a token").generation)
        .collect();
    assert_eq!((generations, token_calls(&sim)), (vec![1; 5], 1));
}

#[tokio::test]
async fn a_refused_refresh_token_is_not_tried_again() {
    let (auth, sim) = auth(Discard, -1);
    sim.intercept(|_, _| Some(xero_sim::Answer::json(400, r#"{"error":"invalid_grant"}"#)));
    for _ in 0..3 {
        let failure = auth
            .token()
            .await
            .expect_err("the refresh token is refused");
        assert_eq!(failure.kind, Kind::Config);
    }
    assert_eq!(token_calls(&sim), 1);
}

#[tokio::test]
async fn tokens_are_requested_after_stdout_works_and_used_after_they_are_written() {
    let (go, held) = mpsc::channel();
    let (auth, sim) = auth(Held(held), -1);
    let mut token = std::pin::pin!(auth.token());
    let early = tokio::time::timeout(Duration::from_millis(50), &mut token).await;
    assert!(early.is_err(), "a token was returned before it was written");
    assert_eq!(
        token_calls(&sim),
        0,
        "a token was requested while stdout was blocked"
    );
    go.send(()).expect("stdout waits");
    while token_calls(&sim) == 0 {
        let moment = Duration::from_millis(5);
        let given = tokio::time::timeout(moment, &mut token).await;
        assert!(given.is_err(), "a token was returned before it was written");
    }
    let later = tokio::time::timeout(Duration::from_millis(50), &mut token).await;
    assert!(
        later.is_err(),
        "a token was returned while stdout was blocked"
    );
    drop(go);
    token.await.expect("there is a token");
}
