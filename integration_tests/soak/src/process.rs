//! Runs the connector as a child process: how its output is read, and when it is killed.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::{Pid, Signal, kill_process};

/// A run that takes longer hangs. The longest pause of a run is a timeout of the connector.
const LONGEST: Duration = Duration::from_secs(180);

/// When a run is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    Never,
    /// After this number of lines was read.
    Lines(usize),
    /// As soon as this number of requests has arrived.
    Calls(usize),
    /// After this time.
    Time(Duration),
}

/// How the output is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    Quick,
    /// Pauses for a millisecond every this number of lines.
    Slow(usize),
    /// Reads nothing for this time after the line.
    Stuck(usize, Duration),
    /// Closes the pipe after the line.
    Closing(usize),
}

/// How a run is disturbed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disturbance {
    pub(crate) signal: Signal,
    pub(crate) moment: Moment,
    pub(crate) reader: Reader,
}

impl Disturbance {
    pub(crate) const NONE: Disturbance = Disturbance {
        signal: Signal::KILL,
        moment: Moment::Never,
        reader: Reader::Quick,
    };

    /// A random one. `lines` and `calls` are those of a usual run.
    pub(crate) fn random(rng: &mut Rng, lines: usize, calls: usize) -> Disturbance {
        let signal = [Signal::KILL, Signal::KILL, Signal::TERM, Signal::INT][rng.usize(..4)];
        let moment = match rng.u8(..10) {
            0..4 => Moment::Lines(rng.usize(1..lines.max(2))),
            4..8 => Moment::Calls(rng.usize(1..calls.max(2))),
            8 => Moment::Time(Duration::from_millis(rng.u64(0..150))),
            _ => Moment::Time(Duration::ZERO),
        };
        Disturbance {
            signal,
            moment,
            ..Disturbance::NONE
        }
    }
}

/// The running process. Its id is forgotten before the process is, so that no other process is killed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target(Arc<Mutex<Option<Pid>>>);

impl Target {
    fn set(&self, pid: Option<Pid>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = pid;
    }

    /// Sends a signal if the process still runs. Returns whether it was sent.
    pub(crate) fn send(&self, signal: Signal) -> bool {
        let pid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pid.is_some_and(|pid| kill_process(pid, signal).is_ok())
    }
}

/// What one run wrote and how it ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) lines: Vec<String>,
    pub(crate) stderr: String,
    pub(crate) status: ExitStatus,
    /// Whether the soak killed it or closed its output.
    pub(crate) disturbed: bool,
    pub(crate) hung: bool,
    pub(crate) took: Duration,
}

impl Outcome {
    /// Whether the output has a text.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.stderr.contains(text) || self.lines.iter().any(|line| line.contains(text))
    }
}

/// Runs the connector to its end.
pub(crate) fn run(
    binary: &Path,
    arguments: &[&str],
    timeout_ms: u32,
    disturbance: Disturbance,
    target: &Target,
) -> Outcome {
    let began = Instant::now();
    let mut child = Command::new(binary)
        .args(arguments)
        .env_clear()
        .env("XERO_SOURCE_PAUSE_CAP_MS", "20")
        .env("XERO_SOURCE_TIMEOUT_CAP_MS", timeout_ms.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the connector starts");
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    target.set(pid);
    let stdout = child.stdout.take().expect("stdout is piped");
    let mut stderr = child.stderr.take().expect("stderr is piped");
    let messages = thread::spawn(move || {
        let mut bytes = Vec::new();
        // A killed process may end in the middle of a character.
        let _ = stderr.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let guard = Guard::start(target.clone(), disturbance);
    let (lines, mut disturbed) = read(stdout, disturbance, target);
    let mut hung = guard.end();
    // The process may still write files. It is waited for before its id is forgotten.
    let status = wait(&mut child, target, began);
    hung |= began.elapsed() > LONGEST;
    target.set(None);
    let _ = child.wait();
    disturbed |= status.signal().is_some();
    Outcome {
        lines,
        stderr: messages.join().unwrap_or_default(),
        disturbed,
        hung,
        status,
        took: began.elapsed(),
    }
}

fn wait(child: &mut std::process::Child, target: &Target, began: Instant) -> ExitStatus {
    loop {
        if let Some(status) = child.try_wait().expect("the child was started here") {
            return status;
        }
        if began.elapsed() > LONGEST {
            target.send(Signal::KILL);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Kills the process after a time, and in any case if it hangs.
struct Guard {
    over: Arc<(Mutex<bool>, Condvar)>,
    thread: thread::JoinHandle<bool>,
}

impl Guard {
    fn start(target: Target, disturbance: Disturbance) -> Guard {
        let over = Arc::new((Mutex::new(false), Condvar::new()));
        let shared = Arc::clone(&over);
        let thread = thread::spawn(move || {
            let waits = |time: Duration| {
                let (lock, changed) = &*shared;
                let over = lock.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = changed.wait_timeout_while(over, time, |over| !*over);
                *waited.unwrap_or_else(PoisonError::into_inner).0
            };
            if let Moment::Time(time) = disturbance.moment {
                if waits(time) {
                    return false;
                }
                target.send(disturbance.signal);
            }
            if waits(LONGEST) {
                return false;
            }
            target.send(Signal::KILL);
            true
        });
        Guard { over, thread }
    }

    /// Returns whether the process hung.
    fn end(self) -> bool {
        let (lock, changed) = &*self.over;
        *lock.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
        self.thread.join().unwrap_or(false)
    }
}

fn read(stdout: impl Read, disturbance: Disturbance, target: &Target) -> (Vec<String>, bool) {
    let mut lines = Vec::new();
    let mut reader = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        let length = reader.read_until(b'\n', &mut line).unwrap_or(0);
        // A killed process may end in the middle of a line. Platforms ignore such a line.
        if length == 0 || line.pop() != Some(b'\n') {
            return (lines, false);
        }
        lines.push(String::from_utf8_lossy(&line).into_owned());
        match disturbance.reader {
            Reader::Slow(each) if lines.len() % each == 0 => {
                thread::sleep(Duration::from_millis(1));
            }
            Reader::Stuck(at, time) if lines.len() == at => thread::sleep(time),
            Reader::Closing(at) if lines.len() == at => return (lines, true),
            _ => {}
        }
        if let Moment::Lines(at) = disturbance.moment
            && lines.len() == at
        {
            target.send(disturbance.signal);
        }
    }
}
