//! One document stream in every organisation: its lists, its state, its requests. The rows of its
//! child streams come with the same requests.

mod members;
mod requests;
mod tenant_work;

use std::rc::Rc;

use futures_util::StreamExt;

use crate::failure::Failure;
use crate::state::documents::DocumentLists;
use crate::streams::{DocumentChild, Family, Stream};
use crate::sync::call_quota::CallQuota;
use crate::sync::concurrency::ORGANISATIONS_AT_ONCE;
use crate::sync::documents::document_list::DocumentList;
use crate::sync::documents::download::Directory;
use crate::sync::documents::observers::OrganisationList;
use crate::sync::explain;
use crate::sync::session::Session;
use crate::sync::stream_output::StreamOutput;
use crate::walk::document_queue::QueuePosition;
use crate::xero::tenants::Tenant;
use members::{Members, Positions};
use tenant_work::TenantWork;

/// Minimum number of documents that a list keeps, unless fewer calls are allowed.
const MIN_ROOM: usize = 100;

/// One document stream and its child streams, of which at least one is selected.
#[derive(Debug)]
pub(crate) struct DocumentStream<'a> {
    session: &'a Session,
    /// The stream that is requested, and the selected streams.
    family: Family,
    /// The names of the selected streams.
    pub(crate) names: Vec<&'static str>,
    pub(crate) members: Members<'a>,
    source: &'static DocumentChild,
    /// The directory for files, if they are downloaded.
    pub(crate) directory: Option<Directory>,
    organisations: Vec<TenantWork<'a>>,
}

impl<'a> DocumentStream<'a> {
    /// Returns the lists of a stream that the token may read.
    pub(crate) fn readable_lists(
        stream: &'static Stream,
        granted: Option<&[String]>,
    ) -> Result<Vec<&'static Stream>, Failure> {
        let Some(sub) = stream.document() else {
            return Err(Failure::system(format!(
                "{} is not a document stream.",
                stream.name
            )));
        };
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
        Ok(lists)
    }

    /// Prepares a family from its last states, with its readable lists. `outputs` are those of its
    /// members. `None` if it has no member, or if its parent is no document stream.
    pub(crate) fn new(
        session: &'a Session,
        family: Family,
        outputs: Vec<Rc<StreamOutput<'a, DocumentLists>>>,
        lists: &[&'static Stream],
        directory: Option<Directory>,
    ) -> Option<DocumentStream<'a>> {
        let source = family.parent.document().filter(|_| !outputs.is_empty())?;
        let members = Members::of(outputs);
        let first = QueuePosition::at(session.config.start_date.timestamp_millis());
        let room = room(session.config.max_calls_per_sync, session.tenants.len());
        let work = |tenant: &'a Tenant| {
            let begun = members.progress(tenant);
            let union = DocumentLists::union(begun.iter(), lists, &first);
            let list = |list: &&'static Stream| {
                let place = union.of(list);
                let position = place.position.unwrap_or_else(|| first.clone());
                let mut list = DocumentList::new(list, source.filter, position, room, place.failed);
                list.is_constant = source.is_constant();
                list
            };
            TenantWork {
                tenant,
                lists: lists.iter().map(list).collect(),
                positions: Positions::new(begun, union),
                own: Vec::new(),
                failures: Vec::new(),
            }
        };
        let readable = session.tenants.iter().filter(|it| it.blocked.is_none());
        Some(DocumentStream {
            session,
            names: family.members.iter().map(|member| member.name).collect(),
            source,
            directory,
            organisations: readable.map(work).collect(),
            family,
            members,
        })
    }

    /// Returns the name of the stream that is requested.
    pub(crate) fn name(&self) -> &'static str {
        self.family.parent.name
    }

    /// The lists of an organisation. None if `max_calls_per_sync` allows no request.
    pub(crate) fn lists(&mut self, tenant: &Tenant) -> impl Iterator<Item = &mut DocumentList> {
        let may_ask = self.session.config.max_calls_per_sync > 0;
        let organisations = self.organisations.iter_mut();
        let organisations =
            organisations.filter(move |work| may_ask && work.tenant.id == tenant.id);
        organisations.flat_map(|work| &mut work.lists)
    }

    /// Begins the stream in every organisation. Requests what it must know before it requests
    /// documents.
    pub(crate) async fn prepare(&mut self, quota: &CallQuota) {
        for tenant in &self.session.tenants {
            self.members.begin(tenant);
        }
        if self.session.config.max_calls_per_sync == 0 {
            return;
        }
        let (session, stream, source) = (self.session, self.family.parent, self.source);
        futures_util::stream::iter(&mut self.organisations)
            .for_each_concurrent(ORGANISATIONS_AT_ONCE, async |work| {
                work.prepare(session, stream, source, quota).await;
            })
            .await;
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
        self.organisations.iter().map(TenantWork::calls).sum()
    }
}

/// Returns the number of documents that each list of each organisation keeps. All organisations share
/// `max_calls`. Without a limit, 200 organisations with `max_calls` 1,000 would keep 360 MB.
pub(crate) fn room(max_calls: u32, organisations: usize) -> usize {
    let max_calls = usize::try_from(max_calls).unwrap_or(usize::MAX);
    let fair = max_calls / organisations.max(1);
    max_calls.min(fair.saturating_mul(4).max(MIN_ROOM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_organisations_keep_fewer_documents_each() {
        for (max_calls, organisations, expected) in [
            (100, 1, 100),
            (100, 200, 100),
            (10, 3, 10),
            (1_000, 2, 1_000),
            (1_000, 10, 400),
            (1_000, 200, 100),
            (u32::MAX, 0, u32::MAX as usize),
        ] {
            assert_eq!(room(max_calls, organisations), expected);
        }
    }
}
