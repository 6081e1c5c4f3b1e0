//! The documents of one stream are asked, as far as its part of the calls goes; behind what
//! each has comes the state that covers it.

use std::cell::Cell;
use std::pin::pin;

use futures_util::StreamExt;

use super::{Book, Task};
use crate::emit::Batch;
use crate::failure::Failure;
use crate::lines::Lines;
use crate::misses::{Again, MOST_MISSES};
use crate::proof::Proof;
use crate::protocol::{Message, StreamStatus};
use crate::share::Share;
use crate::sub_resources::choice::{Chosen, choose};
use crate::sub_resources::kind::Kind;
use crate::sub_resources::round::{Asked, Caller, Item};
use crate::sub_resources::rows::Row;
use crate::sub_resources::state::MOST_FAILED;
use crate::tenants::Tenant;

impl<'a> Task<'a> {
    /// Asks what the stream's part of the calls allows, and returns how it ended in each organisation.
    pub(crate) async fn read(mut self, share: &Share) -> Vec<Result<Proof, Failure>> {
        for book in std::mem::take(&mut self.books) {
            let part = share.part();
            let end = self.organisation(book, part, share).await;
            self.ends.push(end);
        }
        self.ends
    }

    async fn organisation(
        &mut self,
        mut book: Book<'a>,
        part: usize,
        share: &Share,
    ) -> Result<Proof, Failure> {
        let (stream, tenant) = (self.stream, book.tenant);
        if part == 0 {
            tracing::warn!(
                stream = stream.name,
                "max_calls_per_sync leaves no call for it"
            );
        }
        let own = std::mem::take(&mut book.own);
        if !own.is_empty() {
            self.hand_over(tenant, &own).await?;
        }
        let needed: u64 = book.kinds.iter().map(Kind::calls).sum();
        let (directory, spent) = (self.directory.clone(), Cell::new(0));
        let caller = Caller {
            session: self.session,
            stream,
            wanted: self.wanted,
            tenant,
            directory: directory.as_ref(),
            spent: &spent,
        };
        let mut documents = 0;
        let asked = self
            .documents(caller, &mut book, part, &mut documents)
            .await;
        let (calls, left) = (spent.get(), needed.saturating_sub(documents));
        share.spend(calls);
        for kind in &mut book.kinds {
            kind.queue.close();
            let position = kind.queue.position();
            self.progress.note(&tenant.id, kind.list, position);
        }
        self.hand_over(tenant, &[]).await?;
        asked?;
        let label = tenant.label();
        tracing::info!(
            stream = stream.name,
            calls,
            "asked {label}; about {left} documents are left to the next syncs"
        );
        Ok(Proof::EveryItem)
    }

    /// Asks documents with so many calls: those that failed before come last, so that
    /// they never keep the others from being asked.
    async fn documents(
        &mut self,
        caller: Caller<'_>,
        book: &mut Book<'a>,
        part: usize,
        documents: &mut u64,
    ) -> Result<(), Failure> {
        let Chosen { new, again } = choose(&book.kinds, part);
        let first = part - again.len();
        self.ask(caller, book, new, first, documents).await?;
        self.ask(caller, book, again, part, documents).await
    }

    /// Asks documents until so many calls are spent, and hands over what each has.
    async fn ask(
        &mut self,
        caller: Caller<'_>,
        book: &mut Book<'a>,
        items: Vec<Item>,
        part: usize,
        documents: &mut u64,
    ) -> Result<(), Failure> {
        let tenant = caller.tenant;
        let mut misses = 0;
        let mut answers = pin!(caller.all(items, part));
        while let Some((item, asked)) = answers.next().await {
            let mut failed = false;
            let mut rows = Vec::new();
            // Those that fail again may well be theirs to blame.
            let is_enough = !item.is_again
                && (misses + 1 == MOST_MISSES || self.progress.failed(&tenant.id) >= MOST_FAILED);
            match asked {
                Asked::Rows(found) => (rows, misses) = (found, 0),
                Asked::Partly(_, failure) if is_enough => return Err(failure),
                Asked::Partly(found, _) => (rows, failed, misses) = (found, true, misses + 1),
                Asked::Not(again, trouble) if is_enough || again == Again::Stop => {
                    return Err(caller.told(trouble));
                }
                Asked::Not(again, trouble) => {
                    caller.tell(&item, again, trouble);
                    (failed, misses) = (again == Again::NextSync, misses + 1);
                }
            }
            *documents += 1;
            let kind = &mut book.kinds[item.at];
            if !item.is_again {
                kind.queue.done(&item.document);
                self.progress
                    .note(&tenant.id, kind.list, kind.queue.position());
            }
            self.progress
                .note_call(&tenant.id, kind.list, &item.document, failed);
            self.hand_over(tenant, &rows).await?;
            if misses == MOST_MISSES {
                tracing::warn!(
                    stream = self.stream.name,
                    "{MOST_MISSES} documents in a row of {} failed again: the others wait for the next sync",
                    tenant.label()
                );
                break;
            }
        }
        Ok(())
    }

    /// Hands rows over, and behind them the state that covers them.
    async fn hand_over(&mut self, tenant: &Tenant, rows: &[Row]) -> Result<(), Failure> {
        let bytes = rows.iter().map(|row| row.members.len() + 200).sum();
        let mut lines = Lines::of(self.stream.name, &tenant.id, bytes);
        for row in rows {
            lines.line(|out| out.extend_from_slice(&row.members));
            row.reference.iter().for_each(|it| lines.refer(it));
            lines.end_row();
        }
        let (lines, records) = lines.kept(rows.iter().map(|_| true));
        if self.rows == 0 && records > 0 {
            let running = Message::status(self.stream.name, StreamStatus::Running);
            self.emitter.send(running);
        }
        self.rows += records;
        // A state goes out once: rows that it covers already wait for the next one.
        let state = Some(self.progress.state()).filter(|state| self.sent.as_ref() != Some(state));
        if records == 0 && state.is_none() {
            return Ok(());
        }
        self.sent = state.clone().or(self.sent.take());
        let batch = Batch {
            stream: self.stream.name,
            lines,
            records,
            state,
        };
        self.emitter.batch(batch).await.map_err(|closed| {
            Failure::system("The records could not be handed over.").because(closed)
        })
    }
}
