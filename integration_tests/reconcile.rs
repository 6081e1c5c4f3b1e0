//! Changes that Xero does not stamp: seen when the stream is read whole again.

use serde_json::{Value, json};
use xero_sim::Entity;

use crate::connector::Run;
use crate::scene::Scene;

/// When the last whole read of the contacts began, as the last state tells.
fn reconciled<'r>(run: &'r Run, scene: &Scene) -> Option<&'r str> {
    let state = run.states("contacts").last().copied()?;
    state["tenants"][scene.tenant.as_str()]["reconciled"].as_str()
}

fn balances(run: &Run, id: &str) -> Option<Value> {
    let rows = run.records("contacts");
    let row = rows.into_iter().find(|row| row["ContactID"] == id)?;
    Some(row["Balances"].clone())
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

    // Switched off, nothing is read whole, however old the last time is.
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
