//! Xero's rate limits: what its headers say, and when the next request may go out.

pub(crate) mod budget;
pub(crate) mod headers;
pub(crate) mod limiter;
pub(crate) mod refusal;
pub(crate) mod remaining;
pub(crate) mod status;
pub(crate) mod usage;
