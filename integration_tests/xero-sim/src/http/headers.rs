//! The headers of every answer of the Accounting API.

use crate::guid::Guid;
use crate::limits::{Limit, Remaining};
use crate::reply::Reply;

/// Adds the three headers with the remaining calls. After a 429 the limit that it names has none
/// left.
pub(super) fn left(reply: Reply, remaining: Remaining) -> Reply {
    let problem = reply.get("X-Rate-Limit-Problem").map(str::to_owned);
    let after = |limit: Limit, left| match &problem {
        Some(word) if word.eq_ignore_ascii_case(limit.problem()) => 0,
        _ => left,
    };
    reply
        .or_header("X-DayLimit-Remaining", after(Limit::Day, remaining.day))
        .or_header(
            "X-MinLimit-Remaining",
            after(Limit::Minute, remaining.minute),
        )
        .or_header(
            "X-AppMinLimit-Remaining",
            after(Limit::AppMinute, remaining.app_minute),
        )
}

/// Adds the correlation id.
pub(super) fn correlated(reply: Reply) -> Reply {
    let id = Guid::random(&mut fastrand::Rng::new());
    reply.or_header("Xero-Correlation-Id", id)
}
