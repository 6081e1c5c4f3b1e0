//! Tests the walk with a model of Xero. Between two requests somebody edits, inserts and bulk-edits
//! rows, and several requests are in flight.
//!
//! The walk's promise covers versions: a row's id and its stamp. A sync reads every version that is
//! older than the lookback when it ends. The next sync reads every other version. The rows of a
//! quiet list are read exactly once. A killed sync can resume from any state that it sent.

mod costs;
mod promise;
mod rules;
mod servers;
mod trial;
