//! One stream in every organisation: its lists, its part of the calls, its state.

use std::cell::Cell;
use std::pin::pin;

use futures_util::StreamExt;
use serde_json::Value;

use super::choice::chosen;
use super::cis;
use super::kind::Kind;
use super::listing::Listing;
use super::queue::{Document, Position};
use super::round::{Again, Asked, Caller, MOST_MISSES};
use super::rows::Row;
use super::state::{MOST_FAILED, Progress};
use crate::client::Trouble;
use crate::download::Directory;
use crate::emit::{Batch, Emitter};
use crate::explain;
use crate::failure::Failure;
use crate::lines::Lines;
use crate::partition::Stop;
use crate::protocol::{Message, StreamStatus};
use crate::retry::Fault;
use crate::session::Session;
use crate::share::Share;
use crate::streams::{Source, Stream, Wanted};
use crate::tenants::Tenant;

/// Lists that are walked at once.
const LISTS_AT_ONCE: usize = 5;

/// One stream.
#[derive(Debug)]
pub(crate) struct Task<'a> {
    session: &'a Session,
    emitter: &'a Emitter,
    pub(crate) stream: &'static Stream,
    wanted: Wanted,
    /// Where files go, if they are to be downloaded.
    pub(crate) directory: Option<Directory>,
    progress: Progress,
    books: Vec<Book<'a>>,
    failures: Vec<Failure>,
    /// Rows that were handed over.
    rows: u64,
    sent: Option<Value>,
}

/// The lists of one organisation.
#[derive(Debug)]
struct Book<'a> {
    tenant: &'a Tenant,
    kinds: Vec<Kind>,
    /// Rows about the organisation itself.
    own: Vec<Row>,
}

