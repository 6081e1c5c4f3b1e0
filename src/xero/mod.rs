//! Communicates with Xero. Knows nothing about Airbyte.
//!
//! `client` sends a request: it waits for a permit of the limiter in `rate_limit`, takes a token
//! from `auth`, sends through `http`, reads the `response`, and repeats by the rules in `retry`. If
//! no further attempt is allowed, the request ends with a `fault`.

pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod body;
mod certificates;
pub(crate) mod client;
pub(crate) mod connections;
pub(crate) mod fault;
pub(crate) mod http;
pub(crate) mod ids;
pub(crate) mod problem;
mod proxy;
pub(crate) mod rate_limit;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod tenants;
