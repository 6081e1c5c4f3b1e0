//! The organisations that the config chooses, and those that leave the consent.

use serde_json::{Value, json};
use xero_sim::{Answer, Entity, TenantId};

use crate::auth::tenants::two;
use crate::support::connector::{Run, started_by};
use crate::support::scene::{SCOPES, Scene};

/// A well-formed id of no organisation.
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

/// A consent to three organisations with 30, 20 and 10 invoices.
fn three() -> (Scene, [TenantId; 3]) {
    let (mut scene, second) = two();
    let (app, first) = (scene.app.clone(), scene.tenant.clone());
    let (third, tokens) = scene.sim.world(|world| {
        let third = world.add_tenant("Harbour Cafe", "NZD");
        world.fill(&third, Entity::Invoices, 10);
        let all = [first.clone(), second.clone(), third.clone()];
        (third, world.consent(&app, &all, SCOPES))
    });
    scene.tokens = tokens;
    (scene, [first, second, third])
}

pub(crate) fn config(scene: &Scene, tenant_id: Option<&TenantId>, tenant_ids: Value) -> Value {
    let mut config = scene.flat();
    config["tenant_id"] = json!(tenant_id.map(TenantId::as_str));
    config["tenant_ids"] = tenant_ids;
    config
}

/// The number of invoices of each organisation in the records.
fn invoices(run: &Run, tenants: &[TenantId; 3]) -> [usize; 3] {
    let of_rows = run.column("invoices", "TenantID");
    let count = |tenant: &TenantId| of_rows.iter().filter(|id| **id == tenant.as_str()).count();
    [&tenants[0], &tenants[1], &tenants[2]].map(count)
}

