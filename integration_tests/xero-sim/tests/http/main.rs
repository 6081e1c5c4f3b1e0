//! The simulator seen over HTTP, by a client that hides nothing.

mod changes;
mod client;
mod faults;
mod limits;
mod lists;
mod reports;
mod tokens;
