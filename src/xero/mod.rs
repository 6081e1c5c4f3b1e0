//! Everything that is said to Xero.

pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod connections;
pub(crate) mod fault;
pub(crate) mod ids;
pub(crate) mod problem;
pub(crate) mod proxy;
pub(crate) mod rate_limit;
pub(crate) mod request;
pub(crate) mod retry;
pub(crate) mod tenants;
pub(crate) mod transport;
