//! Decides what follows a failed attempt. Pure: the caller passes the time and the random number.
//!
//! The rate limiter handles 429s. All other failures follow Xero's rules (developer.xero.com:
//! response codes, troubleshooting). A `Retry-After` header takes precedence over the pauses here.

use std::time::Duration;

use crate::xero::fault::Fault;
use crate::xero::problem::Problem;
use crate::xero::rate_limit::retry_after::WaitBounds;

/// Maximum time without a page for the whole process. Airbyte stops a source that sends neither a
/// record nor a state for three hours. One hour leaves time for the last attempt.
pub(crate) const LONGEST_STANDSTILL: Duration = Duration::from_secs(60 * 60);

/// The text of a 401 if the token is valid, but a scope or the app's tier is missing.
const NOT_PERMITTED: &str = "AuthorizationUnsuccessful";

/// The text of a 503 if a single organisation is offline.
const OFFLINE: &str = "organisation is offline";

/// Pause for an organisation that is offline. Xero advises about five minutes.
const OFFLINE_PAUSE: Duration = Duration::from_secs(300);

/// `ErrorNumber` of a HighVolumeException.
const HIGH_VOLUME: i64 = 51;

const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// How many attempts a request gets, and how long they may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// A person waits for the result: check and discover.
    Interactive,
    /// A sync that nobody watches.
    Unattended,
}

impl RetryPolicy {
    /// Returns the number of attempts for outages, network errors and unusable bodies.
    fn attempts(self) -> u32 {
        match self {
            RetryPolicy::Interactive => 3,
            RetryPolicy::Unattended => 8,
        }
    }

    /// Returns the number of attempts for a 403 or an organisation that is offline. Xero has sent
    /// 403s for some seconds although the organisation was connected.
    fn few_attempts(self) -> u32 {
        match self {
            RetryPolicy::Interactive => 1,
            RetryPolicy::Unattended => 3,
        }
    }

    /// Returns how long and how often a request may wait for rate limits. `elapsed` is the time
    /// since its first attempt, `idle` the time since the process last received a page.
    pub(crate) fn wait_bounds(self, elapsed: Duration, idle: Duration) -> WaitBounds {
        let (max_refusals, longest_wait) = match self {
            // A person who runs a check does not wait a minute.
            RetryPolicy::Interactive => (3, Duration::from_secs(20)),
            RetryPolicy::Unattended => (12, Duration::MAX),
        };
        WaitBounds {
            max_refusals,
            longest_wait,
            time_left: self.time_left(elapsed, idle),
        }
    }

    /// Returns the time that remains for a request.
    fn time_left(self, elapsed: Duration, idle: Duration) -> Duration {
        let longest_request = match self {
            RetryPolicy::Interactive => Duration::from_secs(60),
            RetryPolicy::Unattended => Duration::from_secs(30 * 60),
        };
        let request = longest_request.saturating_sub(elapsed);
        request.min(LONGEST_STANDSTILL.saturating_sub(idle))
    }
}

