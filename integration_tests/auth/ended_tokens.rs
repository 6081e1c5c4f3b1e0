//! A worker whose access token ends in the middle of a sync stops with its positions saved. The same job
//! with a new token reads the rest.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use xero_sim::{Answer, Entity, World};

use crate::support::connector::Run;
use crate::support::organisations::{Ids, Organisations, records};
use crate::support::scene::SCOPES;

const TABLES: [Entity; 3] = [Entity::Contacts, Entity::Invoices, Entity::Items];
const STREAMS: [&str; 4] = ["contacts", "invoices", "items", "online_invoices"];

fn organisations() -> Organisations {
    let at = Organisations::new(2, |world, tenant, number| {
        world.fill(tenant, Entity::Contacts, 1_100 / number);
        world.fill(tenant, Entity::Invoices, 30);
        world.fill(tenant, Entity::Items, 20);
    });
    at.scene.sim.world(World::unlimited);
    at
}

/// The invoices whose address was read.
fn addresses(runs: &[&Run]) -> BTreeSet<String> {
    let ids = runs
        .iter()
        .flat_map(|run| run.column("online_invoices", "ParentID"));
    ids.map(str::to_owned).collect()
}

/// The config of a worker with this token.
fn worker(at: &Organisations, access_token: &str) -> Value {
    let mut config = at.scene.nested(json!({
        "auth_type": "oauth2_access_token",
        "access_token": access_token,
    }));
    config["tenant_id"] = Value::Null;
    config
}

/// Lets the token of the scene end after this many requests. Returns the number of requests that are
/// refused from then on.
fn end_token_after(at: &Organisations, requests: usize) -> Arc<AtomicUsize> {
    let old = format!("Bearer {}", at.scene.tokens.access_token);
    let refused = Arc::new(AtomicUsize::new(0));
    let (counter, mut sent) = (refused.clone(), 0);
    at.scene.sim.intercept(move |request, _| {
        sent += 1;
        let is_old = request.authorization.as_ref() == Some(&old);
        (is_old && sent > requests).then(|| {
            counter.fetch_add(1, Ordering::Relaxed);
            Answer::unauthorized("TokenExpired: token expired at 08/14/2026 09:30:00")
        })
    });
    refused
}

/// The ids of the rows that runs read in a table, each once.
fn union(runs: &[&Run], table: Entity) -> Ids {
    let mut found = Ids::new();
    for run in runs {
        for (tenant, ids) in records(run, table) {
            found.entry(tenant).or_default().extend(ids);
        }
    }
    for ids in found.values_mut() {
        let once: BTreeSet<_> = ids.drain(..).collect();
        ids.extend(once);
    }
    found
}

#[test]
fn a_job_whose_token_ends_goes_on_with_a_new_one_and_loses_nothing() {
    // The list of connections and a call to prove the access to each organisation come first.
    for requests in [3, 5, 7, 20, 40] {
        let at = organisations();
        let config = worker(&at, &at.scene.tokens.access_token);
        let whole = at.scene.read(&config, &STREAMS, None);
        let refused = end_token_after(&at, requests);
        let first = at.scene.read(&config, &STREAMS, None);
        assert_eq!(first.code, Some(1), "after {requests}");
        let errors = first.errors();
        assert!(!errors.is_empty());
        for (kind, _, message) in &errors {
            assert_eq!(*kind, "transient_error", "after {requests}: {message}");
            assert!(message.contains("The access token has ended"), "{message}");
            assert!(
                message.contains("Start the job again with a new access_token"),
                "{message}"
            );
        }
        let ended = |stream: &&&str| first.status(stream) == "INCOMPLETE";
        assert_eq!(STREAMS.iter().filter(ended).count(), errors.len());
        assert!(
            (1..20).contains(&refused.load(Ordering::Relaxed)),
            "calls in flight only"
        );

        let (app, tenants) = (at.scene.app.clone(), at.tenants.clone());
        let tokens = at
            .scene
            .sim
            .world(|world| world.consent(&app, &tenants, SCOPES));
        let states = first.last_states();
        let second = at
            .scene
            .read(&worker(&at, &tokens.access_token), &STREAMS, Some(&states));
        assert_eq!(second.code, Some(0), "{:?}", second.errors());
        let reads_again = second.records("contacts").len();
        assert!(
            requests < 20 || reads_again < 100,
            "after {requests}: {reads_again}"
        );
        for table in TABLES {
            assert_eq!(
                union(&[&first, &second], table),
                at.rows(table),
                "after {requests}"
            );
        }
        assert_eq!(
            addresses(&[&first, &second]),
            addresses(&[&whole]),
            "after {requests}"
        );
    }
}