#[test]
fn tenant_ids_choose_the_organisations() {
    let (scene, tenants) = three();
    let [first, second, third] = tenants.each_ref().map(TenantId::as_str);
    for (tenant_id, tenant_ids, expected) in [
        (None, json!([second, third]), [0, 20, 10]),
        (None, json!([third.to_uppercase(), third]), [0, 0, 10]),
        (Some(&tenants[0]), json!([third]), [30, 0, 10]),
        (Some(&tenants[0]), json!([first]), [30, 0, 0]),
        (None, json!([]), [30, 20, 10]),
        (None, Value::Null, [30, 20, 10]),
    ] {
        let config = config(&scene, tenant_id, tenant_ids);
        let run = scene.read(&config, &["invoices"], None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        assert_eq!(invoices(&run, &tenants), expected, "{config}");
    }
}

#[test]
fn a_chosen_organisation_outside_the_consent_fails_only_itself() {
    let (scene, tenants) = three();
    let config = config(&scene, None, json!([UNKNOWN, tenants[1].as_str()]));
    let words = format!("may not read the organisation {UNKNOWN} of tenant_ids");
    let checked = scene.check(&config);
    assert!(checked.checked("FAILED").contains(&words));
    let run = scene.read(&config, &["invoices"], None);
    assert_eq!(run.status("invoices"), "INCOMPLETE");
    let errors = run.errors();
    assert_eq!(
        (errors.len(), errors[0].0),
        (1, "config_error"),
        "{errors:?}"
    );
    assert!(errors[0].2.contains(&words), "{errors:?}");
    assert_eq!(invoices(&run, &tenants), [0, 20, 0]);
}

#[test]
fn an_organisation_that_left_keeps_its_position_for_its_return() {
    let (mut scene, tenants) = three();
    let all = |scene: &Scene| config(scene, None, Value::Null);
    let streams = ["invoices", "contacts"];
    let first = scene.read(&all(&scene), &streams, None);
    assert!(first.logs("WARN").is_empty(), "{:?}", first.logs("WARN"));

    let (app, gone) = (scene.app.clone(), tenants[1].clone());
    scene.sim.world(|world| world.disconnect(&app, &gone));
    let without = scene.read(&all(&scene), &streams, Some(&first.last_states()));
    assert_eq!(without.code, Some(0), "{:?}", without.errors());
    let warnings = without.logs("WARN");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let words = format!(
        "no longer covers 1 of the organisations in the state: {}",
        gone.as_str()
    );
    assert!(warnings[0].contains(&words), "{warnings:?}");

    // A choice of organisations is no sign that another one left.
    let chosen = config(
        &scene,
        None,
        json!([tenants[0].as_str(), tenants[2].as_str()]),
    );
    let chosen = scene.read(&chosen, &streams, Some(&without.last_states()));
    assert!(chosen.logs("WARN").is_empty(), "{:?}", chosen.logs("WARN"));

    scene.tokens = scene.sim.world(|world| {
        world.create(&gone, Entity::Invoices, 3);
        world.consent(&app, &tenants, SCOPES)
    });
    let back = scene.read(&all(&scene), &streams, Some(&chosen.last_states()));
    assert_eq!(invoices(&back, &tenants), [0, 3, 0]);
}

#[test]
fn connections_that_are_not_organisations_are_named_and_not_read() {
    let (scene, tenants) = three();
    let [first, ..] = tenants.each_ref().map(TenantId::as_str).map(str::to_owned);
    scene.sim.intercept(move |request, _| {
        let connections = json!([
            {"tenantId": UNKNOWN, "tenantType": "PRACTICE", "tenantName": "Books & Co"},
            {"tenantId": first, "tenantType": "ORGANISATION", "tenantName": "Demo Company (NZ)"},
        ]);
        let answer = || Answer::json(200, connections.to_string());
        request.path.ends_with("/connections").then(answer)
    });
    let run = scene.read(&config(&scene, None, Value::Null), &["invoices"], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(invoices(&run, &tenants), [30, 0, 0]);
    let named = run.logs("INFO").into_iter();
    let named = named.filter(|line| line.contains("not organisations and are not read: PRACTICE"));
    assert_eq!(named.count(), 1, "{:?}", run.logs("INFO"));
}

/// A consent to many organisations without rows.
pub(crate) fn many(count: usize) -> (Scene, Vec<TenantId>) {
    let mut scene = Scene::with(SCOPES, |_, _| ());
    let (app, first) = (scene.app.clone(), scene.tenant.clone());
    let (tenants, tokens) = scene.sim.world(|world| {
        let others = (1..count).map(|number| world.add_tenant(&format!("Shop {number:03}"), "NZD"));
        let tenants: Vec<_> = std::iter::once(first).chain(others).collect();
        let tokens = world.consent(&app, &tenants, SCOPES);
        (tenants, tokens)
    });
    scene.tokens = tokens;
    (scene, tenants)
}

#[test]
fn three_hundred_organisations_are_checked_with_few_open_files() {
    let (scene, _) = many(300);
    let config = scene.file("config.json", &config(&scene, None, Value::Null));
    let limited = ["sh", "-c", "ulimit -n 128 && exec \"$0\" \"$@\""];
    let output = started_by(&limited, &["check", "--config", &config]).output();
    let run = Run::of(output.expect("the shell starts"));
    assert_eq!(run.checked("SUCCEEDED"), "");
    let counted = "organisations that can be read: 300";
    assert!(run.logs("INFO").iter().any(|line| line.contains(counted)));
}

#[test]
fn a_wrong_tenant_id_is_answered_with_ten_organisations_and_a_count() {
    let (scene, tenants) = many(12);
    let mut config = config(&scene, None, Value::Null);
    config["tenant_id"] = "00000000-0000-0000-0000-000000000000".into();
    let run = scene.check(&config);
    let message = run.checked("FAILED");
    assert!(message.contains(", 2 more. Use one of"), "{message}");
    let named = tenants.iter().filter(|it| message.contains(it.as_str()));
    assert_eq!(named.count(), 10, "{message}");
}

#[test]
fn a_check_names_three_of_the_blocked_organisations_and_counts_the_others() {
    let (scene, tenants) = many(9);
    let blocked: Vec<_> = tenants[1..6]
        .iter()
        .map(|it| it.as_str().to_owned())
        .collect();
    scene.sim.intercept(move |request, _| {
        let is_blocked = |tenant: &str| blocked.iter().any(|it| it == tenant);
        request
            .tenant
            .as_deref()
            .is_some_and(is_blocked)
            .then(Answer::forbidden)
    });
    let config = config(&scene, None, Value::Null);
    let run = scene.check(&config);
    let message = run.checked("FAILED");
    assert!(
        message.starts_with("5 of 9 organisations cannot be read. "),
        "{message}"
    );
    assert!(
        message.ends_with(" 2 more of them cannot be read."),
        "{message}"
    );
    let named = (1..9).filter(|number| message.contains(&format!("Shop {number:03}")));
    assert!(named.eq(1..4), "{message}");

    let run = scene.discover(&config);
    let catalog = run.payloads("CATALOG", "catalog").next();
    let streams = catalog.expect("there is a catalog")["streams"].as_array();
    assert!(streams.is_some_and(|streams| streams.len() > 50));
    assert!(
        run.logs("WARN")
            .iter()
            .any(|line| line.contains("5 of 9 organisations"))
    );
}
