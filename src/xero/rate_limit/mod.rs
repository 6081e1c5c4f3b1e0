//! Decides when the next call may be sent and how long to wait after a 429.
//!
//! Limits for an app and organisation: 60 calls a minute, 5 at once, 1,000 or 5,000 a day. Limit for an
//! app over all organisations: 10,000 calls a minute.

pub(crate) mod budget;
pub(crate) mod headers;
pub(crate) mod limiter;
pub(crate) mod limiters;
pub(crate) mod remaining;
pub(crate) mod retry_after;
