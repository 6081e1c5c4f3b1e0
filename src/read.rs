//! The verb `read`: walks every selected stream in every organisation, those of
//! one endpoint together. One stream failing never stops the others.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use futures_util::StreamExt;

use crate::catalog::Selection;
use crate::cli::ReadFiles;
use crate::download::Directory;
use crate::emit::Emitter;
use crate::explain;
use crate::failure::Failure;
use crate::files;
use crate::outlet::Outlet;
use crate::partition::Partition;
use crate::protocol::{Message, StreamStatus};
use crate::reports::Reports;
use crate::retry::Patience;
use crate::session::Session;
use crate::share::Share;
use crate::slots::Slots;
use crate::state::StateFile;
use crate::streams::{Family, Report, Source, Stream};
use crate::sub_resources::{self, Audience, Task};

/// Xero takes five calls at once from one organisation.
const FAMILIES_AT_ONCE: usize = 5;

/// How Airbyte's platform wants records; sockets are for the connectors that declare them.
const DATA_CHANNEL: &str = "DATA_CHANNEL_MEDIUM";

/// Reads; the result tells whether every selected stream is complete.
pub(crate) async fn run(arguments: &ReadFiles, emitter: &Emitter) -> Result<bool, Failure> {
    if std::env::var(DATA_CHANNEL).is_ok_and(|medium| medium == "SOCKET") {
        return Err(Failure::config(format!(
            "{DATA_CHANNEL} asks for records over a socket. This connector writes to stdout only: unset it or set it to STDIO."
        )));
    }
    let selection = Selection::read(&arguments.catalog).await?;
    match prepare(arguments, emitter).await {
        Ok(read) => Ok(read.streams(selection).await),
        Err(failure) => {
            // Every selected stream gets its statuses, also where none can be read.
            for selected in &selection.0 {
                emitter.send(Message::status(&selected.name, StreamStatus::Started));
                emitter.send(Message::status(&selected.name, StreamStatus::Incomplete));
            }
            Err(failure)
        }
    }
}

struct Read<'a> {
    session: Session,
    slots: Slots,
    states: StateFile,
    scopes: Option<Vec<String>>,
    emitter: &'a Emitter,
}

async fn prepare<'a>(arguments: &ReadFiles, emitter: &'a Emitter) -> Result<Read<'a>, Failure> {
    let states = match &arguments.state {
        None => StateFile::default(),
        Some(path) => StateFile::parse(&files::read(path, "state").await?)?,
    };
    let session = Session::open(&arguments.config, emitter, Patience::Long).await?;
    let scopes = session.scopes().await?;
    Ok(Read {
        session,
        slots: Slots::default(),
        states,
        scopes,
        emitter,
    })
}

