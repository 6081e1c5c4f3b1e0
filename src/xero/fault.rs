//! Why a request failed, in types and in sentences for the user.

use std::time::Duration;

use chrono::{TimeDelta, Utc};

use crate::failure::Failure;
use crate::xero::problem::Problem;
use crate::xero::rate_limit::headers::DAY;
use crate::xero::rate_limit::refusal::LimitError;

/// Why the body of a successful response cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParseError {
    /// The body is something else, for example half a list or an HTML page. Another attempt may
    /// bring the right one.
    #[error("{0}")]
    Invalid(String),
    /// The body becomes too large once its rows are written. A request for fewer rows may work.
    #[error("the answer becomes too large")]
    TooLarge,
    /// A row is larger than destinations accept. Another attempt brings the same row.
    #[error("{0}")]
    Oversized(String),
}

impl From<String> for ParseError {
    fn from(why: String) -> ParseError {
        ParseError::Invalid(why)
    }
}

/// Why a request was given up. The caller knows the stream and words the failure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// 401: the token is expired, revoked or garbage.
    TokenRefused,
    /// 401 AuthorizationUnsuccessful: the token is good, but a scope or the app's tier is missing.
    NotPermitted,
    /// 403: the organisation is not connected, or the user's role forbids the request.
    Forbidden(String),
    /// 400, 404 and other refusals that another attempt does not change.
    Refused { status: u16, text: String },
    /// 400 with ErrorNumber 51, or a list above the size limit: too many rows for one request.
    HighVolume,
    /// A response or a row above the size limits.
    Oversized(String),
    /// 429: the calls of the day are spent. They return after this time.
    DayLimit(Duration),
    /// `daily_call_reserve` keeps this number of calls, the last of the day, for other programs.
    Reserved(usize),
    /// Another rate limit did not lift, although every wait was kept.
    StillLimited,
    /// 503 "The Organisation is offline".
    OrganisationOffline,
    /// 408 or 5xx on the last attempt that the retry policy allows.
    Unavailable(String),
    /// A success with an unusable body on the last attempt that the retry policy allows.
    NoPage(String),
    /// A network error on the last attempt that the retry policy allows.
    Unreachable(String),
    /// No secure connection can be made.
    Tls(String),
}

impl Fault {
    /// A refusal that another attempt does not change.
    pub(crate) fn refused(status: u16, problem: &Problem) -> Fault {
        Fault::Refused {
            status,
            text: problem.text.clone(),
        }
    }

    /// Words the fault for the user. `doing` names the activity: "reading invoices of Demo Company".
    pub(crate) fn into_failure(self, doing: &str) -> Failure {
        match self {
            Fault::TokenRefused => Failure::config(format!(
                "Xero did not accept a fresh access token while {doing}. Was the app's consent withdrawn? Authorise it again and put the new tokens into the config."
            )),
            Fault::DayLimit(pause) => Failure::transient(format!(
                "Xero's daily call limit for this organisation is used up, met while {doing}. Calls return {}; the next sync goes on from here.",
                when(pause)
            )),
            Fault::Reserved(left) => Failure::transient(format!(
                "The daily_call_reserve keeps the last calls of the day for other programs, met while {doing}: {left} calls are left for this organisation. Xero's day ends within 24 hours; the next sync goes on from here."
            )),
            Fault::StillLimited => Failure::transient(format!(
                "Xero's call limits did not lift while {doing}: other programs seem to use up every call. Run this sync at another time or theirs less often."
            )),
            Fault::OrganisationOffline => Failure::transient(format!(
                "Xero says that the organisation is offline, met while {doing}. That usually lasts some minutes; try again later."
            )),
            Fault::Unavailable(text) => Failure::transient(format!(
                "Xero had an outage while {doing}. See status.xero.com, and try again later."
            ))
            .because(anyhow::anyhow!("{text}")),
            Fault::NoPage(text) => Failure::transient(format!(
                "Xero answered something other than was asked for while {doing}: {text}. Is a proxy in between? Try again later."
            )),
            Fault::Unreachable(text) => Failure::transient(format!(
                "Xero could not be reached while {doing} ({text}). Check the network, the proxy and the name service of the machine that runs the connector."
            )),
            Fault::Tls(text) if text.contains("certificate") => Failure::config(format!(
                "The server's certificate is not trusted, met while {doing} ({text}). Behind a company proxy, let SSL_CERT_FILE name a file with its root certificate."
            )),
            Fault::Tls(text) => Failure::config(format!(
                "No secure connection could be made while {doing} ({text}). Does the server speak TLS at this URL?"
            )),
            Fault::NotPermitted => Failure::config(format!("The token lacks a scope for {doing}.")),
            Fault::Forbidden(text) => Failure::config(format!(
                "Xero forbids {doing}: the token or its user may not. Authorise the app again."
            ))
            .because(anyhow::anyhow!("{text}")),
            Fault::Refused { status, text } => Failure::config(format!(
                "Xero refused {doing} with HTTP {status}. Are api_url and identity_url those of Xero?"
            ))
            .because(anyhow::anyhow!("{text}")),
            Fault::HighVolume => {
                Failure::config(format!("Too many rows for one request while {doing}."))
            }
            Fault::Oversized(why) => Failure::system(format!(
                "Xero answered more than can be right while {doing}: {why}. Is a proxy in between?"
            )),
        }
    }
}

fn when(pause: Duration) -> String {
    if pause >= DAY {
        return "within 24 hours".to_owned(); // Xero did not say
    }
    let pause = TimeDelta::from_std(pause).unwrap_or(TimeDelta::days(1));
    let hours = pause.num_minutes() as f64 / 60.0;
    format!(
        "in {hours:.1} hours, at {}",
        (Utc::now() + pause).format("%Y-%m-%d %H:%M UTC")
    )
}

impl From<LimitError> for Fault {
    fn from(error: LimitError) -> Fault {
        match error {
            LimitError::DaySpent(returns) => Fault::DayLimit(returns),
            LimitError::Reserved(left) => Fault::Reserved(left),
            LimitError::StillLimited => Fault::StillLimited,
        }
    }
}

/// Why a request brought no page.
#[derive(Clone, Debug)]
pub(crate) enum RequestError {
    /// No access token could be obtained. The failure is already worded.
    Auth(Failure),
    /// Xero did not give the page.
    Fault(Fault),
}

impl RequestError {
    /// Returns the failure for the user. `explain` words a fault, because the caller knows the
    /// stream and the organisation.
    pub(crate) fn into_failure(self, explain: impl FnOnce(Fault) -> Failure) -> Failure {
        match self {
            RequestError::Auth(failure) => failure,
            RequestError::Fault(fault) => explain(fault),
        }
    }
}

impl<F: Into<Fault>> From<F> for RequestError {
    fn from(fault: F) -> RequestError {
        RequestError::Fault(fault.into())
    }
}
