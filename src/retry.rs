//! What to do about an attempt that brought no page: a pure verdict over the
//! attempt's number and what came back. No clock, no socket, no sleep.
//!
//! The rules are Xero's (developer.xero.com: response codes, limits,
//! troubleshooting) and the server's own hint outranks ours.

use std::time::Duration;

use crate::limits::{Limit, Limits};
use crate::problem::Problem;

/// How an attempt without a page ended.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    /// Xero answered with a status other than success.
    Status {
        status: u16,
        limits: &'a Limits,
        problem: &'a Problem,
    },
    /// A success whose body is no page: cut short, empty, HTML, without its key.
    BadBody(&'a str),
    /// No whole answer: refused, reset, timed out.
    Network(&'a str),
    /// A body beyond all bounds. Trying again does not help.
    TooLarge,
    /// No secure connection: the certificate is not trusted or there is no TLS.
    /// Trying again does not help.
    Tls(&'a str),
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Try again after a while; `limit` where one of Xero's limits is the reason.
    Retry {
        after: Duration,
        limit: Option<Limit>,
    },
    /// The access token is not good: get another one, once, and try again.
    RenewToken {
        /// Xero says that it expired; otherwise it does not know it.
        expired: bool,
    },
    /// Give up.
    Fail(Fault),
}

/// Why a call was given up, to be put into words by who knows the stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// 401: the token is expired, revoked or garbage.
    TokenRefused,
    /// 401 AuthorizationUnsuccessful: the token is good, the scope or the app's tier is missing.
    NotPermitted,
    /// 403: the organisation is not connected, or the user's role forbids it.
    Forbidden(String),
    /// 400, 404 and other answers that stay as they are.
    Refused { status: u16, text: String },
    /// 400 with ErrorNumber 51, or a body beyond all bounds: too many rows for one request.
    HighVolume,
    /// 429: the day's calls are spent; they return after this time.
    DayLimit(Duration),
    /// Another limit that did not lift although the waits were kept.
    StillLimited,
    /// 503 "The Organisation is offline".
    OrganisationOffline,
    /// 5xx more often than patience allows.
    Unavailable(String),
    /// A success that is no page, more often than patience allows.
    NoPage(String),
    /// The network failed more often than patience allows.
    Unreachable(String),
    /// No secure connection.
    Tls(String),
}

/// How often a call was tried, counted apart: limits lift by themselves and do
/// not use up the patience with faults.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tries {
    faults: u32,
    limits: u32,
}

impl Tries {
    /// Counts one more.
    pub(crate) fn count(&mut self, outcome: &Outcome<'_>) {
        match outcome {
            Outcome::Status { status: 429, .. } => self.limits += 1,
            _ => self.faults += 1,
        }
    }
}

/// How long to go on trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Somebody waits for the answer: a check.
    Brief,
    /// An unattended sync.
    Long,
}

impl Patience {
    fn attempts(self) -> u32 {
        match self {
            Patience::Brief => 3,
            Patience::Long => 8,
        }
    }

    /// The longest wait for a limit: nobody waits a minute for a check.
    fn longest_wait(self) -> Duration {
        match self {
            Patience::Brief => Duration::from_secs(20),
            Patience::Long => LONGEST_MINUTE,
        }
    }

    /// Limits lift by themselves; more in a row mean that somebody else takes every call.
    fn limits(self) -> u32 {
        match self {
            Patience::Brief => 3,
            Patience::Long => 12,
        }
    }
}

const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Xero asks to try an organisation that is offline again after some five minutes.
const OFFLINE_PAUSE: Duration = Duration::from_secs(300);
const OFFLINE_ATTEMPTS: u32 = 3;

/// Pauses after a minute limit without Retry-After: together they outlast a window.
const BLIND_PAUSES: [u64; 4] = [5, 10, 20, 25];

/// A Retry-After beyond this is the day's, whatever the limit is called.
const LONGEST_MINUTE: Duration = Duration::from_secs(120);

/// Judges the attempt that `tries` counted last. `roll` from 0 to 1 is the jitter.
pub(crate) fn judge(tries: Tries, patience: Patience, outcome: &Outcome<'_>, roll: f64) -> Verdict {
    let attempt = tries.faults;
    let again = |fault: Fault| {
        if attempt < patience.attempts() {
            retry(backoff(attempt, roll))
        } else {
            Verdict::Fail(fault)
        }
    };
    let (status, limits, problem) = match outcome {
        Outcome::Tls(why) => return Verdict::Fail(Fault::Tls((*why).into())),
        Outcome::Network(why) => return again(Fault::Unreachable((*why).into())),
        Outcome::BadBody(why) => return again(Fault::NoPage((*why).into())),
        Outcome::TooLarge => return Verdict::Fail(Fault::HighVolume),
        Outcome::Status {
            status,
            limits,
            problem,
        } => (*status, *limits, *problem),
    };
    match status {
        401 if problem.says("AuthorizationUnsuccessful") => Verdict::Fail(Fault::NotPermitted),
        401 => Verdict::RenewToken {
            expired: problem.says("TokenExpired"),
        },
        // Seen to pass by itself although the organisation was connected all the time.
        403 if attempt < 2 && patience == Patience::Long => retry(backoff(attempt, roll)),
        403 => Verdict::Fail(Fault::Forbidden(problem.text.clone())),
        429 => limited(tries.limits, patience, limits, roll),
        400 if problem.number == Some(51) => Verdict::Fail(Fault::HighVolume),
        503 if problem.says("organisation is offline") => match patience {
            Patience::Long if attempt < OFFLINE_ATTEMPTS => retry(OFFLINE_PAUSE),
            _ => Verdict::Fail(Fault::OrganisationOffline),
        },
        408 | 500..=599 if status != 501 => match limits.retry_after {
            Some(after) if attempt < patience.attempts() => retry(after.min(LONGEST_MINUTE)),
            _ => again(Fault::Unavailable(problem.with(status))),
        },
        _ => Verdict::Fail(Fault::Refused {
            status,
            text: problem.text.clone(),
        }),
    }
}

fn retry(after: Duration) -> Verdict {
    Verdict::Retry { after, limit: None }
}

fn limited(attempt: u32, patience: Patience, limits: &Limits, roll: f64) -> Verdict {
    let limit = limits.problem.unwrap_or(match limits.day_left {
        Some(0) => Limit::Day,
        _ => Limit::Minute,
    });
    let hint = limits.retry_after;
    if limit == Limit::Day || hint.is_some_and(|hint| hint > LONGEST_MINUTE) {
        // Without a hint: Xero's day is at most a day away.
        let day = Duration::from_secs(24 * 60 * 60);
        return Verdict::Fail(Fault::DayLimit(hint.unwrap_or(day)));
    }
    if attempt >= patience.limits() {
        return Verdict::Fail(Fault::StillLimited);
    }
    let after = match (limit, hint) {
        (Limit::Concurrent, None) => Duration::from_secs_f64(1.0 + roll),
        (_, Some(hint)) => hint,
        (_, None) => {
            let nth = (attempt as usize - 1).min(BLIND_PAUSES.len() - 1);
            Duration::from_secs(BLIND_PAUSES[nth])
        }
    };
    if after > patience.longest_wait() {
        return Verdict::Fail(Fault::StillLimited);
    }
    Verdict::Retry {
        after,
        limit: Some(limit),
    }
}

/// Exponential with full jitter: up to 1, 2, 4 ... 60 seconds.
fn backoff(attempt: u32, roll: f64) -> Duration {
    let longest = Duration::from_secs(1 << (attempt - 1).min(6)).min(LONGEST_BACKOFF);
    longest.mul_f64(roll)
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
