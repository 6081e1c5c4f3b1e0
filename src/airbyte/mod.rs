//! The Airbyte protocol: its messages, and the emitter, which alone writes to stdout.

pub(crate) mod emit;
pub(crate) mod log;
pub(crate) mod protocol;
mod redact;
