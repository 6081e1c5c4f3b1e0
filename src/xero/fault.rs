//! Defines why a request failed, and explains it to the user.

use std::time::Duration;

use chrono::{TimeDelta, Utc};

use crate::failure::Failure;
use crate::xero::problem::Problem;
use crate::xero::rate_limit::headers::DAY;
use crate::xero::rate_limit::retry_after::LimitError;

/// Why the body of a successful response cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParseError {
    /// The body is not the requested data, for example half a list or an HTML page. Another attempt
    /// may succeed.
    #[error("{0}")]
    Invalid(String),
    /// The RECORD lines of the rows would be too large. A request for fewer rows may work.
    #[error("the rows of the response become too large")]
    TooLarge,
    /// A row is larger than destinations accept. Another attempt would bring the same row.
    #[error("{0}")]
    Oversized(String),
}

impl From<String> for ParseError {
    fn from(why: String) -> ParseError {
        ParseError::Invalid(why)
    }
}

/// Why a request failed on its last attempt. The caller knows the stream and words the failure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// 401: the token is expired, revoked or invalid.
    TokenRefused,
    /// 401 AuthorizationUnsuccessful: the token is valid, but a scope or the app's tier is missing.
    NotPermitted,
    /// 403: the organisation is not connected, or the user's role forbids the request.
    Forbidden(String),
    /// 400, 404 and other refusals that another attempt would not change.
    Refused { status: u16, text: String },
    /// 400 with ErrorNumber 51, or a list above the size limit: too many rows for one request.
    HighVolume,
    /// A response or a row above the size limits.
    Oversized(String),
    /// 429: the calls of the day are spent. New calls are available after this time.
    DayLimit(Duration),
    /// `daily_call_reserve` keeps the remaining calls of the day, this number, for other programs.
    Reserved(usize),
    /// Another rate limit kept refusing the request, although the connector waited as demanded.
    StillLimited,
    /// 503 "The Organisation is offline".
    OrganisationOffline,
    /// 408 or 5xx on the last attempt that the retry policy allows.
    Unavailable(String),
    /// A success with an unusable body on the last attempt that the retry policy allows.
    NoPage(String),
    /// A network error on the last attempt that the retry policy allows.
    Unreachable(String),
    /// No secure connection was possible.
    Tls(String),
}

impl Fault {
    /// Creates the fault for a refusal that another attempt would not change.
    pub(crate) fn refused(status: u16, problem: &Problem) -> Fault {
        Fault::Refused {
            status,
            text: problem.text.clone(),
        }
    }

    /// Explains the fault to the user. `doing` names the activity, such as "reading invoices of
    /// Demo Company".
    pub(crate) fn into_failure(self, doing: &str) -> Failure {
        match self {
            Fault::TokenRefused => Failure::config(format!(
                "Xero rejected a new access token while {doing}. The app's consent was probably withdrawn. Authorise the app again and put the new tokens into the config."
            )),
            Fault::DayLimit(pause) => Failure::transient(format!(
                "Xero's daily call limit for this organisation was reached while {doing}. New calls are available {}. The next sync continues from the saved position.",
                when(pause)
            )),
            Fault::Reserved(left) => Failure::transient(format!(
                "The connector stopped while {doing}: this organisation has {left} calls left today, and daily_call_reserve keeps them for other programs. Xero's day ends within 24 hours. The next sync continues from the saved position."
            )),
            Fault::StillLimited => Failure::transient(format!(
                "Xero kept refusing calls because of its call limits while {doing}. Other programs probably use up the calls. Run this sync at another time, or run the other programs less often."
            )),
            Fault::OrganisationOffline => Failure::transient(format!(
                "Xero reported while {doing} that the organisation is offline. This usually lasts a few minutes. Try again later."
            )),
            Fault::Unavailable(text) => Failure::transient(format!(
                "Xero had an outage while {doing}. See status.xero.com, and try again later."
            ))
            .because(anyhow::anyhow!("{text}")),
            Fault::NoPage(text) => Failure::transient(format!(
                "Xero sent an unusable response while {doing}: {text}. Check whether a proxy changes the responses, and try again later."
            )),
            Fault::Unreachable(text) => Failure::transient(format!(
                "Xero could not be reached while {doing} ({text}). Check the network, the proxy and the name service of the machine that runs the connector."
            )),
            Fault::Tls(text) if text.contains("certificate") => Failure::config(format!(
                "The server's certificate is not trusted, so the connector could not connect while {doing} ({text}). Behind a company proxy, set SSL_CERT_FILE to a file with the root certificate of the proxy."
            )),
            Fault::Tls(text) => Failure::config(format!(
                "No secure connection could be made while {doing} ({text}). Check that the server supports TLS at this URL."
            )),
            Fault::NotPermitted => Failure::config(format!(
                "The token lacks a scope for {doing}. Authorise the app again with that scope."
            )),
            Fault::Forbidden(text) => Failure::config(format!(
                "Xero forbids {doing}: the token or its user lacks the permission. Have a user with a sufficient role authorise the app again."
            ))
            .because(anyhow::anyhow!("{text}")),
            Fault::Refused { status, text } => Failure::config(format!(
                "Xero refused {doing} with HTTP {status}. Check that api_url and identity_url are Xero's."
            ))
            .because(anyhow::anyhow!("{text}")),
            Fault::HighVolume => Failure::config(format!(
                "Xero has too many rows for one request while {doing}. Choose a later start_date."
            )),
            Fault::Oversized(why) => Failure::system(format!(
                "Xero sent an implausibly large response while {doing}: {why}. Check whether a proxy changes the responses."
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
    /// The request for the page failed.
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
