//! Reads a list and its child streams together in one organisation. Document streams observe the
//! walk.

use std::rc::Rc;

use crate::airbyte::emit::Closed;
use crate::config::Config;
use crate::rows::record_lines::Records;
use crate::state::ListProgress;
use crate::state::reconcile::Reconcile;
use crate::streams::{Family, Stream};
use crate::sync::country;
use crate::sync::documents::{Observers, OrganisationList};
use crate::sync::list_stream::ListStream;
use crate::sync::lists::{Consumer, ListEnd, ListError, ListRead, NewPage, Step};
use crate::sync::run::SyncRun;
use crate::sync::stream_output::{Destination, StreamOutput};
use crate::walk::proof::Proof;
use crate::walk::{BrokenList, Checkpoint, WalkStart};
use crate::xero::tenants::Tenant;

/// A list and its selected streams, in every organisation.
#[derive(Debug)]
pub(crate) struct FamilyRun<'a> {
    family: Family,
    /// One for each member of the family.
    pub(crate) outputs: Vec<Rc<StreamOutput<'a, ListProgress>>>,
    /// The only organisation in which it is read, if the list belongs to the token.
    only: Option<&'a Tenant>,
}

impl FamilyRun<'_> {
    /// The list that is read.
    pub(crate) fn list(&self) -> &'static Stream {
        self.family.parent
    }

    /// Whether the list is read in this organisation.
    pub(crate) fn is_read_in(&self, tenant: &Tenant) -> bool {
        self.only.is_none_or(|only| only.id == tenant.id)
    }
}

impl SyncRun<'_> {
    /// Prepares a family. Streams that cannot be read end here.
    pub(crate) fn family_run<'a>(
        &'a self,
        mut family: Family,
        destination: Destination<'a>,
    ) -> FamilyRun<'a> {
        let tenants = self.session.tenants.iter();
        let open = tenants.clone().find(|tenant| tenant.blocked.is_none());
        // One request for a list of the token serves all organisations.
        let only = open.filter(|_| family.parent.belongs_to_token());
        let tenants = only.map_or_else(|| tenants.collect(), |only| vec![only]);
        let mut outputs = Vec::with_capacity(family.members.len());
        family.members.retain(|stream| {
            let states = self.may_read(stream).and_then(|()| self.states.of(stream));
            let states = states.inspect_err(|failure| self.statuses.fail(stream.name, failure));
            let Ok(mut states) = states else {
                return false;
            };
            states.settle(self.session.tenants.iter().map(|tenant| &*tenant.id));
            outputs.push(StreamOutput::new(destination, stream, &tenants, states));
            true
        });
        FamilyRun {
            family,
            outputs,
            only,
        }
    }

    /// Reads a family in one organisation.
    pub(crate) async fn family(
        &self,
        run: &FamilyRun<'_>,
        tenant: &Tenant,
        observers: &Observers<'_>,
    ) {
        if let Err(failure) = country::check(&self.session, run.family.parent, tenant).await {
            for output in &run.outputs {
                output.begin(tenant);
                output.fail(tenant, &failure);
            }
            return;
        }
        let (mut streams, start) = self.start(run, tenant);
        let end = self
            .walk(&run.family, tenant, &mut streams, start, observers)
            .await;
        for stream in streams {
            let failure = |error: &ListError| {
                let failure = error.to_failure(stream.stream(), tenant.label());
                vec![failure]
            };
            let end = end.as_ref().copied().map_err(failure);
            let calls = end.as_ref().map_or(0, |(_, calls)| *calls);
            stream.end(end.map(|(proof, _)| proof), calls);
        }
    }

    /// Walks the list. Returns the proof of its end, and the number of calls.
    async fn walk(
        &self,
        family: &Family,
        tenant: &Tenant,
        streams: &mut [ListStream<'_>],
        start: WalkStart,
        observers: &Observers<'_>,
    ) -> Result<(Proof, u64), ListError> {
        let list = family.parent;
        let lookback = start.lookback;
        let listed = OrganisationList { tenant, list };
        let is_observed = observers.begin(listed, &start);
        let read = ListRead {
            session: &self.session,
            tenant,
            family,
            streams: family.members.iter().map(|it| it.name).collect(),
            slot: Some(self.slots.take(&tenant.id)),
        };
        let mut consumer = Emit {
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
        let proof = proof.ok_or(ListError::Broken(BrokenList::Unproven))?;
        Ok((proof, calls))
    }

    /// Begins the streams, and the walk at the earliest of their positions.
    fn start<'a>(
        &self,
        run: &'a FamilyRun<'_>,
        tenant: &'a Tenant,
    ) -> (Vec<ListStream<'a>>, WalkStart) {
        let config = &self.session.config;
        let first = first_position(run.family.parent, config);
        let now = chrono::Utc::now();
        let reconcile = config.reconcile_days.map(|every| Reconcile { every, now });
        let outputs = run.outputs.iter();
        let begun = outputs.map(|output| ListStream::begin(output, tenant, first, reconcile));
        let (streams, positions): (Vec<_>, Vec<_>) = begun.unzip();
        let begin = positions.into_iter().reduce(Checkpoint::union);
        let begin = begin.unwrap_or_default();
        let start = WalkStart {
            from: begin.from,
            lookback: config.lookback_seconds.num_milliseconds(),
            open: begin.open,
            gaps: begin.gaps,
            list: begin.list,
        };
        (streams, start)
    }
}

/// Returns where the first sync begins to read a list.
pub(crate) fn first_position(list: &Stream, config: &Config) -> i64 {
    match list.is_numbered() {
        // start_date cannot be mapped to a journal number, so journals are read from the first.
        true => 0,
        false => config.start_date.timestamp_millis(),
    }
}

/// Writes the new rows of each stream, and then the state that covers them.
struct Emit<'e, 's, 'o, 't> {
    streams: &'e mut [ListStream<'s>],
    observers: Option<(&'o Observers<'t>, OrganisationList<'e>)>,
}

impl Consumer for Emit<'_, '_, '_, '_> {
    async fn take(&mut self, step: Step<'_>) -> Result<bool, Closed> {
        let mut page = step.page;
        if let (Some((observers, listed)), Some(page)) = (self.observers, &page) {
            observers.observe(listed, page, step.clock);
        }
        let is_new = page.iter().flat_map(|new| &new.is_new);
        let new_rows = is_new.filter(|it| **it).count() as u64;
        let lines = page.as_mut().map(|new| std::mem::take(&mut new.page.lines));
        let mut lines = lines.unwrap_or_default().into_iter();
        for stream in &mut *self.streams {
            let records = match (&page, lines.next()) {
                (Some(NewPage { page, is_new }), Some(lines)) => {
                    let rows = page.facts.rows.iter().zip(is_new);
                    lines.select(rows.map(|(row, is_new)| *is_new && stream.is_own(row)))
                }
                _ => Records::default(),
            };
            stream.listed(new_rows, step.item_count, &records);
            let held = step.held.clone();
            stream.write(records, step.walk, held).await?;
        }
        Ok(true)
    }
}
