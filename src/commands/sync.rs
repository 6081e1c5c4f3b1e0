//! `sync`: keeps files of the streams up to date, for people without a platform.

use std::path::Path;
use std::sync::Arc;

use super::stream_choice::chosen;
use crate::airbyte::emit::Emitter;
use crate::cli::SyncFlags;
use crate::data_files;
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
    let named = match flags.choice.all {
        true => None,
        false => chosen(&flags.choice)?,
    };
    let storage = TokenStorage::File;
    let session = Session::open(&flags.config, emitter, statuses, Purpose::Read, storage).await?;
    let scopes = session.scopes().await?;
    let streams = named.unwrap_or_else(|| readable(scopes.as_deref(), flags.choice.all));
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

/// Returns the streams that the token can read. Unless `is_all`, leaves out those that cost a call per
/// document or contact and those of one country.
fn readable(scopes: Option<&[String]>, is_all: bool) -> Vec<&'static Stream> {
    let can_read = |stream: &&Stream| scopes.is_none_or(|granted| stream.readable_with(granted));
    let (readable, closed): (Vec<_>, Vec<_>) = streams::all().partition(can_read);
    let is_special = |stream: &&Stream| stream.is_costly() || stream.is_of_one_country();
    let (special, streams): (Vec<_>, Vec<_>) =
        (readable.into_iter()).partition(|stream| is_special(stream) && !is_all);
    let why_special =
        "cost a call per document or contact, or exist in one country only (--all reads them)";
    let why_closed = "need a scope that the token lacks (xero-source streams names it)";
    tracing::info!(
        "{} streams are read. Not read: {}; {}",
        streams.len(),
        left_out(&special, why_special),
        left_out(&closed, why_closed),
    );
    streams
}

/// Says why streams are not read.
fn left_out(streams: &[&'static Stream], why: &str) -> String {
    let names: Vec<_> = streams.iter().map(|stream| stream.name).collect();
    match &names[..] {
        [] => format!("none that {why}"),
        _ => format!("{} that {why}: {}", names.len(), names.join(", ")),
    }
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