impl Read<'_> {
    async fn streams(&self, selection: Selection) -> bool {
        let failed = AtomicU32::new(0);
        let include_files = selection.include_files();
        let mut streams = Vec::with_capacity(selection.0.len());
        for selected in selection.0 {
            match selected.stream {
                Ok(stream) => streams.push(stream),
                Err(why) => {
                    self.begin(&selected.name);
                    self.end(&selected.name, &[Failure::config(why)]);
                    failed.fetch_add(1, Relaxed);
                }
            }
        }
        // Those that cost a call for each row of another list come last, one after the other.
        let (costly, others): (Vec<_>, Vec<_>) =
            streams.into_iter().partition(|stream| stream.is_costly());
        let open = self.session.tenants.iter();
        let open = open.filter(|tenant| tenant.blocked.is_none()).count();
        let granted = self.scopes.as_deref();
        let may = |it: &&&Stream| granted.is_none_or(|granted| it.readable_with(granted));
        let parts = costly.iter().filter(may).count() * open;
        let share = Share::new(self.session.config.costly_calls, parts);
        let reports = Reports::new(&self.session, self.emitter, &share);
        let (attached, rounds): (Vec<_>, Vec<_>) = costly
            .into_iter()
            .partition(|stream| matches!(stream.source, Source::SubResource(_)));
        let (audience, failures) = self.audience(attached, include_files);
        for (streams, at_once) in [(others, FAMILIES_AT_ONCE), (rounds, 1)] {
            futures_util::stream::iter(Family::group(streams.into_iter()))
                .for_each_concurrent(at_once, async |family| {
                    let count = match &family.parent.source {
                        Source::Report(report) => {
                            self.report(&reports, family.parent, report).await
                        }
                        _ => self.family(family, &audience).await,
                    };
                    failed.fetch_add(count, Relaxed);
                })
                .await;
        }
        let tasks = audience.into_tasks();
        failed.fetch_add(self.attached(tasks, failures, &share).await, Relaxed);
        tracing::info!("read ended: {}", self.session.client.tally);
        failed.into_inner() == 0
    }

    /// Reads a family from its first status to its last and tells how many of
    /// its members failed.
    async fn family(&self, mut family: Family, audience: &Audience<'_>) -> u32 {
        for stream in &family.members {
            self.begin(stream.name);
        }
        let granted = self.scopes.as_ref();
        let is_readable = granted.is_none_or(|granted| family.parent.readable_with(granted));
        let mut failed = 0;
        let mut outlets = Vec::with_capacity(family.members.len());
        family.members.retain(|stream| {
            let outlet = match is_readable {
                true => self.outlet(stream),
                false => Err(explain::missing_scope(stream)),
            };
            let outlet = outlet.map_err(|failure| {
                self.end(stream.name, &[failure]);
                failed += 1;
            });
            outlets.extend(outlet);
            outlets
                .last()
                .is_some_and(|outlet| outlet.stream.name == stream.name)
        });
        if !outlets.is_empty() {
            self.tenants(&family, audience, &mut outlets).await;
        }
        for outlet in &outlets {
            self.end(outlet.stream.name, &outlet.failures);
            failed += u32::from(!outlet.failures.is_empty());
        }
        failed
    }

    /// Reads a report stream from its first status to its last; 1 if it failed.
    async fn report(&self, reports: &Reports<'_>, stream: &'static Stream, of: &Report) -> u32 {
        self.begin(stream.name);
        let granted = self.scopes.as_ref();
        let failures = match granted.is_none_or(|granted| stream.readable_with(granted)) {
            true => {
                let state = self.states.raw(stream);
                reports.read(stream, of, state, &self.slots).await
            }
            false => vec![explain::missing_scope(stream)],
        };
        self.end(stream.name, &failures);
        u32::from(!failures.is_empty())
    }

    /// The streams of what hangs on documents, and those that cannot be read.
    fn audience(
        &self,
        streams: Vec<&'static Stream>,
        include_files: Option<bool>,
    ) -> (Audience<'_>, Vec<(&'static Stream, Failure)>) {
        let granted = self.scopes.as_deref();
        let (mut tasks, mut failures) = (Vec::with_capacity(streams.len()), Vec::new());
        for stream in streams {
            let state = self.states.raw(stream);
            let task = match granted.is_none_or(|granted| stream.readable_with(granted)) {
                true => self.directory(stream, include_files).and_then(|directory| {
                    let (session, emitter) = (&self.session, self.emitter);
                    Task::new(session, emitter, stream, state, granted, directory)
                }),
                false => Err(explain::missing_scope(stream)),
            };
            match task {
                Ok(task) => tasks.push(task),
                Err(failure) => failures.push((stream, failure)),
            }
        }
        (Audience::of(tasks), failures)
    }

    /// Reads the streams of what hangs on documents, those with the least to ask
    /// first, so that what they leave goes to the others; tells how many failed.
    async fn attached(
        &self,
        mut tasks: Vec<Task<'_>>,
        failures: Vec<(&'static Stream, Failure)>,
        share: &Share,
    ) -> u32 {
        let mut failed = 0;
        for (stream, failure) in failures {
            self.begin(stream.name);
            self.end(stream.name, &[failure]);
            failed += 1;
        }
        for task in &mut tasks {
            self.begin(task.stream.name);
            task.list(share).await;
        }
        sub_resources::announce(&self.session, &tasks);
        tasks.sort_by_key(Task::calls);
        for task in tasks {
            let stream = task.stream.name;
            let failures = task.read(share).await;
            self.end(stream, &failures);
            failed += u32::from(!failures.is_empty());
        }
        failed
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

    fn outlet(&self, stream: &'static Stream) -> Result<Outlet, Failure> {
        let mut positions = self.states.of(stream)?;
        let tenants = self.session.tenants.iter();
        positions.settle(tenants.map(|tenant| tenant.id.as_str()));
        Ok(Outlet::new(stream, positions))
    }

    /// Reads a family in every organisation. One that fails does not keep the
    /// others from being read.
    async fn tenants(&self, family: &Family, audience: &Audience<'_>, outlets: &mut [Outlet]) {
        let mut tenants: Vec<_> = self.session.tenants.iter().collect();
        if family.parent.endpoint().envelope.is_none() {
            // About the token, not about an organisation: asked once.
            tenants.retain(|tenant| tenant.blocked.is_none());
            tenants.truncate(1);
        }
        for tenant in tenants {
            if let Some(failure) = &tenant.blocked {
                let outlets = outlets.iter_mut();
                outlets.for_each(|outlet| outlet.failures.push(failure.clone()));
                continue;
            }
            let partition = Partition {
                session: &self.session,
                emitter: self.emitter,
                slot: self.slots.take(&tenant.id),
                family,
                tenant,
                audience,
            };
            if let Err(stop) = partition.read(outlets).await {
                for outlet in &mut *outlets {
                    let failure = stop.told(outlet.stream, tenant.label());
                    outlet.failures.push(failure);
                }
            }
        }
    }

    fn begin(&self, stream: &str) {
        self.emitter
            .send(Message::status(stream, StreamStatus::Started));
    }

    /// Says what went wrong, and how the stream ended.
    fn end(&self, stream: &str, failures: &[Failure]) {
        for failure in failures {
            self.emitter.send(Message::error(failure, Some(stream)));
        }
        let status = match failures.is_empty() {
            true => StreamStatus::Complete,
            false => StreamStatus::Incomplete,
        };
        self.emitter.send(Message::status(stream, status));
    }
}
