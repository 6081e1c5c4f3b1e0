//! Counts calls as Xero does, at times that the client does not see.

/// Microseconds since the start of a run. Virtual time is exact.
pub(crate) type Micros = u64;

pub(crate) const SECOND: Micros = 1_000_000;
pub(crate) const WINDOW: Micros = 60 * SECOND;
/// The shortest time of a call. No response comes at once.
pub(crate) const LEAST: Micros = 1_000;

/// How a server counts a minute.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Windows {
    /// Edges at this phase and every minute from there.
    Fixed(Micros),
    Rolling,
}

/// One limit of a server.
#[derive(Debug)]
pub(crate) struct Counter {
    windows: Windows,
    calls_a_minute: usize,
    /// When the accepted calls were counted, oldest first; negative in the past of the run.
    counted: Vec<i64>,
}

impl Counter {
    pub(crate) fn new(windows: Windows, calls_a_minute: usize) -> Counter {
        Counter {
            windows,
            calls_a_minute,
            counted: Vec::new(),
        }
    }

    /// Returns the number of calls that are left after one more at `at`. If there is none, returns
    /// the seconds until the next one.
    pub(crate) fn left(&self, at: i64) -> Result<u32, u64> {
        let window = WINDOW as i64;
        let begins = match self.windows {
            Windows::Fixed(phase) => at - (at - phase as i64).rem_euclid(window),
            Windows::Rolling => at - window + 1,
        };
        let over = self.counted.partition_point(|then| *then < begins);
        let used = self.counted.len() - over;
        if used < self.calls_a_minute {
            return Ok((self.calls_a_minute - used - 1) as u32);
        }
        let free = match self.windows {
            Windows::Fixed(_) => begins + window - at,
            Windows::Rolling => self.counted[over] + window - at,
        };
        Err((free as u64).div_ceil(SECOND))
    }

    /// Counts a call at `at`.
    pub(crate) fn count(&mut self, at: i64) {
        self.counted.push(at);
    }
}
