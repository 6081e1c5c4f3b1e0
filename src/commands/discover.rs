//! `discover`: prints the streams that the token can read.

use super::catalog::ConfiguredCatalog;
use super::stream_description::describe;
use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{Catalog, Message};
use crate::cli::{ConfigFile, DiscoverFlags};
use crate::failure::Failure;
use crate::streams::Stream;
use crate::sync::callbacks::TokenStorage;
use crate::sync::session::{Purpose, Session};
use crate::sync::statuses::Statuses;

/// Prints the catalog: the streams of the organisations that can be read.
pub(crate) async fn discover(flags: &DiscoverFlags, emitter: &Emitter) -> Result<(), Failure> {
    let ConfigFile {
        config,
        write_config,
    } = &flags.config;
    let statuses = Statuses::new(emitter);
    let storage = match flags.configured {
        true => TokenStorage::File, // stdout carries no messages
        false => TokenStorage::of_protocol(*write_config),
    };
    let session = Session::open(config, emitter, &statuses, Purpose::Discover, storage).await?;
    if let Some(failure) = session.blocked() {
        tracing::warn!("{failure}");
    }
    let readable = session.readable_streams().await?;
    if flags.configured {
        let is_asked_for = |stream: &&Stream| stream.is_personal() || stream.is_of_counts();
        let readable = readable.into_iter().filter(|it| !is_asked_for(it));
        return ConfiguredCatalog::of(readable, false)?.print();
    }
    let downloads = session.config.download_attachments.as_ref();
    let airbyte_copies = downloads.is_some_and(|downloads| downloads.directory.is_none());
    let describe = |stream| describe(stream, airbyte_copies);
    let streams: Result<Vec<_>, _> = readable.into_iter().map(describe).collect();
    let catalog = Catalog { streams: streams? };
    emitter.send(Message::Catalog { catalog });
    Ok(())
}
