//! `read`: prints the records and states of the selected streams.

use std::sync::Arc;

use crate::airbyte::emit::Emitter;
use crate::cli::{ConfigFile, ReadFiles};
use crate::failure::Failure;
use crate::progress::model::Outcome;
use crate::progress::view::{Stdout, View};
use crate::state::StateFile;
use crate::sync::callbacks::TokenStorage;
use crate::sync::catalog::Selection;
use crate::sync::run::SyncRun;
use crate::sync::session::{Purpose, Session};
use crate::sync::statuses::Statuses;
use crate::terminal;

/// The variable by which Airbyte's platform chooses the channel for records. It offers sockets only
/// to connectors that declare support for them.
const DATA_CHANNEL: &str = "DATA_CHANNEL_MEDIUM";

/// Reads the selected streams, and shows the progress to people. Returns whether all streams ended
/// COMPLETE.
pub(crate) async fn read(files: &ReadFiles, emitter: &Emitter) -> Result<bool, Failure> {
    if terminal::is_stdout_seen() {
        terminal::tell_person(
            "read prints messages for programs on stdout. To keep them in a file, add: > messages.jsonl",
        );
    }
    let statuses = Statuses::new(emitter);
    let view = View::start(&statuses.progress, &files.view, Stdout::Messages)?;
    let is_complete = streams(files, emitter, &statuses).await;
    if let Err(failure) = &is_complete {
        statuses.sync_failed(failure);
    }
    view.end(Outcome::of(&is_complete));
    is_complete
}

/// Reads the selected streams. Returns whether all of them ended COMPLETE.
async fn streams(
    files: &ReadFiles,
    emitter: &Emitter,
    statuses: &Arc<Statuses>,
) -> Result<bool, Failure> {
    if std::env::var(DATA_CHANNEL).is_ok_and(|medium| medium == "SOCKET") {
        return Err(Failure::config(format!(
            "{DATA_CHANNEL} asks for records over a socket. This connector writes only to stdout: unset the variable or set it to STDIO."
        )));
    }
    let selection = Selection::read(&files.catalog).await?;
    let (states, session, scopes) = match prepare(files, emitter, statuses).await {
        Ok(prepared) => prepared,
        Err(failure) => {
            // Every selected stream gets its statuses, although none can be read.
            for selected in &selection.0 {
                statuses.abandon(&selected.name);
            }
            return Err(failure);
        }
    };
    let run = SyncRun::new(session, scopes, states, emitter, statuses.clone());
    if let Some(path) = &files.state {
        run.warn_of_fresh_streams(&selection, path);
    }
    run.warn_of_absent_organisations(&selection);
    Ok(run.streams(selection).await)
}

async fn prepare(
    files: &ReadFiles,
    emitter: &Emitter,
    statuses: &Arc<Statuses>,
) -> Result<(StateFile, Session, Option<Vec<String>>), Failure> {
    let states = match &files.state {
        None => StateFile::default(),
        Some(path) => crate::files::read(path, "state", StateFile::parse).await?,
    };
    let ConfigFile {
        config,
        write_config,
    } = &files.config;
    let storage = TokenStorage::of_protocol(*write_config);
    let session = Session::open(config, emitter, statuses, Purpose::Read, storage).await?;
    let scopes = session.scopes().await?;
    Ok((states, session, scopes))
}
