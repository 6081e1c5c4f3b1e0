//! `sync`: keeps files of the streams up to date, for people without a platform.

use std::path::Path;
use std::sync::Arc;

use super::stream_choice::streams_to_sync;
use crate::airbyte::emit::Emitter;
use crate::cli::SyncFlags;
use crate::data_files;
use crate::excerpt::{excerpt, listed};
use crate::failure::Failure;
use crate::files;
use crate::progress::model::Outcome;
use crate::progress::view::{Stdout, View};
use crate::state::{STATE_INTERVAL, StateFile};
use crate::streams::{self, Stream};
use crate::sync::callbacks::TokenStorage;
use crate::sync::catalog::Selection;
use crate::sync::run::SyncRun;
use crate::sync::session::{Purpose, Session};
use crate::sync::statuses::Statuses;

/// Maximum number of organisations that a message names.
const MAX_NAMED: usize = 3;

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
    let (streams, left_out) = choice.of_session(&session, scopes.as_deref()).await;
    left_out.iter().for_each(|line| tracing::info!("{line}"));
    let path = flags.out.join(data_files::STATE);
    let known = read_states(&path).await?;
    warn_of_lost_rows(&known, &session, &streams, flags.full_refresh);
    let states = without_full_reads(known, flags.full_refresh);
    let selection = Selection::of(streams, flags.full_refresh);
    let run = SyncRun::new(session, scopes, states, emitter, statuses.clone());
    run.warn_of_absent_organisations(&selection);
    Ok(tokio::select! {
        biased;
        is_complete = run.streams(selection) => is_complete,
        () = save_regularly(emitter) => false, // never
    })
}

/// Reads the states of the last sync.
async fn read_states(path: &Path) -> Result<StateFile, Failure> {
    match path.exists() {
        true => files::read(path, "state", StateFile::parse).await,
        false => Ok(StateFile::default()),
    }
}

/// Warns about organisations that earlier syncs read and this one does not. A stream that is read in
/// full loses their rows.
fn warn_of_lost_rows(
    known: &StateFile,
    session: &Session,
    streams: &[&'static Stream],
    is_full_refresh: bool,
) {
    let mut absent = known.organisations(streams::all());
    for tenant in &session.tenants {
        absent.remove(&*tenant.id);
    }
    let is_replaced = |stream: &&&Stream| is_full_refresh || stream.cursor.is_none();
    let replaced = streams.iter().filter(is_replaced).count();
    if !absent.is_empty() && replaced > 0 {
        let ids = absent.iter().map(|id| excerpt(id));
        tracing::warn!(
            "earlier syncs read {} that this sync does not read: {}. {replaced} streams are read in full, and their new files have no rows of these organisations. To keep such rows, copy the files before they are replaced",
            match absent.len() {
                1 => "an organisation".to_owned(),
                count => format!("{count} organisations"),
            },
            listed(ids, MAX_NAMED, absent.len())
        );
    }
}

/// Removes the states of streams that are read in full.
fn without_full_reads(mut states: StateFile, is_full_refresh: bool) -> StateFile {
    states.retain(|name| {
        let stream = streams::find(name);
        !is_full_refresh && stream.is_none_or(|stream| stream.cursor.is_some())
    });
    states
}

/// Lets the output save from time to time while the sync waits for Xero. Never ends.
async fn save_regularly(emitter: &Emitter) {
    loop {
        tokio::time::sleep(STATE_INTERVAL).await;
        emitter.flush().await;
    }
}
