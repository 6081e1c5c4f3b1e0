//! Faults in the user's words: what happened, to which organisation and stream,
//! what to do next.

use std::time::Duration;

use chrono::{TimeDelta, Utc};

use crate::failure::Failure;
use crate::streams::Stream;
use crate::xero::body::LARGEST;
use crate::xero::rate_limit::headers::DAY;
use crate::xero::retry::Fault;

/// A call for a stream of an organisation went wrong.
pub(crate) fn call(fault: Fault, stream: &Stream, organisation: &str) -> Failure {
    let what = format!("{} of {organisation}", stream.name);
    match fault {
        Fault::NotPermitted => missing_scope(stream),
        Fault::Forbidden(text) => Failure::config(format!(
            "Xero forbids reading {what}: the organisation was disconnected from the app, or the user who gave consent has a role there that may not see them, or was removed. Connect the organisation again, give the user a role that may (reports and journals need more than \"No reports\"), or have another user authorise the app."
        ))
        .because(anyhow::anyhow!("HTTP 403: {text}")),
        Fault::HighVolume => Failure::config(format!(
            "{what} has too many rows for one request: Xero says so (HighVolumeException), or its answer is larger than {} MiB. Choose a later start_date for the first sync.",
            LARGEST >> 20
        )),
        Fault::Beyond(why) => Failure::system(format!(
            "{what} cannot be read: {why}, and destinations end where such a record comes. The other streams are not affected; if Xero shows the row, shorten it there."
        )),
        Fault::Refused { status, text } => Failure::system(format!(
            "Xero refused the request for {what} with HTTP {status}. The other streams are not affected; if it stays, please report it."
        ))
        .because(anyhow::anyhow!("HTTP {status}: {text}")),
        fault => common(fault, &format!("reading {what}")),
    }
}

/// The stream cannot be read with this token.
pub(crate) fn missing_scope(stream: &Stream) -> Failure {
    Failure::config(format!(
        "The token may not read {}: it needs {}. Add what is missing to the app at developer.xero.com, authorise the app again (a refresh never adds scopes), and put the new tokens into the config.",
        stream.name,
        stream.remedy(),
    ))
}

/// The token endpoint gave no answer.
pub(crate) fn token_endpoint(fault: Fault) -> Failure {
    common(fault, "renewing the access token")
}

/// Faults that have the same words whatever was being done; `doing` fills the gap.
pub(crate) fn common(fault: Fault, doing: &str) -> Failure {
    match fault {
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
        Fault::Beyond(why) => Failure::system(format!(
            "Xero answered more than can be right while {doing}: {why}. Is a proxy in between?"
        )),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{Endpoint, Source, find};

    #[test]
    fn a_missing_scope_is_named_with_its_stream_for_every_family_of_scopes() {
        let template = || find("currencies").expect("there are currencies");
        for (name, scopes, words) in [
            (
                "accounts",
                &["accounting.settings.read"][..],
                "accounts: it needs the scope accounting.settings.read.",
            ),
            (
                "invoices",
                &["accounting.invoices.read", "accounting.transactions.read"],
                "invoices: it needs the scope accounting.invoices.read (or accounting.transactions.read).",
            ),
            (
                "contacts",
                &["accounting.contacts.read"],
                "contacts: it needs the scope accounting.contacts.read.",
            ),
            (
                "report_trial_balance",
                &[
                    "accounting.reports.trialbalance.read",
                    "accounting.reports.read",
                ],
                "report_trial_balance: it needs the scope accounting.reports.trialbalance.read (or accounting.reports.read).",
            ),
            (
                "journals",
                &["accounting.journals.read"],
                "journals: it needs the scope accounting.journals.read.",
            ),
            (
                "attachments",
                &["accounting.attachments.read"],
                "attachments: it needs the scope accounting.attachments.read.",
            ),
        ] {
            let stream = Stream {
                name,
                source: Source::Endpoint(Endpoint {
                    scopes,
                    ..*template().endpoint()
                }),
                ..*template()
            };
            let failure = missing_scope(&stream);
            assert_eq!(failure.kind, crate::failure::Kind::Config);
            assert!(failure.to_string().contains(words), "{failure}");
        }
    }
}
