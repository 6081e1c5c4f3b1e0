//! Defines failures in Airbyte's three classes. Each has a sentence for the user and a cause for
//! the logs.

use std::sync::Arc;

use crate::json::Misread;

/// Who can fix a failure. Airbyte retries all kinds except `Config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The user: a setting, a scope, a consent.
    Config,
    /// A later attempt: an outage, a rate limit, a network fault.
    Transient,
    /// The authors: a fault in the connector, or an unexpected response.
    System,
}

/// Maximum number of organisations that a failure names.
const MAX_QUOTED: usize = 3;

/// A classified failure. `Display` writes the sentence for the user, which never contains a secret.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// Who can fix it.
    pub(crate) kind: Kind,
    message: String,
    /// Shared, so that several streams can report one failure.
    cause: Option<Arc<anyhow::Error>>,
    /// Whether the organisation does not have what the stream reads. This fails a stream only if no other
    /// organisation has it.
    pub(crate) is_absence: bool,
}

impl Failure {
    /// Creates a failure that the user can fix.
    pub(crate) fn config(message: impl Into<String>) -> Failure {
        Failure::new(Kind::Config, message)
    }

    /// Creates a failure that a later attempt may avoid.
    pub(crate) fn transient(message: impl Into<String>) -> Failure {
        Failure::new(Kind::Transient, message)
    }

    /// Creates a failure that only a change of the connector can fix.
    pub(crate) fn system(message: impl Into<String>) -> Failure {
        Failure::new(Kind::System, message)
    }

    /// Creates the failure of an organisation that does not have what the stream reads.
    pub(crate) fn absence(message: impl Into<String>) -> Failure {
        Failure {
            is_absence: true,
            ..Failure::config(message)
        }
    }

    /// Combines the failures of organisations. Each failure names its organisation. `total` also counts
    /// the organisations without a failure.
    /// `None` if there is no failure. The result quotes the first [`MAX_QUOTED`] sentences and counts
    /// the others. It is transient if one of them is, so that Airbyte tries again.
    pub(crate) fn of_organisations(failures: &[&Failure], total: usize) -> Option<Failure> {
        let (first, others) = failures.split_first()?;
        if others.is_empty() {
            return Some((*first).clone());
        }
        let mut message = format!(
            "{} of {total} organisations cannot be read.",
            failures.len()
        );
        for failure in &failures[..failures.len().min(MAX_QUOTED)] {
            message.push(' ');
            message.push_str(&failure.message);
        }
        if let Some(more @ 1..) = failures.len().checked_sub(MAX_QUOTED) {
            message.push_str(&format!(" {more} more of them cannot be read."));
        }
        let kinds = [Kind::Transient, Kind::System];
        let kind = kinds
            .into_iter()
            .find(|kind| failures.iter().any(|it| it.kind == *kind));
        Some(Failure {
            cause: first.cause.clone(),
            ..Failure::new(kind.unwrap_or(Kind::Config), message)
        })
    }

    fn new(kind: Kind, message: impl Into<String>) -> Failure {
        Failure {
            kind,
            message: message.into(),
            cause: None,
            is_absence: false,
        }
    }

    /// Adds the cause for the internal message.
    pub(crate) fn because(mut self, cause: impl Into<anyhow::Error>) -> Failure {
        self.cause = Some(Arc::new(cause.into()));
        self
    }

    /// Returns the sentence and its causes, for Airbyte's `internal_message`.
    pub(crate) fn internal(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{}: {}", self.message, cause_text(cause)),
            None => self.message.clone(),
        }
    }
}

/// Formats a cause and the causes below it. Serde errors are replaced, because they quote the
/// input.
fn cause_text(cause: &anyhow::Error) -> String {
    let words = cause.chain().map(|cause| {
        let misread = cause.downcast_ref::<serde_json::Error>().map(Misread::from);
        misread.map_or_else(|| cause.to_string(), |misread| misread.to_string())
    });
    words.collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_internal_message_contains_every_cause() {
        let cause = anyhow::anyhow!("connection refused").context("asking for Currencies");
        let failure = Failure::transient("Xero could not be reached.").because(cause);
        assert_eq!(failure.to_string(), "Xero could not be reached.");
        assert_eq!(
            failure.internal(),
            "Xero could not be reached.: asking for Currencies: connection refused"
        );
    }

    #[test]
    fn failures_of_organisations_become_one_that_names_three() {
        let failure = |number: usize| match number {
            2 => Failure::transient(format!("O{number} is offline.")),
            _ => Failure::config(format!("O{number} left.")),
        };
        for (count, kind, expected) in [
            (1, Kind::Config, "O1 left."),
            (
                2,
                Kind::Transient,
                "2 of 9 organisations cannot be read. O1 left. O2 is offline.",
            ),
            (
                4,
                Kind::Transient,
                "4 of 9 organisations cannot be read. O1 left. O2 is offline. O3 left. 1 more of them cannot be read.",
            ),
            (
                6,
                Kind::Transient,
                "6 of 9 organisations cannot be read. O1 left. O2 is offline. O3 left. 3 more of them cannot be read.",
            ),
        ] {
            let failures: Vec<_> = (1..=count).map(failure).collect();
            let failures: Vec<_> = failures.iter().collect();
            let one = Failure::of_organisations(&failures, 9).expect("there are failures");
            assert_eq!((one.kind, one.to_string().as_str()), (kind, expected));
        }
        assert!(Failure::of_organisations(&[], 9).is_none());
    }

    #[test]
    fn the_internal_message_does_not_quote_the_input() {
        let cause = || serde_json::from_str::<u8>(r#""s3cret""#).unwrap_err();
        let wrapped = anyhow::Error::new(cause()).context("reading it");
        for cause in [cause().into(), wrapped] {
            let internal = Failure::system("No.").because(cause).internal();
            assert!(
                internal.ends_with("unexpected JSON at line 1, column 8"),
                "{internal}"
            );
        }
    }
}
