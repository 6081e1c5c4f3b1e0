//! Bodies are compressed, and the connector requests no more of them than stdout takes.

use std::io::Read;
use std::sync::mpsc;
use std::time::Duration;

use xero_sim::Entity;

use crate::support::connector::{command, read_arguments};
use crate::support::scene::{SCOPES, Scene, catalog};

/// Two pages may wait for stdout, and one more in each of Xero's five places.
const PAGES_HELD: usize = 2 + 5;

#[test]
fn bodies_are_requested_and_sent_compressed() {
    let scene = Scene::new();
    let run = scene.read(&scene.flat(), &["invoices", "journals"], None);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    let requests = scene.sim.requests();
    assert!(!requests.is_empty());
    for request in requests {
        let asked = request.accept_encoding.as_deref();
        assert_eq!(asked, Some("gzip"), "{}", request.path);
        if request.rows > Some(20) {
            let (sent, whole) = (request.sent_bytes, request.body_bytes);
            assert!(sent * 2 < whole, "{}: {sent} of {whole}", request.path);
        }
    }
    assert_eq!(run.records("invoices").len(), 120);
}

#[test]
fn a_server_that_does_not_compress_is_read() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.uncompressed();
        world.fill(tenant, Entity::Invoices, 30);
    });
    let run = scene.read(&scene.flat(), &["invoices"], None);
    assert_eq!((run.records("invoices").len(), run.code), (30, Some(0)));
}

#[test]
fn a_reader_that_takes_no_output_stops_the_calls() {
    let pages = 2 * PAGES_HELD;
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, pages * 1000);
    });
    let (asked, calls) = mpsc::channel();
    scene.sim.intercept(move |request, _| {
        if request.path.ends_with("/Invoices") {
            let _ = asked.send(());
        }
        None
    });
    let config = scene.file("config.json", &scene.flat());
    let catalog = scene.file("catalog.json", &catalog(&["invoices"]));
    let mut command = command(&read_arguments(&config, &catalog));
    let mut child = command.spawn().expect("the binary starts");

    // Two calls, however slow the machine is, and then until none comes for longer than one takes.
    let next = |wait| calls.recv_timeout(wait).ok();
    let first = (0..2).filter_map(|_| next(Duration::from_secs(30))).count();
    let quiet = Duration::from_millis(500);
    let early = first + std::iter::from_fn(|| next(quiet)).count();
    assert!((2..=PAGES_HELD).contains(&early), "{early} calls");

    let mut text = String::new();
    let stdout = child.stdout.as_mut().expect("stdout is piped");
    stdout.read_to_string(&mut text).expect("stdout is text");
    let records = text
        .lines()
        .filter(|line| line.contains(r#""type":"RECORD""#));
    assert_eq!(records.count(), pages * 1000);
    let status = child.wait().expect("the child was started here");
    assert_eq!(status.code(), Some(0));
    assert!(
        calls.try_iter().count() + early > pages,
        "the rest came once it was read"
    );
}
