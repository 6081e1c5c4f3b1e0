//! One family of streams in one organisation: a walk, its calls side by side,
//! and its pages on their way to stdout, each followed by the states that cover it.

use std::collections::VecDeque;
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::airbyte::emit::{Batch, Closed, Emitter};
use crate::airbyte::protocol::{Message, StreamStatus, now_millis};
use crate::failure::Failure;
use crate::rows::page::Page;
use crate::state::reconcile::Reconcile;
use crate::streams::{Family, Paging, Stream};
use crate::sync::concurrency::Slot;
use crate::sync::documents::{self, Audience, Facts, Heard, Stage};
use crate::sync::explain;
use crate::sync::session::Session;
use crate::sync::sink::Outlet;
use crate::walk::proof::Proof;
use crate::walk::{Ask, Broken, Checkpoint, Kept, Pace, Start, Ticket, Walk};
use crate::xero::body::Held;
use crate::xero::client::Trouble;
use crate::xero::request::Call;
use crate::xero::retry::{Fault, Unread};
use crate::xero::tenants::Tenant;

/// What is read and with what.
pub(crate) struct Partition<'a, 't> {
    pub(crate) session: &'a Session,
    pub(crate) emitter: &'a Emitter,
    pub(crate) slot: Slot<'a>,
    pub(crate) family: &'a Family,
    pub(crate) tenant: &'a Tenant,
    /// Who may need to hear of the rows.
    pub(crate) audience: &'a Audience<'t>,
}

/// Why a family was not read to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A call brought no page.
    Trouble(Trouble),
    /// The pages made no list.
    Broken(Broken),
    /// Nobody takes the records.
    Closed(Closed),
}

impl Stop {
    /// The same for one of the streams, in the user's words.
    pub(crate) fn told(&self, stream: &Stream, organisation: &str) -> Failure {
        match self {
            Stop::Trouble(trouble) => trouble
                .clone()
                .told(|fault| explain::call(fault, stream, organisation)),
            Stop::Broken(broken) => Failure::transient(format!(
                "Xero's list of {} of {organisation} was not whole. The next sync reads it again.",
                stream.name,
            ))
            .because(broken.clone()),
            Stop::Closed(closed) => {
                Failure::system("The records could not be handed over.").because(*closed)
            }
        }
    }
}

/// An answer to one of the walk's requests, and what its rows say to the audience.
type Answer = (Ticket, Result<((Page, Vec<Facts>), Option<Held>), Trouble>);

impl Partition<'_, '_> {
    /// Reads all that is new to any of the outlets, which are the family's members, and
    /// returns what proves that it was all.
    pub(crate) async fn read(&self, outlets: &mut [Outlet]) -> Result<Proof, Stop> {
        let start = self.start(outlets);
        let (lookback, stage) = (start.lookback, self.stage());
        let is_heard = self.audience.begin(stage, &start);
        let mut walk = Walk::new(self.family.parent, start);
        let (mut calls, mut clock) = (0_u64, None);
        let mut flying = FuturesUnordered::new();
        let mut landed = VecDeque::new();
        // Why no further request goes out. Those under way are paid for: their answers are used.
        let mut stop = None;
        loop {
            while stop.is_none()
                && flying.len() + landed.len() < self.slot.calls()
                && let Some((ticket, ask)) = walk.ask(self.pace())
            {
                flying.push(self.fetch(ticket, ask, is_heard));
            }
            let next = match landed.pop_front() {
                Some(answer) => Some(answer),
                None => flying.next().await,
            };
            let Some((ticket, page)) = next else {
                break;
            };
            calls += 1;
            let mut room = None;
            let kept = match page {
                Ok(((page, facts), held)) => {
                    room = held;
                    clock = clock.or(page.clock);
                    let kept = match walk.take(ticket, page) {
                        Ok(kept) => kept,
                        Err(broken) => {
                            stop.get_or_insert(Stop::Broken(broken));
                            continue;
                        }
                    };
                    if let Some(Kept { page, keep }) = kept.as_ref().filter(|_| is_heard) {
                        let (rows, facts) = (&page.rows[..], &facts[..]);
                        let heard = Heard {
                            rows,
                            keep,
                            facts,
                            clock,
                        };
                        self.audience.hear(stage, heard);
                    }
                    kept
                }
                Err(trouble) if self.goes_on_without(&trouble, &mut walk, ticket) => {
                    if !walk.is_over() {
                        continue;
                    }
                    None // what the walk can do without was its last answer
                }
                Err(trouble) => {
                    stop.get_or_insert(Stop::Trouble(trouble));
                    continue;
                }
            };
            if let Some(reason) = walk.warning() {
                self.warn(&format!("reading by plain page numbers, because {reason}"));
            }
            let batches = self.batches(kept, &walk, outlets);
            // Answers that arrive while stdout is slow are taken off their sockets.
            let mut sent = pin!(self.deliver(batches, room));
            loop {
                tokio::select! {
                    biased;
                    sent = &mut sent => break sent.map_err(Stop::Closed)?,
                    Some(answer) = flying.next() => landed.push_back(answer),
                }
            }
        }
        if let Some(stop) = stop {
            return Err(stop);
        }
        let proof = walk.proof().ok_or(Stop::Broken(Broken::Unproven))?;
        self.audience.end(stage, &walk, clock, lookback);
        let label = self.tenant.label();
        for Outlet { stream, rows, .. } in outlets {
            tracing::info!(stream = stream.name, rows, calls, "read all of {label}");
        }
        Ok(proof)
    }

