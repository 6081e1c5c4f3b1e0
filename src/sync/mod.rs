//! Does the work of one read.
//!
//! [`plan`] decides which streams are read together and in which order. [`family`] reads a list and
//! its child streams, [`reports`] the report streams, [`documents`] the streams that need one
//! request per document, [`list_counts`] Xero's counts of the lists. [`lists`] is the engine that walks one list in one organisation.
//! [`stream_output`] and [`statuses`] are the only modules that write a stream's messages.

pub(crate) mod access;
pub(crate) mod call_quota;
pub(crate) mod callbacks;
pub(crate) mod catalog;
pub(crate) mod concurrency;
pub(crate) mod config_file;
pub(crate) mod country;
pub(crate) mod documents;
pub(crate) mod estimate;
pub(crate) mod explain;
pub(crate) mod family;
pub(crate) mod item_errors;
pub(crate) mod item_requests;
pub(crate) mod list_counts;
pub(crate) mod list_request;
pub(crate) mod list_stream;
pub(crate) mod lists;
pub(crate) mod organisation;
pub(crate) mod organisation_cache;
pub(crate) mod plan;
pub(crate) mod reports;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod statuses;
pub(crate) mod stream_output;
