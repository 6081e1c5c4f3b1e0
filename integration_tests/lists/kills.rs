//! `kill -9` at any moment while rows are edited: the next sync does not repeat rows before the last STATE, and
//! loses nothing.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use xero_sim::Entity;

use crate::support::connector::{command, read_arguments};
use crate::support::scene::{SCOPES, Scene, catalog};

/// Enough pages to be split into several ranges.
const ROWS: usize = 14_000;
const PAGE: usize = 1000;
/// Slow enough that a walk over all pages takes more than two seconds.
const LATENCY: Duration = Duration::from_millis(200);
/// Number of syncs to kill, a quarter of them on each thread.
const KILLS: usize = 100;
const THREADS: usize = 4;
/// Maximum number of output bytes before a sync is killed: a few pages.
const MOST: u64 = 3_000_000;

/// The part of a row that must arrive: its ID and its stamp.
type Version = (String, String);

/// The output of a killed sync.
#[derive(Default)]
struct Output {
    /// Rows whose lines are complete, in order.
    rows: Vec<Version>,
    /// Number of these rows before the last state.
    covered: usize,
    state: Option<Value>,
    error: Option<String>,
    killed: bool,
}

/// An organisation whose slow responses make a long walk split into ranges.
fn scene(rng: &mut Rng) -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Payments, ROWS);
        // Each row has its own stamp, because all rows of one stamp are read again with their
        // position.
        let mut stamp = world.now() - 400_000_000;
        world.restamp(tenant, Entity::Payments, |_| {
            stamp += rng.i64(1..28_000);
            stamp
        });
        world.unlimited();
        world.latency(LATENCY);
    })
}

/// Reads from a state and kills the process after it has printed a number of bytes.
fn sync(scene: &Scene, state: Option<&Value>, bytes: u64) -> Output {
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let config = scene.file("config.json", &config);
    let catalog = scene.file("catalog.json", &catalog(&["payments"]));
    let mut arguments = read_arguments(&config, &catalog).to_vec();
    let state = state.map(|state| scene.file("state.json", state));
    arguments.extend(state.iter().flat_map(|path| ["--state", path.as_str()]));
    let mut child = command(&arguments).spawn().expect("the binary starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut output = Output::default();
    let (mut read, mut line) = (0, Vec::new());
    // The last line may end anywhere, even inside a character.
    while stdout
        .read_until(b'\n', &mut line)
        .expect("a pipe can be read")
        > 0
        && line.ends_with(b"\n")
    {
        read += line.len() as u64;
        output.take(str::from_utf8(&line).expect("a whole line is text"));
        line.clear();
        if read > bytes && !output.killed {
            child.kill().expect("the child was started here");
            output.killed = true;
        }
    }
    let status = child.wait().expect("the child was started here");
    assert!(
        output.killed || status.success(),
        "{status}: {:?}",
        output.error
    );
    let mut errors = String::new();
    let mut stderr = child.stderr.take().expect("stderr is piped");
    stderr.read_to_string(&mut errors).expect("stderr is text");
    assert_eq!(errors, "");
    output
}

impl Output {
    fn take(&mut self, line: &str) {
        if line.starts_with(r#"{"type":"RECORD""#) {
            let text = |field: &str| {
                let (_, rest) = line.rsplit_once(&format!(r#""{field}":""#)).expect(field);
                rest.split('"').next().expect(field).to_owned()
            };
            self.rows.push((text("PaymentID"), text("UpdatedDateUTC")));
        } else if line.starts_with(r#"{"type":"STATE""#) {
            let message: Value = serde_json::from_str(line).expect("a whole line is JSON");
            self.state = Some(json!([message]));
            self.covered = self.rows.len();
        } else if line.contains(r#""type":"ERROR""#) {
            self.error = Some(line.to_owned());
        }
    }
}

/// Returns the number of open ranges in a state.
fn ranges(state: &Value, tenant: &str) -> usize {
    let tenant = &state[0]["state"]["stream"]["stream_state"]["tenants"][tenant];
    tenant["ranges"].as_array().map_or(1, Vec::len)
}

/// Returns the current version of every row.
fn truth(scene: &Scene) -> Vec<Version> {
    let output = sync(scene, None, u64::MAX);
    assert_eq!(output.rows.len(), ROWS);
    output.rows
}

/// Starts a sync and kills it, until one sync completes. Returns the number
/// of kills and the largest number of open ranges.
fn read_in_pieces(rng: &mut Rng) -> (usize, usize) {
    let scene = scene(rng);
    let edits = rng.bool();
    let (mut kills, mut most_ranges) = (0, 1);
    // The rows before a state.
    let mut arrived = HashSet::new();
    let mut state: Option<Value> = None;
    loop {
        let output = sync(&scene, state.as_ref(), rng.u64(0..MOST));
        let open = state.as_ref();
        let open = open.map_or(1, |state| ranges(state, scene.tenant.as_str()));
        // Only the rows at the position of a range are read again.
        let known = |row: &&Version| arrived.contains(*row);
        let repeated = output.rows.iter().filter(known).count();
        assert!(repeated <= open, "{repeated} rows of {open} ranges");
        // Rows that no state covers are read again.
        let uncovered = output.rows.len() - output.covered;
        assert!(uncovered <= PAGE, "{uncovered} rows behind the last state");
        arrived.extend(output.rows.into_iter().take(output.covered));
        most_ranges = most_ranges.max(open);
        state = output.state.or(state);
        if !output.killed {
            break;
        }
        kills += 1;
        if edits {
            scene.sim.world(|world| {
                for _ in 0..rng.usize(1..30) {
                    world.advance(Duration::from_millis(1)); // a stamp of its own here, too
                    world.touch(&scene.tenant, Entity::Payments, rng.u64(1..=ROWS as u64));
                }
            });
        }
    }
    let last = sync(&scene, state.as_ref(), u64::MAX);
    arrived.extend(last.rows);
    let mut lost = truth(&scene);
    lost.retain(|row| !arrived.contains(row));
    assert!(lost.is_empty(), "{} rows are lost: {lost:?}", lost.len());
    (kills, most_ranges)
}

#[test]
fn a_hundred_kills_lose_nothing_and_repeat_a_page_at_most() {
    let chain = |seed| {
        let mut rng = Rng::with_seed(seed);
        let (mut kills, mut most_ranges) = (0, 1);
        while kills < KILLS / THREADS {
            let (more, ranges) = read_in_pieces(&mut rng);
            (kills, most_ranges) = (kills + more, most_ranges.max(ranges));
        }
        most_ranges
    };
    let seeds = 0..THREADS as u64;
    let threads: Vec<_> = seeds
        .map(|seed| thread::spawn(move || chain(seed)))
        .collect();
    let ranges = threads
        .into_iter()
        .map(|thread| thread.join().expect("nothing was lost"));
    assert!(ranges.max() > Some(1), "no walk was cut");
}
