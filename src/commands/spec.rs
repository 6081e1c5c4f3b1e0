//! `spec`: prints the specification of the config.

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::Message;
use crate::config;
use crate::failure::Failure;

/// Prints the specification of the config.
pub(crate) fn spec(emitter: &Emitter) -> Result<(), Failure> {
    let spec = serde_json::from_str(config::SPEC)
        .map_err(|error| Failure::system("The embedded spec is broken.").because(error))?;
    emitter.send(Message::Spec { spec });
    Ok(())
}
