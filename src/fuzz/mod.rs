//! Fuzz targets: one function for each parser of outside data. Only tests and `cargo fuzz` contain
//! them.
//!
//! Each target takes any bytes and panics if a property does not hold. No target may panic for
//! another reason. `fuzz/` runs the targets under libFuzzer, and `tests` runs them with the same
//! corpora in `cargo test`. CONTRIBUTING.md has the commands.

mod checks;
mod documents;
mod mutation;
mod rows;
mod settings;
#[cfg(test)]
mod tests;
mod xero;

pub use documents::{document_rows, reports};
pub use mutation::mutate;
pub use rows::{child_rows, differential, envelope, page, rewriting};
pub use settings::{catalog, config, state};
pub use xero::{
    claims, compressed_body, connections, consent_answer, error_body, rate_limit_headers,
    token_response,
};

/// A target: a function that panics if a property does not hold.
pub type Target = fn(&[u8]);

/// All targets, by the name of their corpus.
pub const TARGETS: [(&str, Target); 17] = [
    ("catalog", catalog),
    ("child_rows", child_rows),
    ("claims", claims),
    ("compressed_body", compressed_body),
    ("config", config),
    ("connections", connections),
    ("consent_answer", consent_answer),
    ("differential", differential),
    ("document_rows", document_rows),
    ("envelope", envelope),
    ("error_body", error_body),
    ("page", page),
    ("rate_limit_headers", rate_limit_headers),
    ("reports", reports),
    ("rewriting", rewriting),
    ("state", state),
    ("token_response", token_response),
];
