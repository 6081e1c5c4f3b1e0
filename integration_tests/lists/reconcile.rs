//! Tests that a full read finds the changes that leave `UpdatedDateUTC` unchanged.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde_json::{Value, json};
use xero_sim::{Answer, Entity, TenantId};

use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};

/// When the last full read of the contacts began, from the last state.
fn reconciled<'r>(run: &'r Run, scene: &Scene) -> Option<&'r str> {
    let state = run.states("contacts").last().copied()?;
    state["tenants"][scene.tenant.as_str()]["reconciled"].as_str()
}

fn balances(run: &Run, id: &str) -> Option<Value> {
    let rows = run.records("contacts");
    let row = rows.into_iter().find(|row| row["ContactID"] == id)?;
    Some(row["Balances"].clone())
}

/// A period in which Xero refuses the contacts of one organisation.
struct Outage(Arc<AtomicBool>);

impl Outage {
    /// Number of answers after which the period starts.
    fn after(answers: u32, scene: &Scene, tenant: &TenantId) -> Outage {
        let lasts = Arc::new(AtomicBool::new(true));
        let (outage, tenant) = (Outage(lasts.clone()), tenant.as_str().to_owned());
        let mut calls = 0;
        scene.sim.intercept(move |request, _| {
            let is_of_tenant = request.tenant.as_deref() == Some(tenant.as_str());
            if !is_of_tenant || !request.path.ends_with("/Contacts") || !lasts.load(Relaxed) {
                return None;
            }
            calls += 1;
            (calls > answers).then(Answer::forbidden)
        });
        outage
    }

    fn end(&self) {
        self.0.store(false, Relaxed);
    }
}

#[test]
fn a_change_without_a_stamp_comes_when_the_days_are_over() {
    let scene = Scene::new();
    let mut config = scene.flat();
    (config["lookback_seconds"], config["reconcile_days"]) = (json!(0), json!(7));
    let streams = ["contacts", "contact_phones", "items"];
    let first = scene.read(&config, &streams, None);
    let begun = reconciled(&first, &scene).expect("the first sync is a whole read");
    let (number, id) = scene.sim.world(|world| {
        let row = &world.rows(&scene.tenant, Entity::Contacts)[4];
        (row.number, row.guid())
    });
    scene
        .sim
        .world(|world| world.touch_silently(&scene.tenant, Entity::Contacts, number));

    let next = scene.read(&config, &streams, Some(&first.last_states()));
    assert_eq!(next.records("contacts").len(), 0, "seven days are not over");
    assert_eq!(reconciled(&next, &scene), Some(begun));

    // The same state, eight days later.
    let mut old = next.last_states();
    let old_day = chrono::Utc::now() - chrono::TimeDelta::days(8);
    let old_day = old_day.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let contacts = old
        .as_array_mut()
        .expect("a list")
        .iter_mut()
        .find(|state| state["stream"]["stream_descriptor"]["name"] == "contacts");
    let contacts = contacts.expect("there is a state of contacts");
    contacts["stream"]["stream_state"]["tenants"][scene.tenant.as_str()]["reconciled"] =
        json!(old_day);
    let whole = scene.read(&config, &streams, Some(&old));
    assert_eq!(whole.records("contacts").len(), 40);
    assert_eq!(
        whole.records("contact_phones").len(),
        0,
        "phones are stamped"
    );
    assert_eq!(whole.records("items").len(), 0);
    assert_ne!(
        balances(&whole, &id),
        balances(&first, &id),
        "the drift is seen"
    );
    assert!(reconciled(&whole, &scene) > Some(begun));

    // Without the setting nothing is read in full, even if the last full read is old.
    config["reconcile_days"] = json!(null);
    let off = scene.read(&config, &streams, Some(&old));
    assert_eq!(off.records("contacts").len(), 0);
}

#[test]
fn a_state_of_before_the_setting_is_due_at_once() {
    let scene = Scene::new();
    let mut config = scene.flat();
    let first = scene.read(&config, &["contacts"], None);
    assert_eq!(reconciled(&first, &scene), None);
    config["reconcile_days"] = json!(30);
    let next = scene.read(&config, &["contacts"], Some(&first.last_states()));
    assert_eq!(next.records("contacts").len(), 40);
    assert!(reconciled(&next, &scene).is_some());
}

#[test]
fn an_interrupted_full_read_resumes() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Contacts, 2_500);
    });
    let mut config = scene.flat();
    let streams = ["contacts", "contact_phones"];
    let first = scene.read(&config, &streams, None);
    config["reconcile_days"] = json!(7);
    let outage = Outage::after(1, &scene, &scene.tenant);
    let cut = scene.read(&config, &streams, Some(&first.last_states()));
    assert_eq!(cut.status("contacts"), "INCOMPLETE");
    let begun = reconciled(&cut, &scene).expect("the whole read has begun");
    outage.end();
    let rest = scene.read(&config, &streams, Some(&cut.last_states()));
    assert_eq!(reconciled(&rest, &scene), Some(begun), "it is the same one");
    let ids = |run| -> HashSet<_> {
        Run::column(run, "contacts", "ContactID")
            .into_iter()
            .collect()
    };
    assert_eq!(ids(&cut).len(), 1_000);
    assert_eq!(
        rest.records("contacts").len(),
        1_501,
        "all others, and the last one again"
    );
    assert_eq!(ids(&cut).union(&ids(&rest)).count(), 2_500);
}

#[test]
fn an_organisation_that_could_not_be_read_stays_due() {
    let mut scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Contacts, 40);
    });
    let (app, one) = (scene.app.clone(), scene.tenant.clone());
    let (other, tokens) = scene.sim.world(|world| {
        let other = world.add_tenant("Kiwi Imports Limited", "NZD");
        world.fill(&other, Entity::Contacts, 40);
        let tokens = world.consent(&app, &[one.clone(), other.clone()], SCOPES);
        (other, tokens)
    });
    scene.tokens = tokens;
    let mut config = scene.flat();
    config["tenant_id"] = json!(null);
    let first = scene.read(&config, &["contacts"], None);
    (config["lookback_seconds"], config["reconcile_days"]) = (json!(0), json!(7));
    // Whichever organisation is read first, its state must not record a full read of the other one.
    for failing in [one, other] {
        let outage = Outage::after(0, &scene, &failing);
        let cut = scene.read(&config, &["contacts"], Some(&first.last_states()));
        outage.end();
        assert_eq!(cut.records("contacts").len(), 40, "of the other one");
        let next = scene.read(&config, &["contacts"], Some(&cut.last_states()));
        let tenants = next.column("contacts", "TenantID");
        assert_eq!(tenants, [failing.as_str(); 40]);
    }
}

#[test]
fn a_start_date_that_was_moved_forward_skips_nothing() {
    let scene = Scene::new();
    let mut config = scene.flat();
    config["reconcile_days"] = json!(7);
    let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ");
    config["start_date"] = json!(now.to_string());
    let state = json!({"contacts": {"UpdatedDateUTC": "2020-01-01T00:00:00Z"}});
    let run = scene.read(&config, &["contacts"], Some(&state));
    assert_eq!(run.records("contacts").len(), 40);
}
