//! Listens for the signals that end the process.

use std::ffi::c_int;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::flag;
use tokio::signal::unix::{SignalKind, signal};

/// The signals by which people, terminals and platforms end a process.
const ENDING: [c_int; 4] = [SIGTERM, SIGINT, SIGHUP, SIGQUIT];

/// Starts to listen for signals. The future resolves to the number of the first signal.
///
/// From now on these signals no longer kill the process directly, even if they come twice.
/// Otherwise an impatient user could lose tokens that were requested and not yet written.
pub(crate) fn listen() -> io::Result<impl Future<Output = c_int>> {
    // Without /proc the connector listens for every signal.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut signals = FuturesUnordered::new();
    for number in ENDING {
        // `nohup` and background jobs of a shell ignore some signals. They stay ignored, except
        // SIGTERM, by which the platform ends the connector.
        if number != SIGTERM && is_ignored(&status, number) {
            continue;
        }
        let mut signal = signal(SignalKind::from_raw(number))?;
        signals.push(async move {
            signal.recv().await;
            number
        });
    }
    Ok(async move { signals.next().await.unwrap_or(SIGTERM) })
}

/// Lets the next signal end the process at once.
pub(crate) fn let_end() {
    for number in ENDING {
        let is_armed = Arc::new(AtomicBool::new(true));
        // Without the handler, the process ends when its work is done.
        let _ = flag::register_conditional_shutdown(number, 128 + number, is_armed);
    }
}

/// Returns whether `status`, the text of /proc/self/status, lists the signal as ignored.
fn is_ignored(status: &str, number: c_int) -> bool {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_mask() {
        let status = "Name:\txero-source\nSigBlk:\t0000000000000007\nSigIgn:\t0000000000001001\n";
        for (number, ignored) in [
            (SIGHUP, true),
            (SIGINT, false),
            (SIGQUIT, false),
            (13, true),
        ] {
            assert_eq!(is_ignored(status, number), ignored, "{number}");
        }
        for status in ["", "SigIgn:\tnonsense\n"] {
            assert!(!is_ignored(status, SIGHUP), "{status}");
        }
    }
}
