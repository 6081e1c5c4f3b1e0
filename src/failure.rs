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

/// A classified failure. `Display` writes the sentence for the user, which never contains a secret.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// Who can fix it.
    pub(crate) kind: Kind,
    message: String,
    /// Shared, so that several streams can report one failure.
    cause: Option<Arc<anyhow::Error>>,
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

    fn new(kind: Kind, message: impl Into<String>) -> Failure {
        Failure {
            kind,
            message: message.into(),
            cause: None,
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
