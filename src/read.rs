//! The verb `read`: walks every selected stream in every organisation and
//! hands the pages to the emitter. One stream failing never stops the others.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use futures_util::StreamExt;

use crate::call::Call;
use crate::catalog::{Selected, Selection};
use crate::cli::ReadFiles;
use crate::emit::{Batch, Emitter};
use crate::explain;
use crate::failure::Failure;
use crate::files;
use crate::page::Page;
use crate::protocol::{Message, StreamStatus};
use crate::retry::Patience;
use crate::session::Session;
use crate::state::{Positions, StateFile};
use crate::streams::{PAGE_SIZE, Paging, Stream};
use crate::tenants::{ACCOUNTING, Tenant};
use crate::walk::{Ask, Short, Start, Walk};

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
            let read = self.partition(stream, tenant, &mut positions).await;
            failures.extend(read.err());
        }
        failures
    }

    async fn partition(
        &self,
        stream: &'static Stream,
        tenant: &Tenant,
        positions: &mut Positions,
    ) -> Result<(), Failure> {
        if let Some(failure) = &tenant.blocked {
            return Err(failure.clone());
        }
        let mut walk = Walk::new(stream, self.start(stream, positions.of(&tenant.id)));
        let (mut calls, mut rows) = (0_u64, 0_u64);
        while let Some(ask) = walk.ask() {
            let call = call(stream, tenant, &ask);
            let page = self
                .session
                .client
                .get(&call, |body| Page::parse(body, stream, &tenant.id))
                .await;
            let page = page.map_err(|trouble| {
                trouble.told(|fault| explain::call(fault, stream, tenant.label()))
            })?;
            let keep = walk
                .take(&page)
                .map_err(|short| ended_short(stream, tenant, short))?;
            if let Some(reason) = walk.warning() {
                tracing::warn!(
                    stream = stream.name,
                    "reading by plain page numbers, because {reason}"
                );
            }
            let state = self.checkpoint(&walk, tenant, positions);
            let (lines, records) = page.into_lines(&keep);
            if rows == 0 && records > 0 {
                self.emitter
                    .send(Message::status(stream.name, StreamStatus::Running));
            }
            calls += 1;
            rows += records;
            let batch = Batch {
                stream: stream.name,
                lines,
                records,
                state,
            };
            let sent = self.emitter.batch(batch).await;
            sent.map_err(|closed| {
                Failure::system("The records could not be handed over.").because(closed)
            })?;
        }
        let label = tenant.label();
        tracing::info!(stream = stream.name, rows, calls, "read all of {label}");
        Ok(())
    }

    /// The state to send behind a page: where the walk moved on, and at its end in any case.
    fn checkpoint(
        &self,
        walk: &Walk,
        tenant: &Tenant,
        positions: &mut Positions,
    ) -> Option<serde_json::Value> {
        let (position, over) = (walk.position(), walk.ask().is_none());
        if over || (position.is_some() && position != positions.of(&tenant.id)) {
            positions.note(&tenant.id, position);
            return Some(positions.state());
        }
        None
    }

    fn start(&self, stream: &Stream, position: Option<i64>) -> Start {
        let first = match stream.paging {
            // A ledger is read from its first journal: numbers know no dates.
            Paging::Offset => 0,
            Paging::Whole | Paging::Pages => self.session.config.start.timestamp_millis(),
        };
        Start {
            from: position.unwrap_or(first),
            lookback: self.session.config.lookback.num_milliseconds(),
        }
    }
}

fn ended_short(stream: &Stream, tenant: &Tenant, short: Short) -> Failure {
    Failure::transient(format!(
        "Xero's list of {} of {} was not whole. The next sync reads it again.",
        stream.name,
        tenant.label(),
    ))
    .because(short)
}

fn call<'a>(stream: &'static Stream, tenant: &'a Tenant, ask: &Ask) -> Call<'a> {
    let fixed = stream
        .params
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    let mut query: Vec<_> = fixed.collect();
    if let Some((page, size)) = ask.page {
        query.push(("page", page.to_string()));
        query.push(("pageSize", size.min(PAGE_SIZE.into()).to_string()));
    }
    if let Some(offset) = ask.offset {
        query.push(("offset", offset.to_string()));
    }
    Call {
        path: format!("{ACCOUNTING}{}", stream.path),
        query,
        tenant: Some(&tenant.id),
        modified_since: ask.modified_since,
        stream: Some(stream.name),
        unchanged: format!(r#"{{"{}":[]}}"#, stream.envelope),
    }
}
