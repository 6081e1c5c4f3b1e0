//! Several organisations in one connection.

use serde_json::json;
use xero_sim::{Entity, TenantId};

use crate::support::scene::{SCOPES, Scene};

/// A consent to two organisations that each have their own invoices.
pub(crate) fn two() -> (Scene, TenantId) {
    let mut scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 30)
    });
    let (app, first) = (scene.app.clone(), scene.tenant.clone());
    let (second, tokens) = scene.sim.world(|world| {
        let second = world.add_tenant("Kiwi Imports Limited", "NZD");
        world.fill(&second, Entity::Invoices, 20);
        let tokens = world.consent(&app, &[first, second.clone()], SCOPES);
        (second, tokens)
    });
    scene.tokens = tokens;
    (scene, second)
}

#[test]
fn without_a_tenant_id_every_organisation_is_read_and_has_its_own_state() {
    let (scene, second) = two();
    let mut config = scene.flat();
    config["tenant_id"] = json!(null);
    let run = scene.read(&config, &["invoices"], None);
    let tenants = run.column("invoices", "TenantID");
    let of = |tenant: &TenantId| tenants.iter().filter(|id| **id == tenant.as_str()).count();
    assert_eq!((of(&scene.tenant), of(&second)), (30, 20));
    let state = run
        .states("invoices")
        .last()
        .copied()
        .expect("there is a state");
    for tenant in [&scene.tenant, &second] {
        assert!(
            state["tenants"][tenant.as_str()]["UpdatedDateUTC"].is_string(),
            "{state}"
        );
    }
    let again = scene.read(&config, &["invoices"], Some(&run.last_states()));
    assert_eq!(again.records("invoices").len(), 0, "nothing has changed");
}

#[test]
fn an_organisation_that_is_new_in_the_state_is_read_from_its_start() {
    let (scene, second) = two();
    let first = scene.read(&scene.flat(), &["invoices"], None);
    let mut config = scene.flat();
    config["tenant_id"] = json!(null);
    let both = scene.read(&config, &["invoices"], Some(&first.last_states()));
    let tenants = both.column("invoices", "TenantID");
    assert!(
        tenants.iter().all(|id| *id == second.as_str()),
        "the first one was read before"
    );
    assert_eq!(tenants.len(), 20);
}

#[test]
fn one_organisation_that_fails_does_not_keep_the_other_from_being_read() {
    let (scene, second) = two();
    let tenant = scene.tenant.clone();
    scene.sim.intercept(move |request, _| {
        let hit = request.path.ends_with("/Invoices")
            && request.tenant.as_deref() == Some(tenant.as_str());
        hit.then(xero_sim::Answer::forbidden)
    });
    let mut config = scene.flat();
    config["tenant_id"] = json!(null);
    let run = scene.read(&config, &["invoices"], None);
    assert_eq!(run.status("invoices"), "INCOMPLETE");
    assert!(
        run.errors()[0].2.contains("invoices of Demo Company (NZ)"),
        "{:?}",
        run.errors()
    );
    assert_eq!(
        run.column("invoices", "TenantID"),
        vec![second.as_str(); 20]
    );
}

#[test]
fn an_organisation_that_is_disconnected_during_a_read_keeps_its_state() {
    let (mut scene, second) = two();
    let (app, first) = (scene.app.clone(), scene.tenant.clone());
    scene.tokens = scene.sim.world(|world| {
        world.create(&first, Entity::Invoices, 2_500);
        world.consent(&app, &[first.clone(), second.clone()], SCOPES)
    });
    let (gone, mut pages) = (first.clone(), 0);
    scene.sim.intercept(move |request, world| {
        let is_its = request.tenant.as_deref() == Some(gone.as_str());
        pages += usize::from(is_its && request.path.ends_with("/Invoices"));
        if pages == 2 {
            world.disconnect(&app, &gone);
        }
        None
    });
    let mut config = scene.flat();
    config["tenant_id"] = json!(null);
    let run = scene.read(&config, &["invoices", "contacts"], None);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.status("invoices"), "INCOMPLETE");
    let (kind, stream, words) = run.errors()[0];
    assert_eq!((kind, stream), ("config_error", "invoices"));
    assert!(
        words.contains("of Demo Company (NZ): the organisation was disconnected"),
        "{words}"
    );
    let rows = |run: &crate::support::connector::Run, tenant: &TenantId| {
        let tenants = run.column("invoices", "TenantID").into_iter();
        tenants.filter(|id| *id == tenant.as_str()).count()
    };
    assert_eq!((rows(&run, &first), rows(&run, &second)), (1_000, 20));

    // After it is connected again, the sync continues from its state.
    let app = scene.app.clone();
    scene.tokens = scene
        .sim
        .world(|world| world.consent(&app, &[first.clone(), second.clone()], SCOPES));
    let mut config = scene.flat();
    config["tenant_id"] = json!(null);
    let states = run.last_states();
    let next = scene.read(&config, &["invoices", "contacts"], Some(&states));
    assert_eq!(next.code, Some(0), "{:?}", next.errors());
    assert_eq!(rows(&next, &second), 0, "nothing has changed there");
    let both = [&run, &next].map(|run| run.column("invoices", "InvoiceID"));
    let all: std::collections::HashSet<_> = both.iter().flatten().collect();
    assert_eq!(all.len(), 30 + 2_500 + 20);
}

#[test]
fn a_state_without_organisation_applies_to_each_and_stays_for_one_that_fails() {
    let (scene, second) = two();
    let tenant = scene.tenant.clone();
    scene.sim.intercept(move |request, _| {
        let hit = request.path.ends_with("/Invoices")
            && request.tenant.as_deref() == Some(tenant.as_str());
        hit.then(xero_sim::Answer::not_found)
    });
    let mut config = scene.flat();
    config["tenant_id"] = json!(null);
    let state = json!({"invoices": {"UpdatedDateUTC": "2099-05-19T16:19:12"}});
    let run = scene.read(&config, &["invoices"], Some(&state));
    let tenants = &run
        .states("invoices")
        .last()
        .expect("the other one has a state")["tenants"];
    for tenant in [&scene.tenant, &second] {
        assert_eq!(
            tenants[tenant.as_str()]["UpdatedDateUTC"],
            "2099-05-19T16:19:12"
        );
    }
}

#[test]
fn an_organisation_that_is_offline_fails_the_check_but_not_the_reading_of_the_other() {
    let (scene, second) = two();
    scene
        .sim
        .world(|world| world.take_offline(&scene.tenant, true));
    let mut config = scene.flat();
    config["tenant_id"] = json!(null);
    assert!(scene.check(&config).errors()[0].2.contains("offline"));
    let run = scene.read(&config, &["invoices", "items"], None);
    assert_eq!(
        run.column("invoices", "TenantID"),
        vec![second.as_str(); 20]
    );
    let errors = run.errors();
    assert_eq!((errors.len(), errors[0].0), (2, "transient_error"));
    assert!(
        errors.iter().all(|error| error.2.contains("offline")),
        "{errors:?}"
    );
}

#[test]
fn a_consent_without_organisations_fails_with_a_message() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let (app, tenant) = (scene.app.clone(), scene.tenant.clone());
    scene.sim.world(|world| world.disconnect(&app, &tenant));
    let mut config = scene.flat();
    assert!(
        scene
            .check(&config)
            .checked("FAILED")
            .contains("nor any other")
    );
    config["tenant_id"] = json!(null);
    assert!(
        scene
            .check(&config)
            .checked("FAILED")
            .contains("opens no organisation")
    );
}
