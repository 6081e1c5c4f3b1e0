//! Communicates with Xero. Knows nothing about Airbyte.
//!
//! `client` sends each request. It waits for a permit of the limiter in `rate_limit` and takes a
//! token from `auth`. `http` sends the request, and `response` reads the head and the body that
//! arrive. `retry` decides whether another attempt follows. If none follows, the request ends with
//! a `fault`.

pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod body;
mod certificates;
pub(crate) mod client;
pub(crate) mod connections;
pub(crate) mod fault;
pub(crate) mod http;
pub(crate) mod ids;
pub(crate) mod limit_status;
pub(crate) mod listener;
pub(crate) mod problem;
mod proxy;
pub(crate) mod rate_limit;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod retry;
mod standstill;
pub(crate) mod tenants;