    /// Begins with all that is open to any of the members.
    fn start(&self, outlets: &mut [Outlet]) -> Start {
        let config = &self.session.config;
        let first = match self.family.parent.endpoint().paging {
            // A ledger is read from its first journal: numbers know no dates.
            Paging::Offset => 0,
            _ => config.start.timestamp_millis(),
        };
        let now = chrono::Utc::now();
        let reconcile = config.reconcile.map(|every| Reconcile { every, now });
        let begin = |outlet: &mut Outlet| outlet.begin(&self.tenant.id, first, reconcile);
        let positions = outlets.iter_mut().map(begin);
        let begin = positions.reduce(Checkpoint::union).unwrap_or_default();
        Start {
            from: begin.from,
            lookback: config.lookback.num_milliseconds(),
            open: begin.open,
            gaps: begin.gaps,
            list: begin.list,
        }
    }

    fn pace(&self) -> Pace {
        let room = self.session.client.room(&self.tenant.id);
        Pace {
            slots: self.slot.calls() as u64,
            calls_now: room.calls_now as u64,
            latency: room.latency,
        }
    }

    fn stage(&self) -> Stage<'_> {
        Stage {
            tenant: self.tenant,
            list: self.family.parent,
        }
    }

    async fn fetch(&self, ticket: Ticket, ask: Ask, is_heard: bool) -> Answer {
        let Session { client, cache, .. } = self.session;
        let (list, tenant) = (self.family.parent, self.tenant);
        let told = self.family.members.first().map(|member| member.name);
        let parse = |body: &[u8]| {
            let page = ask.accept(Page::parse(body, self.family, &self.tenant.id)?)?;
            let facts = match is_heard {
                true => documents::facts(body, self.family.parent)?,
                false => Vec::new(),
            };
            Ok::<_, Unread>((page, facts))
        };
        let answer = match list.is_shared() {
            true => {
                let answer = cache.get(client, list, tenant, told, parse).await;
                answer.map(|page| (page, None))
            }
            false => {
                let call = Call::list(list, &ask, &tenant.id, told);
                client.list(&call, parse).await
            }
        };
        (ticket, answer)
    }

    /// Whether the walk can do without this answer.
    fn goes_on_without(&self, trouble: &Trouble, walk: &mut Walk, ticket: Ticket) -> bool {
        match trouble {
            Trouble::Fault(Fault::HighVolume) if walk.narrow(ticket, now_millis()) => {
                self.warn("Xero refuses so many rows at once: asking for less at a time");
                true
            }
            Trouble::Fault(Fault::Refused { status: 404, .. }) => walk.is_gone(ticket),
            _ => false,
        }
    }

    /// What each member has to write behind an answer.
    fn batches(&self, kept: Option<Kept>, walk: &Walk, outlets: &mut [Outlet]) -> Vec<Batch> {
        let (page, keep) = kept.map_or_else(Default::default, |Kept { page, keep }| (page, keep));
        let (lines, rows) = page.into_parts();
        let mut lines = lines.into_iter();
        let mut batches = Vec::with_capacity(outlets.len());
        for outlet in outlets {
            let is_first = outlet.rows == 0;
            let page = lines.next().map(|lines| (lines, &rows[..], &keep[..]));
            let batch = outlet.batch(&self.tenant.id, page, walk);
            if is_first && batch.records > 0 {
                let running = Message::status(outlet.stream.name, StreamStatus::Running);
                self.emitter.send(running);
            }
            batches.push(batch);
        }
        batches.retain(|batch| batch.records > 0 || batch.state.is_some());
        batches
    }

    async fn deliver(&self, batches: Vec<Batch>, room: Option<Held>) -> Result<(), Closed> {
        for batch in batches {
            self.emitter.large(batch, room.clone()).await?;
        }
        Ok(())
    }

    fn warn(&self, text: &str) {
        tracing::warn!(stream = self.family.parent.name, "{text}");
    }
}
