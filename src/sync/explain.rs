//! Turns faults into failures of a stream: what happened, to which organisation and stream, and
//! what to do next.

use crate::failure::Failure;
use crate::streams::Stream;
use crate::xero::body::MAX_LIST;
use crate::xero::fault::{Fault, RequestError};

/// Explains why a request for a stream of an organisation ended without a page.
pub(crate) fn request(error: RequestError, stream: &Stream, organisation: &str) -> Failure {
    error.into_failure(|fault| call(fault, stream, organisation))
}

/// Explains what a fault means for a stream of an organisation.
pub(crate) fn call(fault: Fault, stream: &Stream, organisation: &str) -> Failure {
    let what = format!("{} of {organisation}", stream.name);
    match fault {
        Fault::NotPermitted => missing_scope(stream),
        // An organisation of another country has no such address.
        Fault::Forbidden(text) | Fault::Refused { status: 404, text } if stream.is_personal() => {
            let needed = stream.endpoint().also_requires.unwrap_or_default();
            Failure::config(format!(
                "Xero forbids reading {what}, which needs {needed}. If the organisation is in another country, leave the stream out. Otherwise have a payroll administrator authorise the app, or connect the organisation again."
            ))
            .because(anyhow::anyhow!("{text}"))
        }
        Fault::Forbidden(text) => Failure::config(format!(
            "Xero forbids reading {what}: the organisation was disconnected from the app, or the user who gave consent has a role there that may not see the data, or was removed. Connect the organisation again, give the user a role that may (reports and journals need more than \"No reports\"), or have another user authorise the app."
        ))
        .because(anyhow::anyhow!("HTTP 403: {text}")),
        Fault::HighVolume => Failure::config(format!(
            "{what} has too many rows for one request: Xero answered HighVolumeException, or the response is larger than {} MiB. Choose a later start_date for the first sync.",
            MAX_LIST >> 20
        )),
        Fault::Oversized(why) => Failure::system(format!(
            "{what} cannot be read: {why}, and destinations fail on such a record. The other streams are not affected. If Xero shows the row, shorten it there."
        )),
        Fault::Refused { status, text } => Failure::system(format!(
            "Xero refused the request for {what} with HTTP {status}. The other streams are not affected. If this happens in every sync, report it."
        ))
        .because(anyhow::anyhow!("HTTP {status}: {text}")),
        fault => fault.into_failure(&format!("reading {what}")),
    }
}

/// Explains that the token lacks the scope of a stream.
pub(crate) fn missing_scope(stream: &Stream) -> Failure {
    Failure::config(format!(
        "The token may not read {}: it needs {}. Add the missing scope to the app at developer.xero.com, authorise the app again (a refresh never adds scopes), and put the new tokens into the config.",
        stream.name,
        stream.missing_scope_hint(),
    ))
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
