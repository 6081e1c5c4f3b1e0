//! The walk against a model of Xero in which somebody edits, adds and bulk-edits
//! rows between any two requests, several of which are under way at once.
//!
//! The promise, the unit being a row's id and its stamp: every version that is
//! older than the lookback when a sync ends has been read by it, and every other
//! one by the next; the rows of a quiet list are read exactly once; and a sync
//! that is killed can go on from any state that it sent.

mod costs;
mod promise;
mod rules;
mod servers;
mod trial;
