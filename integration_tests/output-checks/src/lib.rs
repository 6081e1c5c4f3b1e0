//! What holds for the output of every run of the connector: for the black-box tests, and for the soak.

pub mod invariants;
mod run;

pub use run::Run;
