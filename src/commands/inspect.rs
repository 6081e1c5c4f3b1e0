//! The verbs that look without reading: check and discover.

use std::path::Path;

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{
    AirbyteStream, Catalog, CheckResult, ConnectionStatus, Message, SyncMode,
};
use crate::failure::{Failure, Kind};
use crate::streams::{self, Stream};
use crate::sync::session::{Purpose, Session};

/// Streams and their scopes in one log line, which has 2 KiB at most.
const NAMED_IN_A_LINE: usize = 8;

/// Tells whether the config works. What the user can mend is an answer; what
/// nobody can mend now is an error.
pub(crate) async fn check(config: &Path, emitter: &Emitter) -> Result<(), Failure> {
    let (status, message) = match look(config, emitter, Purpose::Check).await {
        Ok(_) => (CheckResult::Succeeded, None),
        Err(failure) if failure.kind == Kind::Config => {
            (CheckResult::Failed, Some(failure.to_string()))
        }
        Err(failure) => return Err(failure),
    };
    let connection_status = ConnectionStatus { status, message };
    emitter.send(Message::ConnectionStatus { connection_status });
    Ok(())
}

/// Lists the streams that the token can read.
pub(crate) async fn discover(config: &Path, emitter: &Emitter) -> Result<(), Failure> {
    let (session, readable) = look(config, emitter, Purpose::Discover).await?;
    let downloads = session.config.download_attachments.as_ref();
    let hands_on = downloads.is_some_and(|downloads| downloads.directory.is_none());
    let describe = |stream| describe(stream, hands_on);
    let streams: Result<Vec<_>, _> = readable.into_iter().map(describe).collect();
    let catalog = Catalog { streams: streams? };
    emitter.send(Message::Catalog { catalog });
    Ok(())
}

/// Proves access to every organisation, returns the streams that the token can
/// read, and says in one line what the others need.
async fn look(
    config: &Path,
    emitter: &Emitter,
    purpose: Purpose,
) -> Result<(Session, Vec<&'static Stream>), Failure> {
    let session = Session::open(config, emitter, purpose).await?;
    if let Some(failure) = session
        .tenants
        .iter()
        .find_map(|tenant| tenant.blocked.clone())
    {
        return Err(failure);
    }
    let Some(granted) = session.scopes().await? else {
        return Ok((session, streams::all().collect()));
    };
    let (readable, missing): (Vec<_>, Vec<_>) =
        streams::all().partition(|stream| stream.readable_with(&granted));
    if !missing.is_empty() {
        let need = |stream: &&Stream| format!("{} needs {}", stream.name, stream.remedy());
        let needs: Vec<_> = missing.iter().map(need).collect();
        for needs in needs.chunks(NAMED_IN_A_LINE) {
            tracing::warn!("the token cannot read every stream: {}", needs.join("; "));
        }
    }
    Ok((session, readable))
}

/// Describes a stream; `hands_on` is whether Airbyte is to copy files.
fn describe(stream: &'static Stream, hands_on: bool) -> Result<AirbyteStream, Failure> {
    let json_schema = serde_json::from_str(stream.schema).map_err(|error| {
        Failure::system(format!("The schema of {} is broken.", stream.name)).because(error)
    })?;
    Ok(AirbyteStream {
        name: stream.name,
        json_schema,
        // full_refresh first: suites take the first mode where they choose one.
        supported_sync_modes: match stream.cursor {
            Some(_) => &[SyncMode::FullRefresh, SyncMode::Incremental],
            None => &[SyncMode::FullRefresh],
        },
        source_defined_cursor: stream.cursor.map(|_| true),
        default_cursor_field: stream.cursor.map(|cursor| vec![cursor]),
        source_defined_primary_key: stream.key.iter().map(|field| vec![*field]).collect(),
        is_resumable: stream.cursor.is_some(),
        is_file_based: hands_on && stream.has_files(),
    })
}
