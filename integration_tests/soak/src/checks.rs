//! What holds for the output of every run.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::process::Outcome;

/// The keys of a config whose values are secret.
pub(crate) const SECRETS: [&str; 4] = ["access_token", "refresh_token", "id_token", "client_secret"];

/// The rules that a run broke.
pub(crate) fn output(outcome: &Outcome, _selection: &BTreeSet<String>, _configs: &[Value]) -> Vec<String> {
    let mut broken = Vec::new();
    if outcome.hung {
        broken.push(format!("the connector hung for {:?}", outcome.took));
    }
    if outcome.stderr.contains("panicked") || outcome.status.code() == Some(101) {
        broken.push(format!("the connector panicked: {}", outcome.stderr));
    }
    broken
}
