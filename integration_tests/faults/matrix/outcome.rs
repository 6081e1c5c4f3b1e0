//! What has to come of a case by the documented rules, whatever figures the page shows.

use std::fmt;

use super::stage::{OTHERS, Rows, Stage, lacks_its_file};
use crate::support::connector::Run;

/// Who can mend a failure, as Airbyte's `failure_type` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Config,
    Transient,
    System,
}

use Failure::{Config, System, Transient};

impl Failure {
    /// As Airbyte spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Config => "config_error",
            Transient => "transient_error",
            System => "system_error",
        }
    }
}

/// What has to come of a sync with a fault. After each, the next sync without the fault brings
/// everything that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Every row of every stream, and exit code 0.
    Recovers,
    /// The stream is complete without some documents. Each costs a warning, and the next sync
    /// requests it again.
    Skips,
    /// The same for documents that Xero no longer knows: they are requested again only once they
    /// change.
    Drops,
    /// The stream ends INCOMPLETE with an error of this type. The other streams are complete.
    FailsStream(Failure),
    /// One of two organisations ends the stream INCOMPLETE. The other one is read whole.
    FailsOrganisation(Failure),
    /// Every stream ends INCOMPLETE.
    StopsSync(Failure),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Recovers => f.write_str("recovers"),
            Outcome::Skips => f.write_str("skips"),
            Outcome::Drops => f.write_str("drops"),
            Outcome::FailsStream(_) => f.write_str("fails the stream"),
            Outcome::FailsOrganisation(_) => f.write_str("fails the organisation"),
            Outcome::StopsSync(_) => f.write_str("stops the sync"),
        }
    }
}

impl Outcome {
    /// The type of the errors.
    pub(super) fn failure(self) -> Option<Failure> {
        match self {
            Outcome::Recovers | Outcome::Skips | Outcome::Drops => None,
            Outcome::FailsStream(failure)
            | Outcome::FailsOrganisation(failure)
            | Outcome::StopsSync(failure) => Some(failure),
        }
    }

    /// Asserts the rule for a sync with a fault. `truth` holds the rows that the organisations had.
    pub(super) fn hold(self, stage: &Stage, run: &Run, truth: &Rows, case: &str) {
        let [stream, ..] = stage.streams();
        let rows = stage.rows(run);
        for (key, row) in rows.iter().filter(|(_, row)| !lacks_its_file(row)) {
            assert_eq!(Some(row), truth.get(key), "{case}: {key:?}");
        }
        let missing = |streams: &[&str]| {
            let mut keys = truth
                .keys()
                .filter(|(it, _)| streams.contains(&it.as_str()));
            keys.find(|key| !rows.contains_key(key)).cloned()
        };
        let errors = run.errors();
        let statuses = stage.streams().map(|stream| run.status(stream));
        let (code, expected) = match self {
            Outcome::Recovers | Outcome::Skips | Outcome::Drops => (0, ["COMPLETE"; 3]),
            Outcome::FailsStream(_) => (1, ["INCOMPLETE", "COMPLETE", "COMPLETE"]),
            Outcome::FailsOrganisation(_) | Outcome::StopsSync(_) => (1, ["INCOMPLETE"; 3]),
        };
        assert_eq!(
            (run.code, statuses),
            (Some(code), expected),
            "{case}: {errors:?} {:?}",
            run.logs("WARN")
        );
        match self {
            Outcome::Recovers => assert_eq!(missing(&stage.streams()), None, "{case}"),
            Outcome::Skips | Outcome::Drops => {
                assert!(!run.logs("WARN").is_empty(), "{case}: no warning");
                let lacks = missing(&[stream]).is_some() || rows.values().any(lacks_its_file);
                assert!(lacks, "{case}: nothing is skipped");
                assert_eq!(missing(&OTHERS), None, "{case}");
            }
            Outcome::FailsStream(_) => assert_eq!(missing(&OTHERS), None, "{case}"),
            Outcome::FailsOrganisation(_) => {
                let second = stage.tenants[1].as_str();
                let mut keys = truth.keys().filter(|(_, key)| key.contains(second));
                let lost = keys.find(|key| !rows.contains_key(key));
                assert_eq!(lost, None, "{case}: a row of the other organisation");
            }
            Outcome::StopsSync(_) => {}
        }
        let Some(failure) = self.failure() else {
            return assert!(errors.is_empty(), "{case}: {errors:?}");
        };
        if matches!(self, Outcome::FailsStream(_)) {
            let is_it = errors.iter().all(|(_, of, _)| *of == stream);
            assert!(is_it, "{case}: {errors:?}");
        }
        assert!(!errors.is_empty(), "{case}");
        for (kind, _, words) in errors {
            assert_eq!(kind, failure.name(), "{case}: {words}");
        }
    }
}
