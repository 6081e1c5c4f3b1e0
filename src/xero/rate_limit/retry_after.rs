//! Decides how long to wait after a 429. Pure: the caller passes the time and the random number.
//!
//! If Xero sends `Retry-After`, it decides. Source: developer.xero.com, OAuth 2.0 API limits.

use std::time::Duration;

use crate::xero::rate_limit::headers::{DAY, Limit, LimitHeaders};

/// Waits for a minute limit without `Retry-After`, in seconds. Together they outlast a window.
const WAITS_WITHOUT_HINT: [u64; 4] = [5, 10, 20, 25];

/// The bounds of a request's waits for rate limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WaitBounds {
    /// Maximum number of consecutive 429s. More mean that another program takes every call.
    pub(crate) max_refusals: u32,
    /// The longest single wait.
    pub(crate) longest_wait: Duration,
    /// The time that is left for the whole request.
    pub(crate) time_left: Duration,
}

/// A rate limit for which the request does not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitError {
    /// The calls of the day are spent. The next day starts after this time.
    DaySpent(Duration),
    /// This number of calls is left of the day, and all of them are reserved for other programs.
    Reserved(usize),
    /// The limit did not lift, or would not lift in time.
    StillLimited,
}

/// Returns how long to wait after the `nth` consecutive 429, which `limit` caused. `roll`, from 0
/// to 1, is the jitter.
pub(crate) fn wait(
    nth: u32,
    limit: Limit,
    headers: &LimitHeaders,
    bounds: WaitBounds,
    roll: f64,
) -> Result<Duration, LimitError> {
    let without_hint = match limit {
        Limit::Day => return Err(LimitError::DaySpent(headers.retry_after.unwrap_or(DAY))),
        Limit::Concurrent => Duration::from_secs_f64(1.0 + roll),
        Limit::Minute | Limit::AppMinute => {
            let index = nth.saturating_sub(1) as usize;
            Duration::from_secs(WAITS_WITHOUT_HINT[index.min(WAITS_WITHOUT_HINT.len() - 1)])
        }
    };
    let wait = headers.retry_after.unwrap_or(without_hint);
    let is_allowed =
        nth < bounds.max_refusals && wait <= bounds.longest_wait && wait < bounds.time_left;
    is_allowed.then_some(wait).ok_or(LimitError::StillLimited)
}
