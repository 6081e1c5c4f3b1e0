//! `catalog`: prints a configured catalog, so that nobody writes one by hand.

use serde::Serialize;

use super::stream_choice::chosen;
use super::stream_description::describe;
use crate::airbyte::protocol::{AirbyteStream, SyncMode};
use crate::cli::CatalogFlags;
use crate::failure::Failure;
use crate::streams::Stream;
use crate::terminal;

/// A configured catalog, which `read --catalog` takes.
#[derive(Debug, Serialize)]
pub(super) struct ConfiguredCatalog {
    streams: Vec<ConfiguredStream>,
}

#[derive(Debug, Serialize)]
struct ConfiguredStream {
    stream: AirbyteStream,
    sync_mode: SyncMode,
    destination_sync_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor_field: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    primary_key: Vec<Vec<&'static str>>,
}

/// Prints the catalog of the chosen streams. Sends no request.
pub(crate) fn catalog(flags: &CatalogFlags) -> Result<(), Failure> {
    let Some(streams) = chosen(&flags.choice)? else {
        return Err(Failure::config(
            "No stream is chosen. Give --streams with names that are separated by commas, or --all. `xero-source streams` lists the names.",
        ));
    };
    ConfiguredCatalog::of(streams, flags.full_refresh)?.print()
}

impl ConfiguredCatalog {
    /// Configures each stream to be read incrementally where that is possible, unless `full_refresh`.
    pub(super) fn of(
        streams: impl IntoIterator<Item = &'static Stream>,
        full_refresh: bool,
    ) -> Result<ConfiguredCatalog, Failure> {
        let configure = |stream| configure(stream, full_refresh);
        let streams: Result<Vec<_>, _> = streams.into_iter().map(configure).collect();
        Ok(ConfiguredCatalog { streams: streams? })
    }

    /// Prints the catalog to stdout.
    pub(super) fn print(&self) -> Result<(), Failure> {
        let catalog = serde_json::to_string_pretty(self).map_err(|error| {
            Failure::system("The catalog cannot be written as JSON.").because(error)
        })?;
        terminal::print(format_args!("{catalog}\n")).map_err(super::cannot_print)
    }
}

fn configure(stream: &'static Stream, full_refresh: bool) -> Result<ConfiguredStream, Failure> {
    let described = describe(stream, false)?;
    let is_incremental = stream.cursor.is_some() && !full_refresh;
    Ok(ConfiguredStream {
        sync_mode: match is_incremental {
            true => SyncMode::Incremental,
            false => SyncMode::FullRefresh,
        },
        destination_sync_mode: match is_incremental {
            true => "append_dedup",
            false => "overwrite",
        },
        cursor_field: described
            .default_cursor_field
            .clone()
            .filter(|_| is_incremental),
        primary_key: described.source_defined_primary_key.clone(),
        stream: described,
    })
}
