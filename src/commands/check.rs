//! `check`: reports whether the config works.

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{CheckResult, ConnectionStatus, Message};
use crate::cli::{CheckFlags, ConfigFile};
use crate::failure::{Failure, Kind};
use crate::streams;
use crate::sync::callbacks::TokenStorage;
use crate::sync::session::{Purpose, Session};
use crate::sync::statuses::Statuses;
use crate::terminal::{self, grouped};
use crate::xero::tenants::Tenant;

/// Maximum number of organisations that the result names.
const MAX_NAMED: usize = 10;

/// The access that a check proved.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProvenAccess {
    /// Number of streams that the token can read. `None` if the token does not name its scopes.
    readable: Option<usize>,
    /// The name of each organisation, and the calls that its day has left, if Xero said so.
    organisations: Vec<(String, Option<usize>)>,
}

/// Checks the access to every organisation. A failure that the user can fix becomes the status
/// FAILED. Any other failure is an error. Returns whether the process succeeds: with `exit_code` it
/// fails if the status is FAILED.
pub(crate) async fn check(flags: &CheckFlags, emitter: &Emitter) -> Result<bool, Failure> {
    let (status, message) = match prove(&flags.config, emitter).await {
        Ok(access) => {
            for line in access.sentences() {
                tracing::info!("{line}");
                terminal::tell_person(&emitter.without_secrets(line));
            }
            (CheckResult::Succeeded, None)
        }
        Err(failure) if failure.kind == Kind::Config => {
            let why = emitter.without_secrets(failure.to_string());
            terminal::tell_person(&format!("The check failed. {why}"));
            (CheckResult::Failed, Some(why))
        }
        Err(failure) => return Err(failure),
    };
    let is_success = message.is_none() || !flags.exit_code;
    let connection_status = ConnectionStatus { status, message };
    emitter.send(Message::ConnectionStatus { connection_status });
    Ok(is_success)
}

async fn prove(file: &ConfigFile, emitter: &Emitter) -> Result<ProvenAccess, Failure> {
    let statuses = Statuses::new(emitter);
    let storage = TokenStorage::of_protocol(file.write_config);
    let mut session =
        Session::open(&file.config, emitter, &statuses, Purpose::Check, storage).await?;
    if let Some(failure) = session.blocked() {
        return Err(failure);
    }
    let readable = session.readable_streams().await?;
    let scopes = session.scopes().await?;
    session.name_organisations().await;
    tracing::info!("organisations that can be read: {}", session.tenants.len());
    let organisation = |tenant: &Tenant| {
        let left = session.client.capacity(&tenant.id).calls_today;
        (tenant.label().to_owned(), left)
    };
    Ok(ProvenAccess {
        readable: scopes.map(|_| readable.len()),
        organisations: session.tenants.iter().map(organisation).collect(),
    })
}

impl ProvenAccess {
    /// Says for each organisation what can be read and how many calls are left today. Names at most
    /// [`MAX_NAMED`] organisations and counts the others.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let streams = self.readable.map(|readable| {
            let all = streams::all().count();
            format!("{readable} of {all} streams")
        });
        let sentence = |(name, left): &(String, Option<usize>)| {
            let left = left.map(|left| format!("{} calls left today", grouped(left as u64)));
            let facts: Vec<_> = [streams.clone(), left].into_iter().flatten().collect();
            match facts.is_empty() {
                true => format!("{name} can be read"),
                false => format!("{name} can be read: {}", facts.join("; ")),
            }
        };
        let named = self.organisations.iter().take(MAX_NAMED).map(sentence);
        let others = self.organisations.len().saturating_sub(MAX_NAMED);
        let others = (others > 0).then(|| format!("{others} more organisations can be read"));
        named.chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_names_ten_organisations_and_counts_the_others() {
        let all = streams::all().count();
        for (readable, organisations, expected) in [
            (
                Some(67),
                vec![("Demo Company (NZ)", Some(4812))],
                vec![format!(
                    "Demo Company (NZ) can be read: 67 of {all} streams; 4,812 calls left today"
                )],
            ),
            (
                None,
                vec![("A", Some(7)), ("B", None)],
                vec![
                    "A can be read: 7 calls left today".to_owned(),
                    "B can be read".to_owned(),
                ],
            ),
            (
                Some(1),
                vec![("A", None)],
                vec![format!("A can be read: 1 of {all} streams")],
            ),
        ] {
            let organisations = organisations.into_iter();
            let access = ProvenAccess {
                readable,
                organisations: organisations
                    .map(|(name, left)| (name.to_owned(), left))
                    .collect(),
            };
            assert_eq!(access.sentences(), expected);
        }
        let many = ProvenAccess {
            readable: None,
            organisations: vec![("A".to_owned(), None); 12],
        };
        let sentences = many.sentences();
        assert_eq!(sentences.len(), 11);
        assert_eq!(sentences[10], "2 more organisations can be read");
    }
}
