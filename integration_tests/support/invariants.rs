//! Checks that apply to the output of every run.

pub(crate) use output_checks::invariants::{a_read_is_well_formed, no_secret_shows};
use serde_json::Value;

use crate::support::connector::Run;

/// A config that does not fit the spec is dropped by the platform, and the new
/// refresh token with it.
pub(crate) fn updates_fit_the_spec(run: &Run) {
    let spec: Value =
        serde_json::from_str(include_str!("../../spec.json")).expect("spec.json is JSON");
    // A bare date is no date-time by its RFC; who asserts that refuses it when it is saved.
    let options = jsonschema::options().should_validate_formats(false);
    let validator = options.build(&spec["connectionSpecification"]);
    let validator = validator.expect("the spec is a schema");
    for config in run.configs() {
        let faults: Vec<_> = validator
            .iter_errors(config)
            .map(|fault| fault.to_string())
            .collect();
        assert!(
            faults.is_empty(),
            "a config update does not fit the spec: {faults:?}"
        );
    }
}
