//! The simulator seen over HTTP, by a client that hides nothing.

mod client;
mod faults;
mod limits;
mod lists;
mod tokens;
