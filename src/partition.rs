//! One stream of one organisation: a walk, its calls side by side, and its
//! pages on their way to stdout, each followed by the state that covers it.

use std::collections::VecDeque;
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::call::Call;
use crate::client::Trouble;
use crate::emit::{Batch, Emitter};
use crate::explain;
use crate::failure::Failure;
use crate::page::Page;
use crate::protocol::{Message, StreamStatus, now_millis};
use crate::retry::Fault;
use crate::session::Session;
use crate::slots::Slot;
use crate::state::Positions;
use crate::streams::{Paging, Stream};
use crate::tenants::{ACCOUNTING, Tenant};
use crate::walk::{Ask, Broken, Kept, Pace, Start, Ticket, Walk};

/// What is read and with what.
pub(crate) struct Partition<'a> {
    pub(crate) session: &'a Session,
    pub(crate) emitter: &'a Emitter,
    pub(crate) slot: Slot<'a>,
    pub(crate) stream: &'static Stream,
    pub(crate) tenant: &'a Tenant,
}

/// An answer to one of the walk's requests.
type Answer = (Ticket, Result<Page, Trouble>);

impl Partition<'_> {
    /// Reads from the position on, which moves along.
    pub(crate) async fn read(&self, positions: &mut Positions) -> Result<(), Failure> {
        let mut walk = Walk::new(self.stream, self.start(positions));
        let (mut calls, mut rows) = (0_u64, 0_u64);
        let mut flying = FuturesUnordered::new();
        let mut landed = VecDeque::new();
        loop {
            while flying.len() + landed.len() < self.slot.calls()
                && let Some((ticket, ask)) = walk.ask(self.pace())
            {
                flying.push(self.fetch(ticket, ask));
            }
            let next = match landed.pop_front() {
                Some(answer) => Some(answer),
                None => flying.next().await,
            };
            let Some((ticket, page)) = next else {
                break;
            };
            let page: Page = match page {
                Err(Trouble::Fault(Fault::HighVolume)) if walk.narrow(ticket, now_millis()) => {
                    self.warn("Xero refuses so many rows at once: asking for less at a time");
                    continue;
                }
                page => page.map_err(|trouble| self.told(trouble))?,
            };
            calls += 1;
            let kept = walk
                .take(ticket, page)
                .map_err(|broken| self.not_whole(broken))?;
            if let Some(reason) = walk.warning() {
                self.warn(&format!("reading by plain page numbers, because {reason}"));
            }
            let batch = self.batch(&walk, kept, positions);
            if rows == 0 && batch.records > 0 {
                self.emitter
                    .send(Message::status(self.stream.name, StreamStatus::Running));
            }
            rows += batch.records;
            // Answers that arrive while stdout is slow are taken off their sockets.
            let mut sent = pin!(self.emitter.batch(batch));
            loop {
                tokio::select! {
                    biased;
                    sent = &mut sent => {
                        let lost = "The records could not be handed over.";
                        sent.map_err(|closed| Failure::system(lost).because(closed))?;
                        break;
                    }
                    Some(answer) = flying.next() => landed.push_back(answer),
                }
            }
        }
        let label = self.tenant.label();
        tracing::info!(
            stream = self.stream.name,
            rows,
            calls,
            "read all of {label}"
        );
        Ok(())
    }

    fn start(&self, positions: &Positions) -> Start {
        let config = &self.session.config;
        let first = match self.stream.paging {
            // A ledger is read from its first journal: numbers know no dates.
            Paging::Offset => 0,
            _ => config.start.timestamp_millis(),
        };
        let position = positions.of(&self.tenant.id);
        Start {
            from: position.map_or(first, |position| position.from),
            lookback: config.lookback.num_milliseconds(),
            open: position.map_or(Vec::new(), |position| position.open.clone()),
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

    async fn fetch(&self, ticket: Ticket, ask: Ask) -> Answer {
        let call = self.call(&ask);
        let parse = |body: &[u8]| Page::parse(body, self.stream, &self.tenant.id);
        (ticket, self.session.client.get(&call, parse).await)
    }

    fn call(&self, ask: &Ask) -> Call<'_> {
        let fixed = self.stream.params.iter();
        let mut query: Vec<_> = fixed
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let mut add = |name, value: Option<String>| query.extend(value.map(|value| (name, value)));
        add("page", ask.page.map(|page| page.to_string()));
        add("pageSize", ask.page_size.map(|size| size.to_string()));
        add("offset", ask.offset.map(|offset| offset.to_string()));
        add("where", ask.before.and_then(before));
        Call {
            path: format!("{ACCOUNTING}{}", self.stream.path),
            query,
            tenant: Some(&self.tenant.id),
            modified_since: ask.modified_since,
            stream: Some(self.stream.name),
            unchanged: format!(r#"{{"{}":[]}}"#, self.stream.envelope),
        }
    }

    /// What to write behind a page: its rows that count, and the state where the
    /// walk moved on, and at its end in any case.
    fn batch(&self, walk: &Walk, kept: Option<Kept>, positions: &mut Positions) -> Batch {
        let (lines, records) = match kept {
            Some(kept) => kept.page.into_lines(&kept.keep),
            None => (Vec::new(), 0),
        };
        let checkpoint = walk.checkpoint();
        let moved = checkpoint.is_some() && checkpoint.as_ref() != positions.of(&self.tenant.id);
        let state = (walk.is_over() || moved).then(|| {
            positions.note(&self.tenant.id, checkpoint);
            positions.state()
        });
        Batch {
            stream: self.stream.name,
            lines,
            records,
            state,
        }
    }

    fn told(&self, trouble: Trouble) -> Failure {
        trouble.told(|fault| explain::call(fault, self.stream, self.tenant.label()))
    }

    fn not_whole(&self, broken: Broken) -> Failure {
        Failure::transient(format!(
            "Xero's list of {} of {} was not whole. The next sync reads it again.",
            self.stream.name,
            self.tenant.label(),
        ))
        .because(broken)
    }

    fn warn(&self, text: &str) {
        tracing::warn!(stream = self.stream.name, "{text}");
    }
}

/// The filter for rows before a midnight, as Xero writes dates.
fn before(midnight: i64) -> Option<String> {
    let date = chrono::DateTime::from_timestamp_millis(midnight)?;
    Some(date.format("UpdatedDateUTC<DateTime(%Y,%m,%d)").to_string())
}
