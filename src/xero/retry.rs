//! What to do about an attempt that brought no page: a pure verdict over the
//! attempt's number and what came back. No clock, no socket, no sleep.
//!
//! The rules are Xero's (developer.xero.com: response codes, limits,
//! troubleshooting) and the server's own hint outranks ours.

use std::time::Duration;

use crate::xero::fault::Fault;
use crate::xero::problem::Problem;
use crate::xero::rate_limit::headers::{DAY, Limit, Limits};

pub(crate) use crate::xero::patience::Patience;

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
    /// A list beyond all bounds. Trying again does not help.
    TooLarge,
    /// Anything else beyond its bounds, in words. Trying again does not help.
    Oversized(&'a str),
    /// No secure connection: the certificate is not trusted or there is no TLS.
    /// Trying again does not help.
    Tls(&'a str),
}

impl Outcome<'_> {
    /// The limit that was met.
    fn limit(&self) -> Option<Limit> {
        match self {
            Outcome::Status { limits, .. } => limits.refused,
            _ => None,
        }
    }

    /// What it is called once it is given up.
    fn fault(&self) -> Fault {
        let (status, limits, problem) = match self {
            Outcome::Tls(why) => return Fault::Tls((*why).into()),
            Outcome::Network(why) => return Fault::Unreachable((*why).into()),
            Outcome::BadBody(why) => return Fault::NoPage((*why).into()),
            Outcome::TooLarge => return Fault::HighVolume,
            Outcome::Oversized(why) => return Fault::Oversized((*why).into()),
            Outcome::Status {
                status,
                limits,
                problem,
            } => (*status, *limits, *problem),
        };
        match status {
            401 if problem.says(NOT_PERMITTED) => Fault::NotPermitted,
            401 => Fault::TokenRefused,
            403 => Fault::Forbidden(problem.text.clone()),
            429 if limits.refused == Some(Limit::Day) => {
                Fault::DayLimit(limits.retry_after.unwrap_or(DAY))
            }
            429 => Fault::StillLimited,
            400 if problem.number == Some(HIGH_VOLUME) => Fault::HighVolume,
            400 if problem.says("high volume") => Fault::HighVolume,
            503 if problem.says(OFFLINE) => Fault::OrganisationOffline,
            501 => Fault::refused(status, problem),
            408 | 500..=599 => Fault::Unavailable(problem.with(status)),
            _ => Fault::refused(status, problem),
        }
    }
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

/// How often and how long a call was tried. Limits are counted apart: they lift by
/// themselves and do not use up the patience with faults.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tries {
    faults: u32,
    /// How often in a row the limit was met, by this call or by others of the organisation.
    pub(crate) limits: u32,
    /// Since the call was first tried.
    pub(crate) spent: Duration,
    /// Since the process last brought anything.
    pub(crate) idle: Duration,
    /// The call is about one document among many: a later sync makes it again.
    pub(crate) is_one_of_many: bool,
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

/// What a 401 says if the token is good, but the scope or the app's tier is missing.
const NOT_PERMITTED: &str = "AuthorizationUnsuccessful";

/// What a 503 says if it is about one organisation.
const OFFLINE: &str = "organisation is offline";

/// `ErrorNumber` of a HighVolumeException.
const HIGH_VOLUME: i64 = 51;

const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Xero asks to try an organisation that is offline again after some five minutes.
const OFFLINE_PAUSE: Duration = Duration::from_secs(300);

/// Pauses after a minute limit without Retry-After: together they outlast a window.
const BLIND_PAUSES: [u64; 4] = [5, 10, 20, 25];

/// Judges the attempt that `tries` counted last. `roll` from 0 to 1 is the jitter.
pub(crate) fn judge(tries: Tries, patience: Patience, outcome: &Outcome<'_>, roll: f64) -> Verdict {
    if let Outcome::Status {
        status: 401,
        problem,
        ..
    } = outcome
        && !problem.says(NOT_PERMITTED)
    {
        return Verdict::RenewToken {
            expired: problem.says("TokenExpired"),
        };
    }
    match pause(tries, patience, outcome, roll) {
        Some(after) if after < patience.left(tries.spent, tries.idle) => Verdict::Retry {
            after,
            limit: outcome.limit(),
        },
        _ => Verdict::Fail(outcome.fault()),
    }
}

/// How long to wait before another attempt; none if there shall be none.
fn pause(tries: Tries, patience: Patience, outcome: &Outcome<'_>, roll: f64) -> Option<Duration> {
    let again = |attempts: u32, hint: Option<Duration>| {
        let pause = || hint.unwrap_or_else(|| backoff(tries.faults, roll));
        (tries.faults < attempts).then(pause)
    };
    let (status, limits, problem) = match outcome {
        Outcome::Network(_) | Outcome::BadBody(_) => return again(patience.attempts(), None),
        Outcome::TooLarge | Outcome::Oversized(_) | Outcome::Tls(_) => return None,
        Outcome::Status {
            status,
            limits,
            problem,
        } => (*status, *limits, *problem),
    };
    let hint = limits.retry_after;
    match status {
        429 => limited(tries.limits, patience, limits, roll),
        403 if problem.says("role") || problem.says("permission") => None,
        403 if tries.is_one_of_many => None,
        403 => again(patience.attempts_at_forbidden(), None),
        503 if problem.says(OFFLINE) => {
            again(patience.attempts_at_offline(), hint.or(Some(OFFLINE_PAUSE)))
        }
        501 => None,
        408 | 500..=599 => again(patience.attempts(), hint),
        _ => None,
    }
}

/// How long to wait for a limit that was met for the `nth` time in a row.
fn limited(nth: u32, patience: Patience, limits: &Limits, roll: f64) -> Option<Duration> {
    let blind = match limits.refused? {
        Limit::Day => return None,
        Limit::Concurrent => Duration::from_secs_f64(1.0 + roll),
        Limit::Minute | Limit::AppMinute => {
            let nth = nth.saturating_sub(1) as usize;
            Duration::from_secs(BLIND_PAUSES[nth.min(BLIND_PAUSES.len() - 1)])
        }
    };
    let after = limits.retry_after.unwrap_or(blind);
    let worth = nth < patience.limits() && after <= patience.longest_wait();
    worth.then_some(after)
}

/// Exponential with full jitter: up to 1, 2, 4 ... 60 seconds.
fn backoff(attempt: u32, roll: f64) -> Duration {
    let longest = Duration::from_secs(1 << (attempt - 1).min(6)).min(LONGEST_BACKOFF);
    longest.mul_f64(roll)
}

#[cfg(test)]
mod tests;
