//! The other APIs: Assets, Projects, Files and Payroll.

mod assets;
mod calls;
mod files;
mod payroll_2;
mod payroll_au;
mod projects;

use serde_json::Value;
use xero_sim::{TenantId, World};

use crate::client::{Answer, Fixture, get, started};

const SCOPES: &str = "openid offline_access accounting.settings.read assets.read projects.read \
    files.read";

/// A world with one organisation and a consent to the other APIs.
fn fixture(build: impl FnOnce(&mut World, &TenantId)) -> Fixture {
    let mut world = World::new(7);
    let demo = world.add_tenant("Demo Company (NZ)", "NZD");
    build(&mut world, &demo);
    started(world, demo, SCOPES)
}

/// A well-formed call.
fn call(fixture: &Fixture, path: &str) -> Answer {
    let token = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let tenant = format!("xero-tenant-id: {}", fixture.demo);
    let headers = [token.as_str(), &tenant, "Accept: application/json"];
    get(&fixture.sim, path, &headers)
}

/// The JSON of a call that succeeds.
fn json(fixture: &Fixture, path: &str) -> Value {
    let answer = call(fixture, path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// One field of all rows.
fn field(rows: &Value, name: &str) -> Vec<Value> {
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| row[name].clone()).collect()
}

/// One field of all rows of a table, from the world.
fn truth(fixture: &Fixture, table: &str, name: &str) -> Vec<Value> {
    fixture.sim.world(|world| {
        let rows = world.api_rows(&fixture.demo, table).iter();
        rows.map(|row| row.value[name].clone()).collect()
    })
}

/// What the descriptions do not have of all requests so far.
fn undocumented(fixture: &Fixture) -> Vec<String> {
    let requests = fixture.sim.requests();
    requests
        .into_iter()
        .flat_map(|it| it.undocumented)
        .collect()
}
