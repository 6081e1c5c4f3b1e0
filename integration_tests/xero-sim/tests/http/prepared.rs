//! Pages that are written before they are requested, and a server that keeps no requests.

use std::io::Read;

use chrono::DateTime;
use flate2::read::GzDecoder;
use xero_sim::Entity;

use crate::client::{Fixture, fixture};

const GZIP: &str = "Accept-Encoding: gzip";

/// An organisation with more than one page of invoices and of contacts.
fn filled(prepares: bool) -> Fixture {
    fixture(|world, demo| {
        world.history_ends(1_782_864_000_000);
        world.fill(demo, Entity::Contacts, 1_100);
        world.fill(demo, Entity::Invoices, 1_100);
        if prepares {
            world.prepare_pages();
        }
    })
}

/// Whether the answer consists of a head and prepared rows: the gzip file begins with a block that
/// is stored and not compressed.
fn is_prepared(fixture: &Fixture, path: &str, more: &[&str]) -> bool {
    let packed = fixture.get_with(path, &[&[GZIP], more].concat()).body;
    packed.get(10) == Some(&0)
}

/// A page of the answer without the fields that change with each call.
fn page(fixture: &Fixture, path: &str) -> String {
    let answer = fixture.get_with(path, &[GZIP]);
    assert_eq!(answer.header("content-encoding"), Some("gzip"), "{path}");
    let mut text = String::new();
    let mut decoder = GzDecoder::new(answer.body.as_slice());
    decoder.read_to_string(&mut text).expect("whole gzip");
    let log = fixture.sim.requests();
    let logged = log.last().expect("the call is in the log");
    assert_eq!(
        (logged.sent_bytes, logged.body_bytes),
        (answer.body.len(), text.len()),
        "{path}"
    );
    let of_call = |line: &&str| !line.starts_with("  \"Id\"") && !line.contains("\"DateTimeUTC\"");
    text.split("\r\n").filter(of_call).collect()
}

#[test]
fn prepared_pages_are_those_that_are_written_on_demand() {
    let (prepared, usual) = (filled(true), filled(false));
    for path in [
        "/Invoices?page=1&pageSize=1000&order=UpdatedDateUTC",
        "/Invoices?page=2&pageSize=1000",
        "/Contacts?page=2&pageSize=1000&includeArchived=true",
        "/Contacts?page=1&pageSize=1000",
        "/Invoices?page=1&pageSize=1000&order=UpdatedDateUTC%20DESC",
        "/Invoices?page=1&pageSize=1000&unitdp=4",
        "/Invoices?page=1&pageSize=1000&summaryOnly=true",
        "/Invoices?page=3&pageSize=1000",
    ] {
        assert!(page(&prepared, path) == page(&usual, path), "{path}");
    }
}

#[test]
fn the_pages_that_the_connector_requests_are_prepared() {
    let fixture = filled(true);
    let mut stamps: Vec<_> = fixture.sim.world(|world| {
        let rows = world.rows(&fixture.demo, Entity::Invoices).iter();
        rows.map(|row| row.updated).collect()
    });
    stamps.sort_unstable();
    let time = DateTime::from_timestamp_millis(stamps[999]).expect("a year that chrono knows");
    let since = format!("If-Modified-Since: {}", time.format("%Y-%m-%dT%H:%M:%S"));
    let invoices = "/Invoices?page=1&pageSize=1000&order=UpdatedDateUTC&unitdp=4";
    let contacts = "/Contacts?page=1&pageSize=1000&includeArchived=true";
    for (path, headers, expected) in [
        (invoices, &[][..], true),
        (invoices, &[since.as_str()], true),
        (contacts, &[], true),
        ("/Invoices?page=1&pageSize=1000", &[], false),
        ("/Invoices?page=1&pageSize=999&unitdp=4", &[], false),
        ("/Invoices?page=3&pageSize=1000&unitdp=4", &[], false),
        ("/Accounts", &[], false),
    ] {
        let is_prepared = is_prepared(&fixture, path, headers);
        assert_eq!(is_prepared, expected, "{path} {headers:?}");
    }
}

#[test]
fn an_edit_shows_in_a_prepared_page() {
    let fixture = filled(true);
    let numbers = |reference: &str| {
        let path = "/Invoices?page=2&pageSize=1000&order=UpdatedDateUTC&unitdp=4";
        page(&fixture, path).matches(reference).count()
    };
    let contacts = "/Contacts?page=1&pageSize=1000&includeArchived=true";
    assert!(is_prepared(&fixture, contacts, &[]));
    assert_eq!(numbers(" v2\""), 0);
    fixture.sim.world(|world| {
        world.touch(&fixture.demo, Entity::Invoices, 17);
    });
    assert!(!is_prepared(&fixture, contacts, &[]));
    assert_eq!(numbers(" v2\""), 1);
}

#[test]
fn the_sums_count_calls_whose_requests_are_not_kept() {
    let fixture = filled(false);
    fixture.get("/Currencies");
    assert_eq!(fixture.sim.requests().len(), 1);
    fixture.sim.forget_requests();
    let answer = fixture.get("/Invoices?page=1");
    fixture.sim.world(|world| {
        let spent = 5_000;
        world.spend_day(&fixture.app, &fixture.demo, spent);
    });
    assert_eq!(fixture.get("/Currencies").status, 429);
    assert_eq!(fixture.sim.requests().len(), 1);
    let sums = fixture.sim.take_served();
    assert_eq!((sums.calls, sums.other_calls, sums.refused), (3, 0, 1));
    assert!(sums.sent_bytes > answer.body.len());
    assert_eq!(sums.sent_bytes, sums.body_bytes, "nothing was compressed");
    assert_eq!(fixture.sim.take_served(), xero_sim::Served::default());
}
