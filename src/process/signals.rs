//! The signals by which people, terminals and platforms end the process.

use std::ffi::c_int;
use std::io;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use tokio::signal::unix::{SignalKind, signal};

/// Starts to listen; the future ends with the number of the first signal that comes.
/// From now on none of them kills the process, not even its second one: the new tokens
/// that an end waits for are worth more than the hurry.
pub(crate) fn listen() -> io::Result<impl Future<Output = c_int>> {
    // Without /proc nothing counts as ignored.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut signals = FuturesUnordered::new();
    for number in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
        // `nohup`, and a shell that starts a process in the background, have signals
        // ignored. SIGTERM is the platform's word and always heard.
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

/// Whether the process ignores a signal, by the text of its /proc/self/status.
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