impl<'a> Task<'a> {
    /// Prepares a stream from the state that came in. Lists that the token may not
    /// read are left out.
    pub(crate) fn new(
        session: &'a Session,
        emitter: &'a Emitter,
        stream: &'static Stream,
        state: &Value,
        granted: Option<&[String]>,
        directory: Option<Directory>,
    ) -> Result<Task<'a>, Failure> {
        let Source::SubResource(sub) = &stream.source else {
            return Err(Failure::system(format!(
                "{} hangs on no document.",
                stream.name
            )));
        };
        let progress = Progress::read(stream, state)?;
        let may =
            |list: &&'static Stream| granted.is_none_or(|granted| list.readable_with(granted));
        let (lists, others): (Vec<&'static Stream>, Vec<_>) =
            sub.parents.iter().copied().partition(may);
        let others: Vec<_> = others.iter().map(|list| list.name).collect();
        if lists.is_empty() {
            return Err(explain::missing_scope(sub.parents[0]));
        }
        if !others.is_empty() {
            let others = others.join(", ");
            tracing::warn!(
                stream = stream.name,
                "left out, because the token may not read them: {others}"
            );
        }
        let first = Position::at(session.config.start.timestamp_millis());
        let room = usize::try_from(session.config.costly_calls).unwrap_or(usize::MAX);
        let book = |tenant: &'a Tenant| Book {
            tenant,
            kinds: lists
                .iter()
                .map(|list| {
                    let place = progress.of(&tenant.id, list);
                    let position = place.position.unwrap_or_else(|| first.clone());
                    let failed = place.failed.into_iter();
                    let failed = failed.map(|(id, stamp)| Document { stamp, id });
                    Kind::new(list, sub.wanted, position, room, failed.collect())
                })
                .collect(),
            own: Vec::new(),
        };
        let blocked = session.tenants.iter().filter_map(|it| it.blocked.clone());
        let readable = session.tenants.iter().filter(|it| it.blocked.is_none());
        Ok(Task {
            session,
            emitter,
            stream,
            wanted: sub.wanted,
            directory,
            books: readable.map(book).collect(),
            failures: blocked.collect(),
            progress,
            rows: 0,
            sent: None,
        })
    }

    /// The lists of an organisation, as long as any of their documents may be asked.
    pub(crate) fn kinds(&mut self, tenant: &Tenant) -> impl Iterator<Item = &mut Kind> {
        let may_ask = self.session.config.costly_calls > 0;
        let books = self.books.iter_mut();
        let books = books.filter(move |book| may_ask && book.tenant.id == tenant.id);
        books.flat_map(|book| &mut book.kinds)
    }

    /// Finds the documents that are to be asked and were not heard of yet.
    pub(crate) async fn list(&mut self, share: &Share) {
        let Task {
            session,
            stream,
            ref mut books,
            ref mut failures,
            ..
        } = *self;
        if session.config.costly_calls == 0 {
            return;
        }
        for book in books {
            if stream.name == "cis_settings" {
                match cis::ask(session, stream, book.tenant).await {
                    Ok(scheme) => {
                        share.spend(usize::from(!scheme.rows.is_empty()));
                        book.own = scheme.rows;
                        if !scheme.is_contractor {
                            book.kinds.clear();
                        }
                    }
                    Err(failure) => {
                        failures.push(failure);
                        book.kinds.clear();
                    }
                }
            }
            let tenant = book.tenant;
            let listing = Listing {
                session,
                tenant,
                stream,
            };
            let unknown = book
                .kinds
                .iter_mut()
                .filter_map(|kind| match kind.is_known() {
                    true => None,
                    false => Some(kind),
                });
            let walked = futures_util::stream::iter(unknown)
                .map(async |kind| {
                    let stop = listing.walk(kind).await.err()?;
                    kind.queue.cut();
                    Some((kind.list, stop))
                })
                .buffer_unordered(LISTS_AT_ONCE)
                .filter_map(async |stopped| stopped);
            let stopped: Vec<_> = walked.collect().await;
            failures.extend(stopped.into_iter().filter_map(|(list, stop)| {
                let missing = matches!(stop, Stop::Trouble(Trouble::Fault(Fault::NotPermitted)));
                let failure = stop.told(list, tenant.label());
                if missing {
                    tracing::warn!(
                        stream = stream.name,
                        "{} are left out: {failure}",
                        list.name
                    );
                }
                (!missing).then_some(failure)
            }));
        }
    }

    /// About how many calls all documents need, whether this sync may make them or not.
    pub(crate) fn calls(&self) -> u64 {
        let kinds = self.books.iter().flat_map(|book| &book.kinds);
        kinds.map(Kind::calls).sum()
    }

    /// Asks what the stream's part of the calls allows, and returns what went wrong.
    pub(crate) async fn read(mut self, share: &Share) -> Vec<Failure> {
        for book in std::mem::take(&mut self.books) {
            let part = share.part();
            if let Err(failure) = self.organisation(book, part, share).await {
                self.failures.push(failure);
            }
        }
        self.failures
    }

    async fn organisation(
        &mut self,
        mut book: Book<'a>,
        part: usize,
        share: &Share,
    ) -> Result<(), Failure> {
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
        let asked = self.ask(caller, &mut book, part, &mut documents).await;
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
        Ok(())
    }

    /// Asks documents, and hands over what each has.
    async fn ask(
        &mut self,
        caller: Caller<'_>,
        book: &mut Book<'a>,
        part: usize,
        documents: &mut u64,
    ) -> Result<(), Failure> {
        let tenant = caller.tenant;
        let mut misses = 0;
        let mut answers = pin!(caller.all(chosen(&book.kinds, part), part));
        while let Some((item, asked)) = answers.next().await {
            let mut failed = false;
            let mut rows = Vec::new();
            let is_enough =
                misses + 1 == MOST_MISSES || self.progress.failed(&tenant.id) >= MOST_FAILED;
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
            if failed || item.is_again {
                self.progress
                    .note_call(&tenant.id, kind.list, &item.document, failed);
            }
            self.hand_over(tenant, &rows).await?;
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
