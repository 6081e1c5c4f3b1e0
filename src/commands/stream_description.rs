//! Describes streams for catalogs.

use crate::airbyte::protocol::{AirbyteStream, SyncMode};
use crate::failure::Failure;
use crate::streams::Stream;

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
