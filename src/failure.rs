//! What can go wrong, in the three kinds that Airbyte tells apart, each with a
//! sentence for the user and a cause for whoever reads the logs.

use std::sync::Arc;

use crate::json::Misread;

/// Who can mend a failure; Airbyte retries all but the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The user: a setting, a scope, a consent.
    Config,
    /// Time: an outage, a limit, a network fault.
    Transient,
    /// The authors: a fault in the connector, or an answer nobody foresaw.
    System,
}

/// A classified failure. `Display` is the user's sentence; it never holds a secret.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// Who can mend it.
    pub(crate) kind: Kind,
    message: String,
    /// Shared, so that one failure can be told of several streams.
    cause: Option<Arc<anyhow::Error>>,
}

impl Failure {
    /// A failure that the user can mend.
    pub(crate) fn config(message: impl Into<String>) -> Failure {
        Failure::new(Kind::Config, message)
    }

    /// A failure that a later attempt may not meet.
    pub(crate) fn transient(message: impl Into<String>) -> Failure {
        Failure::new(Kind::Transient, message)
    }

    /// A failure that only a change of the connector can mend.
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

    /// Adds the cause, for the internal message.
    pub(crate) fn because(mut self, cause: impl Into<anyhow::Error>) -> Failure {
        self.cause = Some(Arc::new(cause.into()));
        self
    }

    /// The sentence with its causes behind it, for Airbyte's `internal_message`.
    pub(crate) fn internal(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{}: {}", self.message, told(cause)),
            None => self.message.clone(),
        }
    }
}

/// A cause and all behind it. The words of serde quote what was read.
fn told(cause: &anyhow::Error) -> String {
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
    fn the_internal_message_carries_every_cause() {
        let cause = anyhow::anyhow!("connection refused").context("asking for Currencies");
        let failure = Failure::transient("Xero could not be reached.").because(cause);
        assert_eq!(failure.to_string(), "Xero could not be reached.");
        assert_eq!(
            failure.internal(),
            "Xero could not be reached.: asking for Currencies: connection refused"
        );
    }

    #[test]
    fn the_internal_message_quotes_nothing_that_was_read() {
        let cause = || serde_json::from_str::<u8>(r#""s3cret""#).unwrap_err();
        let wrapped = anyhow::Error::new(cause()).context("reading it");
        for cause in [cause().into(), wrapped] {
            let internal = Failure::system("No.").because(cause).internal();
            assert!(
                internal.ends_with("JSON of another form at line 1, column 8"),
                "{internal}"
            );
        }
    }
}
