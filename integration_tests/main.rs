//! Black-box tests: the real binary against the simulator of Xero.

mod auth;
mod check;
mod command_line;
mod conformance;
mod connector;
mod discover;
mod families;
mod faults;
mod incremental;
mod invariants;
mod kills;
mod limits;
mod ranges;
mod read;
mod reconcile;
mod release;
mod report_desk;
mod reports;
mod reports_rounds;
mod scene;
mod scopes;
mod stopping;
mod tables;
mod tenants;
mod tls;
mod traffic;
