//! Reads the document streams after all other streams.

use futures_util::StreamExt;

use crate::failure::Failure;
use crate::streams::{Family, Stream};
use crate::sync::call_quota::CallQuota;
use crate::sync::documents::download::Directory;
use crate::sync::documents::observers::Observe;
use crate::sync::documents::{self, DocumentStream, Observers, OrganisationList};
use crate::sync::lists::ListRead;
use crate::sync::run::SyncRun;

/// How many unselected lists are walked at once.
const LISTS_AT_ONCE: usize = 5;

impl SyncRun<'_> {
    /// Returns the document streams, and the failures of those that cannot be read.
    pub(crate) fn observers(
        &self,
        streams: Vec<&'static Stream>,
        include_files: Option<bool>,
    ) -> (Observers<'_>, Vec<(&'static Stream, Failure)>) {
        let granted = self.scopes.as_deref();
        let (mut tasks, mut failures) = (Vec::with_capacity(streams.len()), Vec::new());
        for stream in streams {
            let state = self.states.raw(stream);
            let directory = self
                .may_read(stream)
                .and_then(|()| self.directory(stream, include_files));
            let task = directory.and_then(|directory| {
                let (session, emitter) = (&self.session, self.emitter);
                DocumentStream::new(session, emitter, stream, state, granted, directory)
            });
            match task {
                Ok(task) => tasks.push(task),
                Err(failure) => failures.push((stream, failure)),
            }
        }
        (Observers::of(tasks), failures)
    }

    /// Reads the document streams. Those with the fewest requests come first, so that the others get
    /// the rest of the quota.
    pub(crate) async fn documents(
        &self,
        observers: Observers<'_>,
        failures: Vec<(&'static Stream, Failure)>,
        quota: &CallQuota,
    ) {
        let statuses = &self.statuses;
        for (stream, failure) in failures {
            statuses.begin(stream.name);
            statuses.end(stream.name, &[Err(failure)]);
        }
        let mut tasks = observers.into_tasks();
        for task in &mut tasks {
            let stream = task.stream.name;
            statuses.begin(stream);
            statuses.isolated(&[stream], task.prepare(quota)).await;
        }
        tasks.retain(|task| statuses.is_open(task.stream.name));
        let observers = Observers::of(tasks);
        futures_util::stream::iter(observers.unread())
            .for_each_concurrent(LISTS_AT_ONCE, async |listed| {
                let names = observers.names(listed);
                let read = self.unselected_list(listed, &names, &observers);
                statuses.isolated(&names, read).await;
            })
            .await;
        let mut tasks = observers.into_tasks();
        tasks.retain(|task| statuses.is_open(task.stream.name));
        documents::announce(&self.session, &tasks);
        tasks.sort_by_key(DocumentStream::calls);
        for task in tasks {
            let stream = task.stream.name;
            let read = async { statuses.end(stream, &task.read(quota).await) };
            statuses.isolated(&[stream], read).await;
        }
    }

    /// Walks a list that is not selected itself, for the document streams `names`.
    async fn unselected_list(
        &self,
        listed: OrganisationList<'_>,
        names: &[&'static str],
        observers: &Observers<'_>,
    ) {
        let OrganisationList { tenant, list } = listed;
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
            stream: names.first().copied().unwrap_or(list.name),
            slot: None,
        };
        let mut consumer = Observe { observers, listed };
        match read.run(start, &mut consumer).await {
            Ok(end) => observers.end(listed, &end.walk, end.clock, lookback),
            Err(error) => observers.fail(listed, &error),
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
