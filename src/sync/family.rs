//! Reads a list and its child streams together in every organisation. Document streams observe the
//! walk.

use crate::airbyte::emit::Closed;
use crate::failure::Failure;
use crate::rows::page::Page;
use crate::rows::record_lines::Records;
use crate::state::reconcile::Reconcile;
use crate::streams::{Family, Stream};
use crate::sync::documents::{Observers, OrganisationList};
use crate::sync::list_stream::ListStream;
use crate::sync::lists::{Consumer, ListEnd, ListError, ListRead, NewPage, Step};
use crate::sync::run::SyncRun;
use crate::sync::sink::Sink;
use crate::walk::proof::Proof;
use crate::walk::{BrokenList, Checkpoint, WalkStart};
use crate::xero::tenants::Tenant;

impl SyncRun<'_> {
    /// Reads a family from its first status to its last.
    pub(crate) async fn family(&self, mut family: Family, observers: &Observers<'_>) {
        for stream in &family.members {
            self.statuses.begin(stream.name);
        }
        let mut streams = Vec::with_capacity(family.members.len());
        family.members.retain(|stream| {
            let member = self
                .may_read(stream)
                .and_then(|()| self.list_stream(stream));
            match member {
                Ok(member) => {
                    streams.push(member);
                    true
                }
                Err(failure) => {
                    self.statuses.end(stream.name, &[Err(failure)]);
                    false
                }
            }
        });
        if !streams.is_empty() {
            self.organisations(&family, observers, &mut streams).await;
        }
        for stream in &streams {
            self.statuses.end(stream.sink.stream.name, &stream.ends);
        }
    }

    fn list_stream(&self, stream: &'static Stream) -> Result<ListStream<'_>, Failure> {
        let mut positions = self.states.of(stream)?;
        let tenants = self.session.tenants.iter();
        positions.settle(tenants.map(|tenant| &*tenant.id));
        let sink = Sink::new(self.emitter, stream);
        Ok(ListStream::new(sink, positions))
    }

    /// Reads a family in every organisation. An organisation that fails does not stop the others.
    async fn organisations(
        &self,
        family: &Family,
        observers: &Observers<'_>,
        streams: &mut [ListStream<'_>],
    ) {
        let mut tenants: Vec<_> = self.session.tenants.iter().collect();
        if family.parent.belongs_to_token() {
            // The list belongs to the token, so one request serves all organisations.
            tenants.retain(|tenant| tenant.blocked.is_none());
            tenants.truncate(1);
        }
        for tenant in tenants {
            if let Some(failure) = &tenant.blocked {
                let blocked = |stream: &mut ListStream<'_>| stream.ends.push(Err(failure.clone()));
                streams.iter_mut().for_each(blocked);
                continue;
            }
            let end = self.organisation(family, observers, tenant, streams).await;
            for stream in &mut *streams {
                let failure =
                    |error: &ListError| error.to_failure(stream.sink.stream, tenant.label());
                stream.ends.push(end.as_ref().copied().map_err(failure));
            }
        }
    }

    async fn organisation(
        &self,
        family: &Family,
        observers: &Observers<'_>,
        tenant: &Tenant,
        streams: &mut [ListStream<'_>],
    ) -> Result<Proof, ListError> {
        let list = family.parent;
        let start = self.start(list, tenant, streams);
        let lookback = start.lookback;
        let listed = OrganisationList { tenant, list };
        let is_observed = observers.begin(listed, &start);
        let read = ListRead {
            session: &self.session,
            tenant,
            family,
            stream: family.members.first().map_or(list.name, |it| it.name),
            slot: Some(self.slots.take(&tenant.id)),
        };
        let mut consumer = Emit {
            tenant,
            streams,
            observers: is_observed.then_some((observers, listed)),
        };
        let ListEnd {
            proof,
            walk,
            clock,
            calls,
        } = read.run(start, &mut consumer).await?;
        observers.end(listed, &walk, clock, lookback);
        let label = tenant.label();
        for ListStream { sink, .. } in streams {
            let (stream, rows) = (sink.stream.name, sink.rows);
            tracing::info!(stream, rows, calls, "read all of {label}");
        }
        proof.ok_or(ListError::Broken(BrokenList::Unproven))
    }

    /// Begins at the earliest position of the streams.
    fn start(&self, list: &Stream, tenant: &Tenant, streams: &mut [ListStream<'_>]) -> WalkStart {
        let config = &self.session.config;
        let first = match list.is_numbered() {
            // start_date cannot be mapped to a journal number, so journals are read from the first.
            true => 0,
            false => config.start_date.timestamp_millis(),
        };
        let now = chrono::Utc::now();
        let reconcile = config.reconcile_days.map(|every| Reconcile { every, now });
        let begin = |stream: &mut ListStream<'_>| stream.begin(&tenant.id, first, reconcile);
        let positions = streams.iter_mut().map(begin);
        let begin = positions.reduce(Checkpoint::union).unwrap_or_default();
        WalkStart {
            from: begin.from,
            lookback: config.lookback_seconds.num_milliseconds(),
            open: begin.open,
            gaps: begin.gaps,
            list: begin.list,
        }
    }
}

/// Writes the new rows of each stream, and then the state that covers them.
struct Emit<'a, 'o, 't, 's> {
    tenant: &'a Tenant,
    streams: &'a mut [ListStream<'s>],
    observers: Option<(&'o Observers<'t>, OrganisationList<'a>)>,
}

impl Consumer for Emit<'_, '_, '_, '_> {
    type Extra = ();

    fn read(_: &Page) -> Result<(), String> {
        Ok(())
    }

    async fn take(&mut self, step: Step<'_, ()>) -> Result<bool, Closed> {
        let mut page = step.page;
        if let (Some((observers, listed)), Some(page)) = (self.observers, &page) {
            observers.observe(listed, page, step.clock);
        }
        let lines = page.as_mut().map(|new| std::mem::take(&mut new.page.lines));
        let mut lines = lines.unwrap_or_default().into_iter();
        let mut batches = Vec::with_capacity(self.streams.len());
        for stream in &mut *self.streams {
            let records = match (&page, lines.next()) {
                (Some(NewPage { page, is_new, .. }), Some(lines)) => {
                    let rows = page.facts.rows.iter().zip(is_new);
                    lines.select(rows.map(|(row, is_new)| *is_new && stream.is_own(row)))
                }
                _ => Records::default(),
            };
            batches.push((records, stream.state(&self.tenant.id, step.walk)));
        }
        for (stream, (records, state)) in self.streams.iter_mut().zip(batches) {
            stream.sink.write(records, state, step.held.clone()).await?;
        }
        Ok(true)
    }
}
