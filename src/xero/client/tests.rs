//! Tests how many lists are received and unpacked at the same time.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use serde_json::json;
use xero_sim::{Answer, App, Sim, World};

use super::*;
use crate::airbyte::emit::{self, ProtocolLines};
use crate::sync::callbacks::{ConfigUpdates, TokenStorage};
use crate::sync::statuses::Statuses;

/// The number of organisations, each with one list.
const LISTS: usize = 40;
/// The length of a list. Four of them are unpacked at the same time.
const LENGTH: usize = 4 << 20;
const UNPACKED: usize = 4;
/// `max_concurrent_calls`.
const AT_ONCE: usize = 6;

/// A client whose Xero answers every call with a list, and its organisations.
fn client(is_packed: bool) -> (XeroClient, Vec<TenantId>, Sim) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let plain = vec![b' '; LENGTH];
    io::Write::write_all(&mut packed, &plain).expect("a vector takes every byte");
    let packed = packed.finish().expect("a vector takes every byte");
    client_of(move || match is_packed {
        true => Answer::json(200, packed.clone()).header("Content-Encoding", "gzip"),
        false => Answer::json(200, plain.clone()),
    })
}

/// A client whose Xero gives these answers, and its organisations.
fn client_of(answer: impl Fn() -> Answer + Send + 'static) -> (XeroClient, Vec<TenantId>, Sim) {
    let mut world = World::new(3);
    world.unlimited();
    let tenants: Vec<_> = (0..LISTS)
        .map(|number| world.add_tenant(&format!("Shop {number}"), "NZD"))
        .collect();
    let app = world.add_app(App::web("client", "secret"));
    let tokens = world.consent(&app, &tenants, "offline_access accounting.settings.read");
    let sim = Sim::start(world);
    sim.intercept(move |_, _| Some(answer()));
    let config = json!({
        "start_date": "2020-01-01",
        "credentials": {"auth_type": "oauth2_access_token", "access_token": tokens.access_token},
        "max_concurrent_calls": AT_ONCE,
        "api_url": sim.url(),
        "identity_url": sim.url(),
    });
    let now = chrono::Utc::now();
    let config = Config::parse(config.to_string().as_bytes(), now).expect("the config is valid");
    let (emitter, _) = emit::start(ProtocolLines::new(io::sink()));
    let policy = RetryPolicy::Interactive;
    let http = HttpClient::new(policy, true).expect("there is a client");
    let store = ConfigUpdates::new(
        emitter.clone(),
        config.stored.clone(),
        Path::new("config.json"),
        TokenStorage::Message,
        true,
    );
    let auth = Auth::new(&config, http.clone(), Box::new(store), policy);
    let statuses = Box::new(Statuses::new(&emitter));
    let client = XeroClient::new(&config, auth, http, statuses, policy);
    let tenants = tenants.iter().map(|it| TenantId::new(it.as_str()));
    (client, tenants.collect(), sim)
}

#[tokio::test]
async fn while_the_reader_is_stuck_lists_stay_packed_and_no_further_ones_are_requested() {
    for is_packed in [true, false] {
        let (client, tenants, sim) = client(is_packed);
        let parse = |body: &[u8]| match body.len() {
            LENGTH => Ok(()),
            length => Err(format!("{length} bytes")),
        };
        let list = async |tenant| {
            let request = ApiRequest {
                path: "/api.xro/2.0/Invoices".to_owned(),
                tenant: Some(tenant),
                ..ApiRequest::default()
            };
            client.get_list(&request, parse).await
        };
        let mut under_way: FuturesUnordered<_> = tenants.iter().map(list).collect();
        let (mut unpacked, mut done) = (VecDeque::new(), 0);
        while done < LISTS {
            while unpacked.len() < UNPACKED
                && let Some(list) = under_way.next().await
            {
                let ((), permit) = list.expect("each call has a list");
                unpacked.push_back(permit.expect("a list needs memory"));
                done += 1;
            }
            // The reader is stuck until all memory is used.
            for _ in 0..200 {
                tokio::task::yield_now().await;
                let more = under_way.next().now_or_never().flatten();
                assert!(more.is_none(), "packed: {is_packed}, after {done} lists");
                assert!(sim.requests().len() <= done + AT_ONCE);
            }
            unpacked.pop_front();
        }
        assert_eq!(sim.requests().len(), LISTS);
    }
}

#[tokio::test]
async fn a_response_that_goes_into_a_file_needs_no_memory() {
    let (client, tenants, _sim) = client(false);
    let request = || ApiRequest {
        path: "/api.xro/2.0/Invoices/1/Attachments/2".to_owned(),
        tenant: tenants.first(),
        streams: &["attachments"],
        ..ApiRequest::default()
    };
    let receive = async |request| {
        let mut head = response::open(request).await.expect("Xero answers");
        let mut received = 0;
        while let Some(chunk) = head.chunk().await.expect("the response is complete") {
            received += chunk.len() as u64;
        }
        (Ok(head.without_body(received)), received)
    };
    let read = async |_: &mut Result<Response, TransportError>, received| {
        Some(Ok::<u64, ParseError>(received))
    };
    let size = client.send(&request(), receive, read).await;
    assert_eq!(size.expect("it was received"), LENGTH as u64);
    // The files of other documents, in any organisation, are still downloaded at the same time.
    let memory = &client.http.memory;
    let room = || memory.room_for_call(Some("attachments")).now_or_never();
    let rooms: Vec<_> = std::iter::from_fn(room).collect();
    assert!(rooms.len() > AT_ONCE, "room for {} calls", rooms.len());
}

#[tokio::test]
async fn a_refusal_ends_a_standstill() {
    for (status, is_answer) in [(404, true), (400, true), (501, false), (302, false)] {
        let (client, tenants, _sim) = client_of(move || Answer::json(status, "{}"));
        let request = ApiRequest {
            path: "/api.xro/2.0/Invoices/1".to_owned(),
            tenant: tenants.first(),
            ..ApiRequest::default()
        };
        let parsed = client.get(&request, |_| Ok::<_, ParseError>(())).await;
        parsed.expect_err("no answer has a page");
        let length = client.standstill().length(Instant::now());
        assert_eq!(length.is_zero(), is_answer, "{status}");
    }
}
