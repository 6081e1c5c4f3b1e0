//! Measures the conversion of rows to RECORD data, on a response of 1,000 invoices.
//!
//! Run it with `cargo bench`. The simulator generates the response, with Xero's indentation.

// The library exports only its entry point, so the measured module is included here. Only its tests
// need another module of the crate.
#[cfg(test)]
#[path = "../src/cases.rs"]
mod cases;
#[expect(dead_code, unused_imports, reason = "cargo compiles a bench as a test")]
#[path = "../src/rows/rewrite/mod.rs"]
mod rewrite;

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use serde::Deserialize;
use serde_json::value::RawValue;
use xero_sim::{App, Entity, Sim, World};

use rewrite::KeyFields;

const ROWS: usize = 1_000;

const FIELDS: KeyFields<'_> = KeyFields {
    key: "InvoiceID",
    cursor: Some("UpdatedDateUTC"),
    ours: &["TenantID"],
};

/// A response whose rows are raw JSON.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, rename = "Invoices")]
    rows: Vec<&'a RawValue>,
}

fn main() {
    divan::main();
}

/// Finds the rows, which also validates their JSON.
#[divan::bench]
fn split(bencher: Bencher<'_, '_>) {
    let body = body();
    counted(bencher, &body).bench_local(|| rows(black_box(&body)).len());
}

/// Rewrites the rows.
#[divan::bench]
fn rewrite(bencher: Bencher<'_, '_>) {
    let body = body();
    let rows = rows(&body);
    let mut out = Vec::with_capacity(body.len());
    counted(bencher, &body).bench_local(|| write(black_box(&rows), &mut out));
}

/// Finds and rewrites the rows: the cost of a page.
#[divan::bench]
fn page(bencher: Bencher<'_, '_>) {
    let body = body();
    let mut out = Vec::with_capacity(body.len());
    counted(bencher, &body).bench_local(|| write(&rows(black_box(&body)), &mut out));
}

fn counted<'a, 'b>(bencher: Bencher<'a, 'b>, body: &[u8]) -> Bencher<'a, 'b> {
    bencher
        .counter(BytesCount::new(body.len()))
        .counter(ItemsCount::new(ROWS))
}

fn rows(body: &[u8]) -> Vec<&RawValue> {
    let answer: Answer<'_> = serde_json::from_slice(body).expect("the simulator speaks JSON");
    answer.rows
}

/// Rewrites the rows. Returns the newest cursor, so that the compiler cannot remove the work.
fn write(rows: &[&RawValue], out: &mut Vec<u8>) -> Option<i64> {
    out.clear();
    let row_keys = rows
        .iter()
        .filter_map(|row| rewrite::members(row.get().as_bytes(), FIELDS, out).ok());
    row_keys
        .filter(|row_key| row_key.key.is_some())
        .fold(None, |newest, row_key| newest.max(row_key.cursor))
}

/// Requests one page of invoices from the simulator.
fn body() -> Vec<u8> {
    let mut world = World::new(7);
    let tenant = world.add_tenant("Demo Company (NZ)", "NZD");
    world.fill(&tenant, Entity::Contacts, 200);
    world.fill(&tenant, Entity::Invoices, ROWS);
    let app = world.add_app(App::web("id", "secret"));
    let consent = "accounting.invoices.read offline_access";
    let tokens = world.consent(&app, std::slice::from_ref(&tenant), consent);
    let sim = Sim::start(world);
    let request = format!(
        "GET /api.xro/2.0/Invoices?page=1&pageSize={ROWS}&unitdp=4 HTTP/1.1\r\n\
         Host: {}\r\nConnection: close\r\nAccept: application/json\r\n\
         Authorization: Bearer {}\r\nxero-tenant-id: {}\r\n\r\n",
        sim.address(),
        tokens.access_token,
        tenant.as_str(),
    );
    let mut stream = TcpStream::connect(sim.address()).expect("the simulator listens");
    stream
        .write_all(request.as_bytes())
        .expect("the simulator reads");
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .expect("the simulator answers");
    let body = answer.windows(4).position(|four| four == b"\r\n\r\n");
    answer.split_off(body.expect("the answer has a head") + 4)
}
