//! The verb `read`: walks every selected stream in every organisation, those of
//! one endpoint together. One stream failing never stops the others.

use std::path::Path;

use futures_util::StreamExt;

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{Message, StreamStatus};
use crate::cli::ReadFiles;
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::files;
use crate::state::StateFile;
use crate::streams::{Family, Report, Source, Stream};
use crate::sync::catalog::Selection;
use crate::sync::concurrency::Slots;
use crate::sync::explain;
use crate::sync::quota::Share;
use crate::sync::reports::Reports;
use crate::sync::session::{Purpose, Session};
use crate::sync::statuses::Statuses;

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
        Ok(read) => {
            if let Some(path) = &arguments.state {
                read.warn_of_fresh_streams(&selection, path);
            }
            Ok(read.streams(selection).await)
        }
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

pub(crate) struct Read<'a> {
    pub(crate) session: Session,
    pub(crate) slots: Slots,
    pub(crate) states: StateFile,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) emitter: &'a Emitter,
    pub(crate) statuses: Statuses<'a>,
}

async fn prepare<'a>(arguments: &ReadFiles, emitter: &'a Emitter) -> Result<Read<'a>, Failure> {
    let states = match &arguments.state {
        None => StateFile::default(),
        Some(path) => files::read(path, "state", StateFile::parse).await?,
    };
    let session = Session::open(&arguments.config, emitter, Purpose::Read).await?;
    let scopes = session.scopes().await?;
    Ok(Read {
        session,
        slots: Slots::default(),
        states,
        scopes,
        emitter,
        statuses: Statuses::new(emitter),
    })
}

impl Read<'_> {
    /// Says which streams begin from the start although others go on. A new stream may; one
    /// whose state was lost on the way must not do so unnoticed.
    fn warn_of_fresh_streams(&self, selection: &Selection, path: &Path) {
        let selected = selection.0.iter().filter(|selected| selected.incremental);
        let streams = selected.filter_map(|selected| selected.stream.as_ref().ok());
        let fresh = streams.filter(|stream| stream.cursor.is_some() && self.states.lacks(stream));
        let fresh: Vec<_> = fresh.map(|stream| stream.name).collect();
        if !fresh.is_empty() {
            tracing::warn!(
                "the state file {} has no state of {}: they are read from start_date on. If they were synced before, give their last states too",
                path.display(),
                fresh.join(", ")
            );
        }
    }

    async fn streams(&self, selection: Selection) -> bool {
        let include_files = selection.include_files();
        let mut streams = Vec::with_capacity(selection.0.len());
        for selected in selection.0 {
            match selected.stream {
                Ok(stream) => {
                    self.warn_of_the_future(stream);
                    streams.push(stream);
                }
                Err(why) => {
                    self.statuses.begin(&selected.name);
                    let failure = Err(Failure::config(why));
                    self.statuses.end(&selected.name, &[failure]);
                }
            }
        }
        // Those that cost a call for each row of another list come last, one after the other.
        let (costly, others): (Vec<_>, Vec<_>) =
            streams.into_iter().partition(|stream| stream.is_costly());
        let open = self.session.tenants.iter();
        let open = open.filter(|tenant| tenant.blocked.is_none()).count();
        let readable = costly.iter().filter(|stream| self.may_read(stream).is_ok());
        let parts = readable.count() * open;
        let share = Share::new(self.session.config.costly_calls, parts);
        let reports = Reports::new(&self.session, self.emitter, &share);
        let (attached, rounds): (Vec<_>, Vec<_>) = costly
            .into_iter()
            .partition(|stream| matches!(stream.source, Source::SubResource(_)));
        let (observers, failures) = self.observers(attached, include_files);
        for (streams, at_once) in [(others, FAMILIES_AT_ONCE), (rounds, 1)] {
            futures_util::stream::iter(Family::group(streams.into_iter()))
                .for_each_concurrent(at_once, async |family| {
                    let names: Vec<_> = family.members.iter().map(|it| it.name).collect();
                    let read = async {
                        match &family.parent.source {
                            Source::Report(report) => {
                                self.report(&reports, family.parent, report).await;
                            }
                            _ => self.family(family, &observers).await,
                        }
                    };
                    self.statuses.isolated(&names, read).await;
                })
                .await;
        }
        self.documents(observers, failures, &share).await;
        tracing::info!("read ended: {}", self.session.client.tally);
        self.statuses.are_complete()
    }

    /// Says where a state would keep rows from being read for years.
    fn warn_of_the_future(&self, stream: &'static Stream) {
        let now = chrono::Utc::now();
        for tenant in &self.session.tenants {
            if let Some(at) = self.states.ahead(stream, &tenant.id, now) {
                let (name, label, at) = (stream.name, tenant.label(), excerpt(at));
                tracing::warn!(
                    stream = name,
                    "the state says that {name} of {label} was read up to {at}, which is in the future: no change before that moment is read. Reset the stream to read it again from the start date"
                );
            }
        }
    }

    /// Reads a report stream from its first status to its last.
    async fn report(&self, reports: &Reports<'_>, stream: &'static Stream, of: &Report) {
        self.statuses.begin(stream.name);
        let ends = match self.may_read(stream) {
            Ok(()) => {
                let state = self.states.raw(stream);
                reports.read(stream, of, state, &self.slots).await
            }
            Err(failure) => vec![Err(failure)],
        };
        self.statuses.end(stream.name, &ends);
    }

    /// Whether the token may read a stream; any where it does not say.
    pub(crate) fn may_read(&self, stream: &Stream) -> Result<(), Failure> {
        let granted = self.scopes.as_ref();
        match granted.is_none_or(|granted| stream.readable_with(granted)) {
            true => Ok(()),
            false => Err(explain::missing_scope(stream)),
        }
    }
}
