//! Everything that is said to Xero.

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
