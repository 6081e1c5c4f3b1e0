//! The request loop of streams that need one request per document, contact or published return.

use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use crate::failure::Failure;
use crate::streams::Stream;
use crate::sync::item_errors::{ItemFailures, MAX_CONSECUTIVE_FAILURES, StopReason};
use crate::xero::tenants::Tenant;

/// Takes the results of the requests about items.
pub(crate) trait ItemConsumer<T> {
    /// The failures of the present series of requests.
    fn failures(&self) -> &ItemFailures;

    /// Takes the result of one item. An error ends the loop.
    async fn take(&mut self, result: T) -> Result<(), Failure>;

    /// Ends a series of requests. Returns why it ended early, if it did.
    fn end_series(&mut self) -> Option<(StopReason, Failure)>;
}

/// The requests of one stream in one organisation.
#[derive(Debug)]
pub(crate) struct ItemRequests<'a> {
    pub(crate) stream: &'static Stream,
    pub(crate) tenant: &'a Tenant,
    /// The number of requests sent so far. Every attempt counts.
    pub(crate) spent: &'a Cell<usize>,
    /// Maximum value of `spent`.
    pub(crate) max_calls: usize,
    /// How many items are requested at once.
    pub(crate) at_once: usize,
}

impl ItemRequests<'_> {
    /// Requests the `new` items, and then the items that failed before, so that these do not block
    /// the others. Sends one request per item, several at once, and gives the results to `consumer` in
    /// the order of the items. Every request that was sent has its result used.
    pub(crate) async fn send<I, F: Future>(
        &self,
        new: Vec<I>,
        again: Vec<I>,
        request: impl Fn(I) -> F,
        consumer: &mut impl ItemConsumer<F::Output>,
    ) -> Result<(), Failure> {
        let (stream, organisation) = (self.stream.name, self.tenant.label());
        let for_new = self.max_calls - again.len();
        let mut no_room = None;
        for (items, max_calls, is_again) in [(new, for_new, false), (again, self.max_calls, true)] {
            let mut items = items.into_iter();
            let mut under_way = FuturesOrdered::new();
            let mut arrived = VecDeque::new();
            loop {
                while under_way.len() + arrived.len() < consumer.failures().room().min(self.at_once)
                    && self.spent.get() < max_calls
                    && let Some(item) = items.next()
                {
                    under_way.push_back(request(item));
                }
                let next = match arrived.pop_front() {
                    Some(result) => Some(result),
                    None => under_way.next().await,
                };
                let Some(result) = next else {
                    break;
                };
                // While stdout is slow, responses are still read from their sockets. Otherwise they
                // would time out and be requested again.
                let mut taken = pin!(consumer.take(result));
                loop {
                    tokio::select! {
                        biased;
                        taken = &mut taken => break taken?,
                        Some(result) = under_way.next() => arrived.push_back(result),
                    }
                }
            }
            match consumer.end_series() {
                // The state has room again once an item that failed before is read.
                Some((StopReason::NoRoom, failure)) => no_room = Some(failure),
                // Items that fail again may be broken themselves, so the stream does not end.
                Some((StopReason::TooMany, _)) if is_again => tracing::warn!(
                    stream,
                    "{MAX_CONSECUTIVE_FAILURES} requests in a row of {organisation} failed again: the next sync repeats the others"
                ),
                Some((_, failure)) => return Err(failure),
                None => {}
            }
        }
        no_room.map_or(Ok(()), |failure| {
            Err(Failure::transient(format!(
                "So many requests of {stream} failed for {organisation} that the state records no more. The warnings of each sync give the reasons. The stream continues once some of these requests succeed."
            ))
            .because(failure))
        })
    }
}

/// Chooses the items that failed before and are requested again: half of the calls, or more if there
/// are few `new` items. Neither kind of item blocks the other. The order is random, so that items that
/// always fail do not block the others.
pub(crate) fn retries<I>(mut failed: Vec<I>, calls: usize, new: usize) -> Vec<I> {
    fastrand::shuffle(&mut failed);
    failed.truncate((calls / 2).max(calls.saturating_sub(new)));
    failed
}
