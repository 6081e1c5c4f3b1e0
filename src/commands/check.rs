//! `check`: reports whether the config works.

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{CheckResult, ConnectionStatus, Message};
use crate::cli::ConfigFile;
use crate::failure::{Failure, Kind};
use crate::sync::callbacks::TokenStorage;
use crate::sync::session::{Purpose, Session};
use crate::sync::statuses::Statuses;

/// Checks the access to every organisation. A failure that the user can fix becomes the status
/// FAILED. Any other failure is an error.
pub(crate) async fn check(file: &ConfigFile, emitter: &Emitter) -> Result<(), Failure> {
    let (status, message) = match prove(file, emitter).await {
        Ok(()) => (CheckResult::Succeeded, None),
        Err(failure) if failure.kind == Kind::Config => {
            (CheckResult::Failed, Some(failure.to_string()))
        }
        Err(failure) => return Err(failure),
    };
    let connection_status = ConnectionStatus { status, message };
    emitter.send(Message::ConnectionStatus { connection_status });
    Ok(())
}

async fn prove(file: &ConfigFile, emitter: &Emitter) -> Result<(), Failure> {
    let statuses = Statuses::new(emitter);
    let storage = TokenStorage::of_protocol(file.write_config);
    let session = Session::open(&file.config, emitter, &statuses, Purpose::Check, storage).await?;
    if let Some(failure) = session.blocked() {
        return Err(failure);
    }
    session.readable_streams().await?;
    tracing::info!("organisations that can be read: {}", session.tenants.len());
    Ok(())
}
