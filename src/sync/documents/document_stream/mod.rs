//! One document stream in every organisation: its lists, its state, its requests.

mod requests;
mod tenant_work;

use serde_json::Value;

use crate::airbyte::emit::Emitter;
use crate::failure::Failure;
use crate::state::StreamState;
use crate::state::documents::DocumentLists;
use crate::streams::{DocumentChild, Source, Stream};
use crate::sync::call_quota::CallQuota;
use crate::sync::documents::document_list::DocumentList;
use crate::sync::documents::download::Directory;
use crate::sync::documents::observers::OrganisationList;
use crate::sync::explain;
use crate::sync::session::Session;
use crate::sync::sink::Sink;
use crate::walk::document_queue::QueuePosition;
use crate::walk::proof::Proof;
use crate::xero::tenants::Tenant;
use tenant_work::TenantWork;

/// One document stream.
#[derive(Debug)]
pub(crate) struct DocumentStream<'a> {
    session: &'a Session,
    sink: Sink<'a>,
    pub(crate) stream: &'static Stream,
    source: &'static DocumentChild,
    /// The directory for files, if they are downloaded.
    pub(crate) directory: Option<Directory>,
    progress: StreamState<DocumentLists>,
    organisations: Vec<TenantWork<'a>>,
    ends: Vec<Result<Proof, Failure>>,
    /// The last state that was written.
    sent: Option<Value>,
}

impl<'a> DocumentStream<'a> {
    /// Prepares a stream from its last state. Leaves out lists that the token may not read.
    pub(crate) fn new(
        session: &'a Session,
        emitter: &'a Emitter,
        stream: &'static Stream,
        state: &Value,
        granted: Option<&[String]>,
        directory: Option<Directory>,
    ) -> Result<DocumentStream<'a>, Failure> {
        let Source::Document(sub) = &stream.source else {
            return Err(Failure::system(format!(
                "{} is not a document stream.",
                stream.name
            )));
        };
        let progress: StreamState<DocumentLists> = StreamState::read(stream, state)?;
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
                "skips these lists, because the token may not read them: {others}"
            );
        }
        let first = QueuePosition::at(session.config.start_date.timestamp_millis());
        let room = usize::try_from(session.config.max_calls_per_sync).unwrap_or(usize::MAX);
        let work = |tenant: &'a Tenant| TenantWork {
            tenant,
            lists: lists
                .iter()
                .map(|list| {
                    let known = progress.of(&tenant.id);
                    let place = known.map(|known| known.of(list)).unwrap_or_default();
                    let position = place.position.unwrap_or_else(|| first.clone());
                    DocumentList::new(list, sub.filter, position, room, place.failed)
                })
                .collect(),
            own: Vec::new(),
        };
        let blocked = session
            .tenants
            .iter()
            .filter_map(|it| it.blocked.clone().map(Err));
        let readable = session.tenants.iter().filter(|it| it.blocked.is_none());
        Ok(DocumentStream {
            session,
            sink: Sink::new(emitter, stream),
            stream,
            source: sub,
            directory,
            organisations: readable.map(work).collect(),
            ends: blocked.collect(),
            progress,
            sent: None,
        })
    }

    /// The lists of an organisation. None if `max_calls_per_sync` allows no request.
    pub(crate) fn lists(&mut self, tenant: &Tenant) -> impl Iterator<Item = &mut DocumentList> {
        let may_ask = self.session.config.max_calls_per_sync > 0;
        let organisations = self.organisations.iter_mut();
        let organisations =
            organisations.filter(move |work| may_ask && work.tenant.id == tenant.id);
        organisations.flat_map(|work| &mut work.lists)
    }

    /// Requests what the stream must know before it requests documents.
    pub(crate) async fn prepare(&mut self, quota: &CallQuota) {
        if self.session.config.max_calls_per_sync == 0 {
            return;
        }
        for work in &mut self.organisations {
            if let Err(failure) = work
                .prepare(self.session, self.stream, self.source, quota)
                .await
            {
                self.ends.push(Err(failure));
            }
        }
    }

    /// The lists that no walk has covered. None if `max_calls_per_sync` allows no request.
    pub(crate) fn unread(&self) -> impl Iterator<Item = OrganisationList<'a>> {
        let may_ask = self.session.config.max_calls_per_sync > 0;
        let organisations = self.organisations.iter().filter(move |_| may_ask);
        organisations.flat_map(|work| {
            let unread = work.lists.iter().filter(|list| !list.is_known());
            unread.map(|list| OrganisationList {
                tenant: work.tenant,
                list: list.stream,
            })
        })
    }

    /// Estimates how many requests all documents need, in this sync and later ones.
    pub(crate) fn calls(&self) -> u64 {
        let lists = self.organisations.iter().flat_map(|work| &work.lists);
        lists.map(DocumentList::calls).sum()
    }
}
