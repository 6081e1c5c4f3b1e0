//! `sync`: keeps files of the streams up to date, for people without a platform.

use std::path::Path;
use std::sync::Arc;

use super::stream_choice::streams_to_sync;
use crate::airbyte::emit::Emitter;
use crate::cli::SyncFlags;
use crate::data_files;
use crate::failure::Failure;
use crate::files;
use crate::progress::model::Outcome;
use crate::progress::view::{Stdout, View};
use crate::state::{STATE_INTERVAL, StateFile};
use crate::streams;
use crate::sync::callbacks::TokenStorage;
use crate::sync::catalog::Selection;
use crate::sync::run::SyncRun;
use crate::sync::session::{Purpose, Session};
use crate::sync::statuses::Statuses;

/// Reads the chosen streams into the directory, which the emitter's output has opened. Returns whether
/// all of them ended COMPLETE.
pub(crate) async fn sync(flags: &SyncFlags, emitter: &Emitter) -> Result<bool, Failure> {
    let statuses = Statuses::new(emitter);
    let view = View::start(&statuses.progress, &flags.view, Stdout::Table)?;
    let is_complete = read(flags, emitter, &statuses).await;
    if let Err(failure) = &is_complete {
        statuses.sync_failed(failure);
    }
    view.end(Outcome::of(&is_complete));
    is_complete
}

/// Reads the chosen streams. Returns whether all of them ended COMPLETE.
async fn read(
    flags: &SyncFlags,
    emitter: &Emitter,
    statuses: &Arc<Statuses>,
) -> Result<bool, Failure> {
    let choice = streams_to_sync(&flags.choice)?;
    let storage = TokenStorage::File;
    let session = Session::open(&flags.config, emitter, statuses, Purpose::Read, storage).await?;
    let scopes = session.scopes().await?;
    let (streams, left_out) = choice.of_token(scopes.as_deref());
    left_out.iter().for_each(|line| tracing::info!("{line}"));
    let path = flags.out.join(data_files::STATE);
    let states = states(&path, flags.full_refresh).await?;
    let selection = Selection::of(streams, flags.full_refresh);
    let run = SyncRun::new(session, scopes, states, emitter, statuses.clone());
    run.warn_of_absent_organisations(&selection);
    Ok(tokio::select! {
        biased;
        is_complete = run.streams(selection) => is_complete,
        () = save_regularly(emitter) => false, // never
    })
}

/// Reads the states of the last sync, without those of streams that are read in full.
async fn states(path: &Path, is_full_refresh: bool) -> Result<StateFile, Failure> {
    if !path.exists() {
        return Ok(StateFile::default());
    }
    let mut states = files::read(path, "state", StateFile::parse).await?;
    states.retain(|name| {
        let stream = streams::find(name);
        !is_full_refresh && stream.is_none_or(|stream| stream.cursor.is_some())
    });
    Ok(states)
}

/// Lets the output save from time to time while the sync waits for Xero. Never ends.
async fn save_regularly(emitter: &Emitter) {
    loop {
        tokio::time::sleep(STATE_INTERVAL).await;
        emitter.flush().await;
    }
}
