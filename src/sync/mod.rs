//! What one read does.

pub(crate) mod access;
pub(crate) mod call_quota;
pub(crate) mod callbacks;
pub(crate) mod catalog;
pub(crate) mod concurrency;
pub(crate) mod documents;
pub(crate) mod explain;
pub(crate) mod family;
pub(crate) mod item_errors;
pub(crate) mod list_request;
pub(crate) mod list_stream;
pub(crate) mod lists;
pub(crate) mod organisation_cache;
pub(crate) mod plan;
pub(crate) mod reports;
pub(crate) mod session;
pub(crate) mod sink;
pub(crate) mod statuses;
