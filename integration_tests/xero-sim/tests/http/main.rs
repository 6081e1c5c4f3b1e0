//! The simulator over HTTP, with a client that shows the whole answer.

mod authorize;
mod changes;
mod client;
mod faults;
mod limits;
mod lists;
mod organisations;
mod prepared;
mod program;
mod reports;
mod tokens;
