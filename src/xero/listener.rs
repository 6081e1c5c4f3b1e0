//! Reports calls and waits to the layer above.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use crate::xero::rate_limit::budget::Capacity;
use crate::xero::rate_limit::headers::Limit;
use crate::xero::tenants::TenantId;

/// What a request is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// The streams that need its response.
    pub(crate) streams: &'a [&'static str],
    /// Its organisation. `None` for a request about the token itself.
    pub(crate) tenant: Option<&'a TenantId>,
}

/// One call that has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) sent: Instant,
    /// The time from sending the call to its complete response.
    pub(crate) took: Duration,
    /// The status of the response. `None` without a complete response.
    pub(crate) status: Option<u16>,
    /// Number of bytes of the body as they were received.
    pub(crate) received: u64,
    /// Number of bytes of the body after decompression.
    pub(crate) decompressed: u64,
    /// `X-MinLimit-Remaining` of the response.
    pub(crate) minute_remaining: Option<u32>,
    /// `X-DayLimit-Remaining` of the response.
    pub(crate) day_remaining: Option<u32>,
    /// What the limits of its organisation allow after it. `None` without an organisation.
    pub(crate) capacity: Option<Capacity>,
}

/// Why a request waits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WaitReason<'a> {
    /// For a rate limit.
    Limit(Limit),
    /// For its next attempt after this fault.
    Fault(&'a str),
}

/// Receives the calls and waits of requests. The layer above implements it.
pub(crate) trait RequestListener: Debug + Send + Sync {
    /// A call ended.
    fn call_ended(&self, subject: Subject<'_>, call: &Call);

    /// A request begins to wait.
    fn wait_started(&self, subject: Subject<'_>, wait: Duration, reason: WaitReason<'_>);

    /// The request that waited for a limit has its page.
    fn wait_ended(&self, subject: Subject<'_>);
}