/// How an attempt failed.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    /// Xero answered with a status other than success or 429.
    Status {
        status: u16,
        retry_after: Option<Duration>,
        problem: &'a Problem,
    },
    /// A success with an unusable body: cut short, empty, HTML, or without the expected key.
    BadBody(&'a str),
    /// No complete response: refused, reset or timed out.
    Network(&'a str),
    /// A list above the size limit. Another attempt would bring the same list.
    TooLarge,
    /// Another body or a row above its size limit. Another attempt would bring the same.
    Oversized(&'a str),
    /// No secure connection, because the certificate is not trusted or the server does not support
    /// TLS. Another attempt would not help.
    Tls(&'a str),
}

impl Outcome<'_> {
    /// Returns the fault to report if no further attempt follows.
    fn fault(&self) -> Fault {
        let (status, problem) = match self {
            Outcome::Tls(why) => return Fault::Tls((*why).into()),
            Outcome::Network(why) => return Fault::Unreachable((*why).into()),
            Outcome::BadBody(why) => return Fault::NoPage((*why).into()),
            Outcome::TooLarge => return Fault::HighVolume,
            Outcome::Oversized(why) => return Fault::Oversized((*why).into()),
            Outcome::Status {
                status, problem, ..
            } => (*status, *problem),
        };
        match status {
            401 if problem.contains(NOT_PERMITTED) => Fault::NotPermitted,
            401 => Fault::TokenRefused,
            403 => Fault::Forbidden(problem.text.clone()),
            400 if problem.number == Some(HIGH_VOLUME) => Fault::HighVolume,
            400 if problem.contains("high volume") => Fault::HighVolume,
            503 if problem.contains(OFFLINE) => Fault::OrganisationOffline,
            501 => Fault::refused(status, problem),
            408 | 500..=599 => Fault::Unavailable(problem.with_status(status)),
            _ => Fault::refused(status, problem),
        }
    }
}

/// What follows a failed attempt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Another attempt after a pause.
    Retry { after: Duration },
    /// Another attempt with a new access token, once.
    RenewToken {
        /// Xero says that the token expired. Otherwise Xero does not know the token.
        expired: bool,
    },
    /// No further attempt.
    Fail(Fault),
}

/// The attempts of one request so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Attempts {
    /// Number of failed attempts. A 429 does not count.
    pub(crate) failed: u32,
    /// The time since the first attempt.
    pub(crate) elapsed: Duration,
    /// The time since the process last received a page.
    pub(crate) idle: Duration,
    /// The request is about one document among many. A later sync can repeat it.
    pub(crate) is_one_of_many: bool,
    /// No request waits for the organisation while it is offline. Another one has waited, or other
    /// organisations would wait as well.
    pub(crate) is_known_offline: bool,
}

/// Decides what follows the last failed attempt. `jitter` is a random number from 0 to 1.
pub(crate) fn judge(
    attempts: Attempts,
    policy: RetryPolicy,
    outcome: &Outcome<'_>,
    jitter: f64,
) -> Verdict {
    if let Outcome::Status {
        status: 401,
        problem,
        ..
    } = outcome
        && !problem.contains(NOT_PERMITTED)
    {
        return Verdict::RenewToken {
            expired: problem.contains("TokenExpired"),
        };
    }
    match pause(attempts, policy, outcome, jitter) {
        Some(after) if after < policy.time_left(attempts.elapsed, attempts.idle) => {
            Verdict::Retry { after }
        }
        _ => Verdict::Fail(outcome.fault()),
    }
}

/// Returns the pause before the next attempt, or `None` if there is no next attempt.
fn pause(
    attempts: Attempts,
    policy: RetryPolicy,
    outcome: &Outcome<'_>,
    jitter: f64,
) -> Option<Duration> {
    let up_to = |most: u32, hint: Option<Duration>| {
        let pause = || hint.unwrap_or_else(|| backoff(attempts.failed, jitter));
        (attempts.failed < most).then(pause)
    };
    let (status, hint, problem) = match outcome {
        Outcome::Network(_) | Outcome::BadBody(_) => return up_to(policy.attempts(), None),
        Outcome::TooLarge | Outcome::Oversized(_) | Outcome::Tls(_) => return None,
        Outcome::Status {
            status,
            retry_after,
            problem,
        } => (*status, *retry_after, *problem),
    };
    match status {
        403 if problem.contains("role") || problem.contains("permission") => None,
        403 if attempts.is_one_of_many => None,
        403 => up_to(policy.few_attempts(), None),
        503 if problem.contains(OFFLINE) && attempts.is_known_offline => None,
        503 if problem.contains(OFFLINE) => {
            up_to(policy.few_attempts(), hint.or(Some(OFFLINE_PAUSE)))
        }
        501 => None,
        408 | 500..=599 => up_to(policy.attempts(), hint),
        _ => None,
    }
}

/// Returns an exponential backoff with full jitter: up to 1, 2, 4 ... 60 seconds.
fn backoff(failed: u32, jitter: f64) -> Duration {
    let longest = Duration::from_secs(1 << (failed - 1).min(6)).min(LONGEST_BACKOFF);
    longest.mul_f64(jitter)
}

#[cfg(test)]
mod tests;
