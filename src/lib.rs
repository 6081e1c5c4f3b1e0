//! `xero-source` reads the accounting data of Xero organisations and prints it
//! as messages of the Airbyte protocol.

mod airbyte;
#[cfg(test)]
mod cases;
mod cli;
mod commands;
mod config;
mod excerpt;
mod failure;
mod files;
mod json;
mod memory;
mod panics;
mod process;
mod rows;
mod secret;
mod state;
mod streams;
mod sync;
mod walk;
mod xero;

pub use process::run;
