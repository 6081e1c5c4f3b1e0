//! The simulator over HTTP, with a client that shows the whole answer.

mod apis;
mod authorize;
mod books;
mod changes;
mod client;
mod faults;
mod life;
mod limits;
mod lists;
mod organisations;
mod prepared;
mod program;
mod queries;
mod reports;
mod tokens;
