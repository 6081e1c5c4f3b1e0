//! `check`: reports whether the config works.

use std::path::Path;

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{CheckResult, ConnectionStatus, Message};
use crate::failure::{Failure, Kind};
use crate::sync::session::{Purpose, Session};
use crate::sync::statuses::Statuses;

/// Checks the access to every organisation. A failure that the user can fix becomes the status
/// FAILED. Any other failure is an error.
pub(crate) async fn check(config: &Path, emitter: &Emitter) -> Result<(), Failure> {
    let (status, message) = match prove(config, emitter).await {
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

async fn prove(config: &Path, emitter: &Emitter) -> Result<(), Failure> {
    let session = Session::open(config, emitter, &Statuses::new(emitter), Purpose::Check).await?;
    if let Some(failure) = session.blocked() {
        return Err(failure);
    }
    session.readable_streams().await?;
    tracing::info!("organisations that can be read: {}", session.tenants.len());
    Ok(())
}
