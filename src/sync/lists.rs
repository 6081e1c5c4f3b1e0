//! Reads one list in one organisation: sends the requests of its walk, several at once, and gives the
//! pages to a consumer.

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::airbyte::emit::Closed;
use crate::airbyte::protocol::now_millis;
use crate::failure::Failure;
use crate::memory::MemoryPermit;
use crate::rows::page::Page;
use crate::streams::{Family, Quirk, Stream};
use crate::sync::concurrency::Slot;
use crate::sync::explain;
use crate::sync::list_request::list_request;
use crate::sync::session::Session;
use crate::sync::stream_output;
use crate::walk::proof::Proof;
use crate::walk::{
    self, BrokenList, MAX_GAPS, NewRows, PageRequest, RequestId, SendCapacity, Unsearched, Walk,
    WalkStart,
};
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::tenants::Tenant;

/// Sends one request at a time.
pub(crate) const ONE_AT_A_TIME: SendCapacity = SendCapacity {
    slots: 1,
    calls_now: 0,
    latency: Duration::ZERO,
};

/// A list that is read in one organisation.
#[derive(Debug)]
pub(crate) struct ListRead<'a> {
    pub(crate) session: &'a Session,
    pub(crate) tenant: &'a Tenant,
    /// The list, and the streams for which its rows become lines.
    pub(crate) family: &'a Family,
    /// The streams whose statuses show waits for rate limits. Log lines name the first one.
    pub(crate) streams: Vec<&'static str>,
    /// Allows several concurrent requests. Without a slot there is one at a time.
    pub(crate) slot: Option<Slot<'a>>,
}

/// Takes the pages of a list.
pub(crate) trait Consumer {
    /// Takes the next decision of the walk. Returns `false` once no further page is needed.
    async fn take(&mut self, step: Step<'_>) -> Result<bool, Closed>;
}

/// What the walk decided after a response.
pub(crate) struct Step<'a> {
    /// A page whose rows the walk has checked. `None` if no page was decided.
    pub(crate) page: Option<NewPage>,
    pub(crate) walk: &'a Walk,
    /// Xero's clock at the first response, milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
    /// `itemCount` of the response.
    pub(crate) item_count: Option<u64>,
    /// The memory permit of the response.
    pub(crate) held: Option<MemoryPermit>,
}

/// A page and which of its rows are new.
#[derive(Debug)]
pub(crate) struct NewPage {
    pub(crate) page: Page,
    pub(crate) is_new: Vec<bool>,
}

/// The result of a read that reached its end.
#[derive(Debug)]
pub(crate) struct ListEnd {
    /// What proves that every row was read. `None` if the consumer stopped the read.
    pub(crate) proof: Option<Proof>,
    pub(crate) walk: Walk,
    /// Xero's clock at the first response, milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
    /// The number of responses.
    pub(crate) calls: u64,
}

/// Why a list was not read to its end.
#[derive(Debug)]
pub(crate) enum ListError {
    /// A request failed.
    Request(RequestError),
    /// The pages do not form a complete list.
    Broken(BrokenList),
    /// stdout is closed.
    Closed(Closed),
}

impl ListError {
    /// The failure of one of the list's streams.
    pub(crate) fn to_failure(&self, stream: &Stream, organisation: &str) -> Failure {
        match self {
            ListError::Request(error) => explain::request(error.clone(), stream, organisation),
            ListError::Broken(broken) => Failure::transient(format!(
                "Xero's list of {} of {organisation} was incomplete. The next sync reads it again.",
                stream.name,
            ))
            .because(broken.clone()),
            ListError::Closed(closed) => stream_output::closed(*closed),
        }
    }
}

/// The response to one of the walk's requests.
type Answer = (
    RequestId,
    Result<(Page, Option<MemoryPermit>), RequestError>,
);

