//! The streams of what hangs on documents: read behind all others, of the calls that they leave.

use super::Read;
use crate::failure::Failure;
use crate::streams::Stream;
use crate::sync::documents::download::Directory;
use crate::sync::documents::{self, Audience, Task};
use crate::sync::quota::Share;

impl Read<'_> {
    /// The streams of what hangs on documents, and those that cannot be read.
    pub(super) fn audience(
        &self,
        streams: Vec<&'static Stream>,
        include_files: Option<bool>,
    ) -> (Audience<'_>, Vec<(&'static Stream, Failure)>) {
        let granted = self.scopes.as_deref();
        let (mut tasks, mut failures) = (Vec::with_capacity(streams.len()), Vec::new());
        for stream in streams {
            let state = self.states.raw(stream);
            let directory = self
                .may_read(stream)
                .and_then(|()| self.directory(stream, include_files));
            let task = directory.and_then(|directory| {
                let (session, emitter) = (&self.session, self.emitter);
                Task::new(session, emitter, stream, state, granted, directory)
            });
            match task {
                Ok(task) => tasks.push(task),
                Err(failure) => failures.push((stream, failure)),
            }
        }
        (Audience::of(tasks), failures)
    }

    /// Reads the streams of what hangs on documents, those with the least to ask
    /// first, so that what they leave goes to the others.
    pub(super) async fn attached(
        &self,
        mut tasks: Vec<Task<'_>>,
        failures: Vec<(&'static Stream, Failure)>,
        share: &Share,
    ) {
        let statuses = &self.statuses;
        for (stream, failure) in failures {
            statuses.begin(stream.name);
            statuses.end(stream.name, &[Err(failure)]);
        }
        for task in &mut tasks {
            let stream = task.stream.name;
            statuses.begin(stream);
            statuses.isolated(&[stream], task.list(share)).await;
        }
        tasks.retain(|task| statuses.is_open(task.stream.name));
        documents::announce(&self.session, &tasks);
        tasks.sort_by_key(Task::calls);
        for task in tasks {
            let stream = task.stream.name;
            let read = async { statuses.end(stream, &task.read(share).await) };
            statuses.isolated(&[stream], read).await;
        }
    }

    /// Where the files that belong to a stream go, if it has any and they are wanted.
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
