//! Tests the waits of 429s, which the rate limiter decides within the bounds of the retry policy.

use super::*;
use crate::xero::rate_limit::headers::{Limit, LimitHeaders};
use crate::xero::rate_limit::retry_after::{LimitError, wait};

fn retry_after(seconds: Option<u64>) -> LimitHeaders {
    LimitHeaders {
        retry_after: seconds.map(Duration::from_secs),
        ..LimitHeaders::default()
    }
}

#[test]
fn each_limit_has_its_own_wait() {
    let bounds = RetryPolicy::Unattended.wait_bounds(Duration::ZERO, Duration::ZERO);
    let seconds = |seconds| Ok(Duration::from_secs_f64(seconds));
    let day = |seconds| Err(LimitError::DaySpent(Duration::from_secs(seconds)));
    for (limit, hint, nth, waited) in [
        (Limit::Minute, Some(37), 1, seconds(37.0)),
        (Limit::Minute, None, 1, seconds(5.0)),
        (Limit::Minute, None, 2, seconds(10.0)),
        (Limit::Minute, None, 3, seconds(20.0)),
        (Limit::Minute, None, 4, seconds(25.0)),
        (Limit::Minute, None, 9, seconds(25.0)),
        (Limit::AppMinute, Some(3), 1, seconds(3.0)),
        (Limit::AppMinute, None, 2, seconds(10.0)),
        (Limit::Concurrent, None, 1, seconds(1.5)),
        (Limit::Concurrent, Some(7), 1, seconds(7.0)),
        (Limit::Day, Some(66975), 1, day(66975)),
        (Limit::Day, None, 1, day(86400)),
        (Limit::Minute, Some(1), 12, Err(LimitError::StillLimited)),
    ] {
        assert_eq!(
            wait(nth, limit, &retry_after(hint), bounds, HALF),
            waited,
            "{limit:?} {hint:?} number {nth}"
        );
    }
}

#[test]
fn a_check_waits_briefly_and_rarely() {
    let bounds = RetryPolicy::Interactive.wait_bounds(Duration::ZERO, Duration::ZERO);
    let still = Err(LimitError::StillLimited);
    for (hint, nth, waited) in [
        (Some(20), 1, Ok(Duration::from_secs(20))),
        (Some(21), 1, still),
        (Some(37), 1, still),
        (None, 2, Ok(Duration::from_secs(10))),
        (None, 3, still),
        (None, 7, still),
    ] {
        let decided = wait(nth, Limit::Minute, &retry_after(hint), bounds, HALF);
        assert_eq!(decided, waited, "{hint:?} number {nth}");
    }
}

#[test]
fn waits_for_limits_count_as_standstill() {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    for (elapsed, idle, waited) in [
        (minutes(28), minutes(58), Ok(minutes(1))),
        (minutes(0), minutes(59), Err(LimitError::StillLimited)),
        (minutes(29), minutes(0), Err(LimitError::StillLimited)),
    ] {
        let bounds = RetryPolicy::Unattended.wait_bounds(elapsed, idle);
        let decided = wait(1, Limit::Minute, &retry_after(Some(60)), bounds, HALF);
        assert_eq!(decided, waited, "{elapsed:?} {idle:?}");
    }
}
