//! Black-box tests: they run the real binary against the simulator of Xero.
//!
//! Each folder holds the tests of one theme. `support` holds what the tests share.
//! The simulator is the crate in `xero-sim`.

/// Running the connector, the usual organisation, and checks that every run must pass.
mod support {
    pub(crate) mod browser;
    pub(crate) mod conformance;
    pub(crate) mod connector;
    pub(crate) mod counted_days;
    pub(crate) mod file_scene;
    pub(crate) mod fixed_clock;
    pub(crate) mod generated;
    pub(crate) mod invariants;
    pub(crate) mod login_scene;
    pub(crate) mod organisations;
    pub(crate) mod relay;
    pub(crate) mod scene;
    pub(crate) mod streams;
    pub(crate) mod sync_folder;
    pub(crate) mod tables;
    pub(crate) mod terminal;
}

/// The command line, the verbs and the messages on stdout.
mod protocol {
    mod check;
    mod command_line;
    pub(crate) mod discover;
    mod keys;
    mod progress;
    mod read;
    mod signals;
    mod standard_streams;
    pub(crate) mod stopping;
}

/// Tokens, scopes and organisations, and that no secret is printed.
mod auth {
    pub(crate) mod chosen_tenants;
    mod config_file;
    mod ended_tokens;
    mod exposure;
    mod rotations;
    mod scopes;
    mod secrets;
    pub(crate) mod tenants;
    mod token_answers;
    mod tokens;
}

/// The APIs besides Accounting.
mod apis {
    mod access;
    mod below;
    pub(crate) mod lists;
    pub(crate) mod nested;
    pub(crate) mod payroll;
}

/// Verbs for people.
mod verbs {
    mod catalog;
    mod shards;
    mod token;
}

/// The login in a browser, and the verbs about it.
mod login {
    mod consent;
    mod failures;
    mod prompts;
    mod scripts;
    mod verbs;
}

/// Lists and their child streams: paging, cursors, states and interrupted syncs.
mod lists {
    mod budgets;
    mod counts;
    mod families;
    mod family_states;
    mod incremental;
    mod journal_ranges;
    mod kills;
    mod late_journals;
    mod linked_transactions;
    mod odd_lists;
    mod odd_rows;
    pub(crate) mod ranges;
    mod reconcile;
    mod removed_lines;
}

/// `sync`: files in a directory.
mod sync {
    mod files;
    mod full_refresh;
    mod interruptions;
    mod kills;
    mod processes;
}

/// Several organisations in one sync.
mod organisations {
    mod failures;
    mod side_by_side;
}

/// Streams that need one call for each document, such as history and attachments.
mod documents {
    mod calls;
    mod faults;
    mod forbidden;
    pub(crate) mod kills;
    mod shared_lists;
}

/// Downloads of attached files.
mod files {
    mod contents;
    pub(crate) mod downloads;
    mod faults;
    mod kills;
    mod links;
    mod parts;
}

/// Report streams.
mod reports {
    mod amounts;
    mod kills;
    mod per_contact;
    mod periods;
    mod reconciliation;
}

/// Xero's call limits, and the connector's limits of memory.
mod limits {
    mod bounds;
    mod day;
    mod in_flight;
    mod memory;
    pub(crate) mod minute;
}

/// What `estimate` says, and how true it is.
mod estimate {
    mod accuracy;
    mod answers;
    mod other_apis;

    use serde_json::Value;

    use crate::support::connector::{TextRun, text};
    use crate::support::scene::Scene;

    /// Runs `estimate --json`.
    fn estimate(scene: &Scene, config: &Value, flags: &[&str]) -> TextRun {
        estimate_text(scene, config, &[flags, &["--json"]].concat())
    }

    /// Runs `estimate`.
    fn estimate_text(scene: &Scene, config: &Value, flags: &[&str]) -> TextRun {
        let config = scene.file("config.json", config);
        text(&[&["estimate", "--config", &config], flags].concat())
    }

    /// The streams of the organisation at this place of an answer.
    fn streams_of(answer: &Value, organisation: usize) -> Vec<Value> {
        let streams = &answer["organisations"][organisation]["streams"];
        streams.as_array().expect("a list of streams").clone()
    }
}

/// The model of `docs/scale.md`: what many organisations cost.
mod scale {
    mod model;
    mod simulated;
    mod tables;
}

/// Failed calls, malformed answers and incomplete lists.
mod faults {
    mod incomplete_lists;
    mod malformed;
    mod matrix;
    pub(crate) mod retries;
}

/// Proxies, certificates and compression.
mod network {
    mod compression;
    mod proxies;
    mod tls;
}

/// The documents of the repository, held to what the connector does.
mod docs {
    pub(crate) mod command_line;
    mod pages;
    mod recipes;
    mod release;
    mod security;
}

/// Output, states and configs of earlier builds.
mod compatibility {
    mod golden;
    mod saved_states;
}
