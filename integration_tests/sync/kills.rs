//! `kill -9` at any moment: the files that the manifest names stay whole, the next sync goes on, and no row
//! is lost.

use std::fs;
use std::process::Child;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use xero_sim::Entity;

use crate::support::scene::{SCOPES, Scene};
use crate::support::sync_folder::{SyncFolder, by_key};

/// A list that is read from its last position, and one that is replaced.
const STREAMS: [&str; 2] = ["payments", "bank_transfers"];
const PAYMENT: &[&str] = &["PaymentID"];
const TRANSFER: &[&str] = &["BankTransferID"];

const ROWS: usize = 8_000;
/// Slow enough that a sync saves several times.
const LATENCY: Duration = Duration::from_millis(150);
/// Number of syncs to kill on each thread.
const KILLS: usize = 8;
const THREADS: u64 = 2;
/// The time between two looks at the directory.
const LOOK: Duration = Duration::from_millis(1);

/// The moment of a kill.
#[derive(Debug)]
enum Moment {
    /// This number of requests has been sent.
    Requests(usize),
    /// The directory has this number of files more than before: a part has just got its name, and the
    /// manifest may not name it yet.
    Files(usize),
}

fn scene(rng: &mut Rng) -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Payments, ROWS);
        world.fill(tenant, Entity::BankTransfers, 300);
        let mut stamp = world.now() - 400_000_000;
        world.restamp(tenant, Entity::Payments, |_| {
            stamp += rng.i64(1..28_000);
            stamp
        });
        world.unlimited();
        world.latency(LATENCY);
    })
}

/// Runs a sync and kills it at a moment. Returns whether it ended before.
fn killed(folder: &SyncFolder, requests: &Receiver<()>, moment: &Moment) -> bool {
    while requests.try_recv().is_ok() {}
    let before = folder.files().len();
    let mut child: Child = folder
        .command(&STREAMS, &[])
        .spawn()
        .expect("the binary starts");
    let mut sent = 0;
    loop {
        match requests.recv_timeout(LOOK) {
            Ok(()) => sent += 1,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => panic!("the scene keeps the simulator"),
        }
        if child.try_wait().expect("it was started here").is_some() {
            let output = child.wait_with_output().expect("it was started here");
            assert!(output.status.success(), "{output:?}");
            return true;
        }
        let is_reached = match moment {
            Moment::Requests(count) => sent >= *count,
            Moment::Files(count) => folder.files().len() >= before + count,
        };
        if is_reached {
            child.kill().expect("the child was started here");
            child.wait().expect("the child was started here");
            return false;
        }
    }
}

/// Kills syncs until one completes. Returns the number of kills after which states were saved.
fn read_in_pieces(rng: &mut Rng, kills: usize) -> usize {
    let scene = scene(rng);
    let (send, requests) = mpsc::channel();
    scene.sim.intercept(move |_, _| {
        let _ = send.send(());
        None
    });
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let folder = SyncFolder::new(&scene, &config);
    let (mut saved, mut last) = (0, Value::Null);
    for _ in 0..kills {
        let moment = match rng.bool() {
            true => Moment::Requests(rng.usize(1..12)),
            false => Moment::Files(rng.usize(1..7)),
        };
        if killed(&folder, &requests, &moment) {
            break;
        }
        // The manifest names whole files only. The states cover no other rows.
        if folder.out().join("manifest.json").exists() {
            folder.manifest();
        }
        let state = fs::read_to_string(folder.out().join("state.json"));
        let state = state.map_or(Value::Null, Value::from);
        saved += usize::from(state != last);
        last = state;
        scene.sim.world(|world| {
            for _ in 0..rng.usize(0..20) {
                world.advance(Duration::from_millis(1));
                world.touch(&scene.tenant, Entity::Payments, rng.u64(1..=ROWS as u64));
            }
        });
    }
    scene.sim.world(|world| world.latency(Duration::ZERO));
    folder.completed(&STREAMS, &[]);
    folder.has_no_other_files();
    let truth = scene.read(&config, &STREAMS, None);
    let payments = by_key(truth.records("payments"), PAYMENT);
    assert_eq!(payments.len(), ROWS);
    assert!(
        folder.newest("payments", PAYMENT) == payments,
        "rows are lost"
    );
    let transfers = by_key(truth.records("bank_transfers"), TRANSFER);
    assert_eq!(folder.newest("bank_transfers", TRANSFER), transfers);
    saved
}

#[test]
fn kills_lose_no_row_and_leave_no_file() {
    let threads = (0..THREADS)
        .map(|seed| thread::spawn(move || read_in_pieces(&mut Rng::with_seed(seed), KILLS)));
    let threads: Vec<_> = threads.collect();
    let saved = threads
        .into_iter()
        .map(|it| it.join().expect("nothing was lost"));
    let saved: Vec<_> = saved.collect();
    assert!(
        saved.iter().all(|saved| *saved > 0),
        "nothing was saved before a kill: {saved:?}"
    );
}
