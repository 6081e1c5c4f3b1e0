//! `discover`: prints the streams that the token can read.

use super::catalog::ConfiguredCatalog;
use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{AirbyteStream, Catalog, Message, SyncMode};
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

/// Describes a stream. If `airbyte_copies` is true, Airbyte copies the downloaded files to the
/// destination.
pub(super) fn describe(
    stream: &'static Stream,
    airbyte_copies: bool,
) -> Result<AirbyteStream, Failure> {
    let json_schema = serde_json::from_str(stream.schema).map_err(|error| {
        Failure::system(format!("The schema of {} is broken.", stream.name)).because(error)
    })?;
    Ok(AirbyteStream {
        name: stream.name,
        json_schema,
        // full_refresh comes first, because test suites that choose a mode take the first one.
        supported_sync_modes: match stream.cursor {
            Some(_) => &[SyncMode::FullRefresh, SyncMode::Incremental],
            None => &[SyncMode::FullRefresh],
        },
        source_defined_cursor: stream.cursor.map(|_| true),
        default_cursor_field: stream.cursor.map(|cursor| vec![cursor]),
        source_defined_primary_key: stream.key.iter().map(|field| vec![*field]).collect(),
        is_resumable: stream.cursor.is_some(),
        is_file_based: airbyte_copies && stream.has_files(),
    })
}
