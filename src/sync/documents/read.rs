//! Reads the document streams after all other streams.

use futures_util::StreamExt;

use crate::failure::Failure;
use crate::panics;
use crate::streams::{Family, Stream};
use crate::sync::call_quota::CallQuota;
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
        include_files: Option<bool>,
        destination: Destination<'a>,
    ) -> Observers<'a> {
        let prepared = streams.into_iter().filter_map(|stream| {
            let task = self.document_stream(stream, include_files, destination);
            let task = task.inspect_err(|failure| self.statuses.fail(stream.name, failure));
            task.ok().flatten()
        });
        Observers::of(prepared.collect())
    }

    fn document_stream<'a>(
        &'a self,
        stream: &'static Stream,
        include_files: Option<bool>,
        destination: Destination<'a>,
    ) -> Result<Option<DocumentStream<'a>>, Failure> {
        self.may_read(stream)?;
        let directory = self.directory(stream, include_files)?;
        let states = self.states.of(stream)?;
        let lists = DocumentStream::readable_lists(stream, self.scopes.as_deref())?;
        let tenants: Vec<_> = self.session.tenants.iter().collect();
        let output = StreamOutput::new(destination, stream, &tenants, states);
        let task = DocumentStream::new(&self.session, output, &lists, directory);
        Ok(task)
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
        stream: &Stream,
        include_files: Option<bool>,
    ) -> Result<Option<Directory>, Failure> {
        match stream.has_files() {
            true => Directory::choose(&self.session.config, include_files),
            false => Ok(None),
        }
    }
}
