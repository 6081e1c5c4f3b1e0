//! `xero-source` reads the accounting data of Xero organisations and prints it as messages of the
//! Airbyte protocol.
//!
//! # Modules
//!
//! A layer uses only itself and the layers below it. A test enforces this rule.
//!
//! | Layer | What it does |
//! |---|---|
//! | [`process`] | Runs the command line: arguments, signals, standard streams, exit code. |
//! | [`measured`] | What `benches/pages` measures. |
//! | [`commands`] | One module per verb. |
//! | [`cli`] | Defines the command line. |
//! | [`data_files`] | Writes rows as files into a directory, for people without a platform. |
//! | [`terminal`] | Writes text for people: messages, answers, tables. |
//! | [`sync`] | Does the work of one read: which streams in which order, their requests, records, states and statuses. |
//! | [`progress`] | Knows how far a sync is, and shows it to people: on stderr and as an HTML page. |
//! | [`state`] | Reads and writes the state: how far each stream was read in each organisation. |
//! | [`walk`] | Decides which request comes next and which rows of a page are new. Knows keys, cursors and counts, no bytes. |
//! | [`rows`] | Turns response bytes into RECORD lines. |
//! | [`streams`] | The catalogue: one table row and one schema per stream. |
//! | [`xero`] | Communicates with Xero: requests, tokens, rate limits, retries. Knows nothing about Airbyte. |
//! | [`airbyte`] | The protocol's messages, the log lines, and the only writer of stdout. |
//! | [`config`] | Reads and checks the config file. |
//! | [`files`], [`json`], [`dates`], [`panics`], [`signals`], [`memory`], [`failure`], [`excerpt`], [`secret`] | Serve all layers: input files, JSON, dates, panics, signals, memory limits, classified errors, secrets. |
//!
//! # Data flow
//!
//! A [`walk`] names a request. [`xero`] sends it when the rate limiter permits and returns the
//! body. [`rows`] turns the body into lines and facts. The walk takes the facts and decides which
//! rows are new. [`sync`] writes the lines of these rows, followed by the [`state`] that covers
//! them.
//!
//! # Glossary
//!
//! - **organisation**: a company in Xero; its identifier is the *tenant id*.
//! - **list**: an endpoint that returns rows, such as `/Invoices`.
//! - **child stream**: rows that are nested in the rows of a list, such as line items of invoices.
//! - **document**: a row with further data at an endpoint of its own, such as attachments or
//!   history. A *per-document stream* needs one request per document.
//! - **report**: a table that Xero computes and lays out for a screen. Its cells become rows.
//! - **family**: a list with its child streams, read in one walk.
//! - **walk**: the reading of one list in one organisation, request by request.
//! - **cursor**: the field by which a later sync resumes; a *position* is a value of it.
//! - **checkpoint**: the part of a list that a walk has covered, in the form that a state stores.
//! - **observer**: a per-document stream that sees the rows of a walk over its documents' list.
//! - **permit**: permission of the rate limiter to send one request.
//! - **proof**: evidence that no row of a list is missing. A stream without a proof never ends
//!   COMPLETE.

mod airbyte;
#[cfg(test)]
mod cases;
mod cli;
mod commands;
mod config;
mod data_files;
mod dates;
mod excerpt;
mod failure;
mod files;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod html;
mod json;
#[cfg(test)]
mod layers;
#[doc(hidden)]
pub mod measured;
mod memory;
mod panics;
mod process;
mod progress;
mod rows;
mod secret;
mod signals;
mod state;
mod streams;
mod sync;
mod terminal;
mod walk;
mod xero;

pub use process::run;
