//! Reads the document streams after all other streams.

use futures_util::StreamExt;

use crate::failure::Failure;
use crate::panics;
use crate::streams::{Family, Stream};
use crate::sync::call_quota::CallQuota;
use crate::sync::catalog::IncludeFiles;
use crate::sync::concurrency::ORGANISATIONS_AT_ONCE;
use crate::sync::documents::download::Directory;
use crate::sync::documents::observers::Observe;
use crate::sync::documents::{self, DocumentStream, Observers, OrganisationList};
use crate::sync::lists::{ListError, ListRead};
use crate::sync::run::SyncRun;
use crate::sync::stream_output::{Destination, StreamOutput};
use crate::xero::fault::{Fault, RequestError};

/// How many unselected lists of an organisation are walked at once.
const LISTS_AT_ONCE: usize = 5;

impl SyncRun<'_> {
    /// Prepares the document streams. Streams that cannot be read end here.
    pub(crate) fn observers<'a>(
        &'a self,
        streams: Vec<&'static Stream>,
        include_files: &IncludeFiles,
        destination: Destination<'a>,
    ) -> Observers<'a> {
        let families = Family::group(streams.into_iter());
        let prepared = families
            .into_iter()
            .filter_map(|family| self.document_stream(family, include_files, destination));
        Observers::of(prepared.collect())
    }

    /// Prepares a family. `None` if none of its members can be read.
    fn document_stream<'a>(
        &'a self,
        mut family: Family,
        include_files: &IncludeFiles,
        destination: Destination<'a>,
    ) -> Option<DocumentStream<'a>> {
        let parent = family.parent;
        let needed = self.may_read(parent).and_then(|()| {
            let directory = self.directory(parent, include_files.of(parent))?;
            let lists = DocumentStream::readable_lists(parent, self.scopes.as_deref())?;
            Ok((directory, lists))
        });
        let failed = |stream: &Stream, failure: &Failure| self.statuses.fail(stream.name, failure);
        let (directory, lists) = match needed {
            Ok(needed) => needed,
            Err(failure) => {
                family.members.iter().for_each(|it| failed(it, &failure));
                return None;
            }
        };
        let tenants: Vec<_> = self.session.tenants.iter().collect();
        let mut outputs = Vec::with_capacity(family.members.len());
        family.members.retain(|stream| {
            let states = self.states.of(stream);
            let states = states.inspect_err(|failure| failed(stream, failure));
            let Ok(states) = states else {
                return false;
            };
            outputs.push(StreamOutput::new(destination, stream, &tenants, states));
            true
        });
        DocumentStream::new(&self.session, family, outputs, &lists, directory)
    }

    /// Reads the document streams. Those with the fewest requests come first, so that the others get
    /// the rest of the quota.
    pub(crate) async fn documents(&self, observers: Observers<'_>, quota: &CallQuota) {
        let mut tasks = observers.into_tasks();
        for task in &mut tasks {
            task.prepare(quota).await;
        }
        let observers = Observers::of(tasks);
        let unread = observers.unread();
        futures_util::stream::iter(&self.session.tenants)
            .for_each_concurrent(ORGANISATIONS_AT_ONCE, async |tenant| {
                let lists = unread.iter().filter(|listed| listed.tenant.id == tenant.id);
                futures_util::stream::iter(lists)
                    .for_each_concurrent(LISTS_AT_ONCE, async |listed| {
                        let read = self.unselected_list(*listed, &observers);
                        if let Err(failure) = panics::caught(read).await {
                            observers.fail(*listed, &failure, false);
                        }
                    })
                    .await;
            })
            .await;
        let mut tasks = observers.into_tasks();
        documents::announce(&self.session, &tasks);
        tasks.sort_by_key(DocumentStream::calls);
        for task in tasks {
            task.read(quota).await;
        }
    }

    /// Walks a list that is not selected itself, for the document streams that need it.
    async fn unselected_list(&self, listed: OrganisationList<'_>, observers: &Observers<'_>) {
        let OrganisationList { tenant, list } = listed;
        let streams = observers.names(listed);
        let lookback = self.session.config.lookback_seconds.num_milliseconds();
        let start = observers.start(listed, lookback);
        let family = Family {
            parent: list,
            members: Vec::new(),
        };
        let read = ListRead {
            session: &self.session,
            tenant,
            family: &family,
            streams,
            slot: None,
        };
        let mut consumer = Observe { observers, listed };
        match read.run(start, &mut consumer).await {
            Ok(end) => observers.end(listed, &end.walk, end.clock, lookback),
            Err(error) => {
                let is_missing = matches!(
                    error,
                    ListError::Request(RequestError::Fault(Fault::NotPermitted))
                );
                let failure = error.to_failure(list, tenant.label());
                observers.fail(listed, &failure, is_missing);
            }
        }
    }

    /// The directory for the files of a stream, if it has files and they are downloaded.
    fn directory(
        &self,
        stream: &'static Stream,
        include_files: Option<bool>,
    ) -> Result<Option<Directory>, Failure> {
        match stream.has_files() {
            true => Directory::choose(stream, &self.session.config, include_files),
            false => Ok(None),
        }
    }
}
