//! The verb `read`: walks every selected stream in every organisation and
//! hands the pages to the emitter. One stream failing never stops the others.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use futures_util::StreamExt;

use crate::catalog::{Selected, Selection};
use crate::cli::ReadFiles;
use crate::emit::Emitter;
use crate::explain;
use crate::failure::Failure;
use crate::files;
use crate::partition::Partition;
use crate::protocol::{Message, StreamStatus};
use crate::retry::Patience;
use crate::session::Session;
use crate::slots::Slots;
use crate::state::StateFile;
use crate::streams::Stream;

/// Xero takes five calls at once from one organisation.
const STREAMS_AT_ONCE: usize = 5;

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
        futures_util::stream::iter(selection.0)
            .for_each_concurrent(STREAMS_AT_ONCE, async |selected| {
                if !self.selected(selected).await {
                    failed.fetch_add(1, Relaxed);
                }
            })
            .await;
        tracing::info!("read ended: {}", self.session.client.tally);
        failed.into_inner() == 0
    }

    async fn selected(&self, selected: Selected) -> bool {
        let status = |status| self.emitter.send(Message::status(&selected.name, status));
        status(StreamStatus::Started);
        let failures = match selected.stream {
            Ok(stream) => self.stream(stream).await,
            Err(why) => vec![Failure::config(why)],
        };
        for failure in &failures {
            self.emitter
                .send(Message::error(failure, Some(&selected.name)));
        }
        status(match failures.is_empty() {
            true => StreamStatus::Complete,
            false => StreamStatus::Incomplete,
        });
        failures.is_empty()
    }

    /// Reads a stream in every organisation. One that fails does not keep the
    /// others from being read; the failures are returned.
    async fn stream(&self, stream: &'static Stream) -> Vec<Failure> {
        let granted = self.scopes.as_ref();
        if granted.is_some_and(|granted| !stream.readable_with(granted)) {
            return vec![explain::missing_scope(stream)];
        }
        let mut positions = match self.states.of(stream) {
            Ok(positions) => positions,
            Err(failure) => return vec![failure],
        };
        let tenants = &self.session.tenants;
        positions.settle(tenants.iter().map(|tenant| tenant.id.as_str()));
        let mut failures = Vec::new();
        for tenant in tenants {
            if let Some(failure) = &tenant.blocked {
                failures.push(failure.clone());
                continue;
            }
            let partition = Partition {
                session: &self.session,
                emitter: self.emitter,
                slot: self.slots.take(&tenant.id),
                stream,
                tenant,
            };
            failures.extend(partition.read(&mut positions).await.err());
        }
        failures
    }
}