impl ListRead<'_> {
    /// Reads from `start` to the end of the list, or until `consumer` stops.
    pub(crate) async fn run(
        &self,
        start: WalkStart,
        consumer: &mut impl Consumer,
    ) -> Result<ListEnd, ListError> {
        let mut walk = walk::new(self.family.parent, start);
        let (mut calls, mut clock) = (0_u64, None);
        let mut under_way = FuturesUnordered::new();
        let mut arrived = VecDeque::new();
        // Pages whose rows the walk has not checked yet.
        let mut pages = HashMap::new();
        // Why no further request is sent. Responses to those under way are still used.
        let mut stop = None;
        let mut is_wanted = true;
        loop {
            while stop.is_none()
                && is_wanted
                && under_way.len() + arrived.len() < self.slots()
                && let Some((id, request)) = walk.next_request(self.pace())
            {
                under_way.push(self.fetch(id, request));
            }
            let next = match arrived.pop_front() {
                Some(answer) => Some(answer),
                None => under_way.next().await,
            };
            let Some((id, answer)) = next else {
                break;
            };
            calls += 1;
            let (mut held, mut item_count, mut new) = (None, None, None);
            match answer {
                Ok((page, permit)) => {
                    held = permit;
                    clock = clock.or(page.facts.clock);
                    item_count = page.facts.pagination.and_then(|counts| counts.item_count);
                    match walk.take(id, &page.facts) {
                        Ok(new_rows) => {
                            pages.insert(id, page);
                            new = new_rows;
                        }
                        Err(broken) => {
                            stop.get_or_insert(ListError::Broken(broken));
                            continue;
                        }
                    }
                }
                Err(error) if self.continues_without(&error, &mut walk, id) => {
                    if !walk.is_over() {
                        continue;
                    }
                    // The walk ended with this response.
                }
                Err(error) => {
                    stop.get_or_insert(ListError::Request(error));
                    continue;
                }
            }
            let page = new.and_then(|NewRows { of, is_new }| {
                let page = pages.remove(&of)?;
                Some(NewPage { page, is_new })
            });
            pages.retain(|id, _| walk.holds(*id));
            if let Some(reason) = walk.warning() {
                self.warn(&format!("is read by plain page numbers, because {reason}"));
            }
            let step = Step {
                page,
                walk: &walk,
                clock,
                item_count,
                held,
            };
            // While stdout is slow, responses are still read from their sockets.
            let mut taken = pin!(consumer.take(step));
            is_wanted &= loop {
                tokio::select! {
                    biased;
                    taken = &mut taken => break taken.map_err(ListError::Closed)?,
                    Some(answer) = under_way.next() => arrived.push_back(answer),
                }
            };
        }
        if let Some(stop) = stop {
            return Err(stop);
        }
        self.log_unsearched(walk.unsearched());
        let proof = walk.proof();
        if is_wanted && proof.is_none() {
            return Err(ListError::Broken(BrokenList::Unproven));
        }
        Ok(ListEnd {
            proof,
            walk,
            clock,
            calls,
        })
    }

    fn slots(&self) -> usize {
        self.slot.as_ref().map_or(1, Slot::calls)
    }

    fn pace(&self) -> SendCapacity {
        let Some(slot) = &self.slot else {
            return ONE_AT_A_TIME;
        };
        let room = self.session.client.capacity(&self.tenant.id);
        SendCapacity {
            slots: slot.calls() as u64,
            calls_now: room.calls_now as u64,
            latency: room.latency,
        }
    }

    async fn fetch(&self, id: RequestId, request: PageRequest) -> Answer {
        let Session { client, cache, .. } = self.session;
        let (list, tenant) = (self.family.parent, self.tenant);
        let parse = |body: &[u8]| {
            let page = Page::parse(body, self.family, &tenant.id)?;
            request.accept(&page.facts)?;
            Ok::<_, ParseError>(page)
        };
        let answer = match list.has(Quirk::Shared) {
            true => {
                let answer = cache.get(client, list, tenant, &self.streams, parse);
                answer.await.map(|page| (page, None))
            }
            false => {
                let call = list_request(list, &request, &tenant.id, &self.streams);
                client.get_list(&call, parse).await
            }
        };
        (id, answer)
    }

    /// Whether the walk continues although this request failed.
    fn continues_without(&self, error: &RequestError, walk: &mut Walk, id: RequestId) -> bool {
        match error {
            RequestError::Fault(Fault::HighVolume) if walk.narrow(id, now_millis()) => {
                self.warn("has too many rows for one request: requesting shorter ranges");
                true
            }
            RequestError::Fault(Fault::Refused { status: 404, .. }) if walk.is_gone(id) => {
                self.warn("had a row that was removed in Xero since it was listed");
                true
            }
            _ => false,
        }
    }

    /// Logs which journals a later sync finds late or not at all.
    fn log_unsearched(&self, unsearched: Unsearched) {
        let (stream, list) = (self.streams.first(), self.family.parent.name);
        let organisation = self.tenant.label();
        let Unsearched {
            calls,
            expired,
            dropped,
        } = unsearched;
        if calls > 0 {
            tracing::info!(
                stream,
                "{list} of {organisation}: parts that later syncs search for late journals: {calls}"
            );
        }
        if expired > 0 {
            tracing::info!(
                stream,
                "{list} of {organisation}: journal numbers that were missing for a day and are no longer searched for: {expired}"
            );
        }
        if let Some(number) = dropped {
            tracing::warn!(
                stream,
                "{list} of {organisation}: late journals up to number {number} are not searched for, because more than {MAX_GAPS} gaps follow"
            );
        }
    }

    fn warn(&self, text: &str) {
        let stream = self.streams.first();
        tracing::warn!(stream, "{} {text}", self.family.parent.name);
    }
}
