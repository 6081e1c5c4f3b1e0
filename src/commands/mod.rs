//! One module per verb.

mod catalog;
mod check;
mod discover;
mod estimate;
mod help;
mod login;
mod logout;
mod organisations;
mod read;
mod spec;
mod status;
mod stream_choice;
mod stream_description;
mod streams;
mod sync;
mod tenants;
mod token;

use std::io;

pub(crate) use catalog::catalog;
pub(crate) use check::check;
pub(crate) use discover::discover;
pub(crate) use estimate::estimate;
pub(crate) use help::{completions, man};
pub(crate) use login::login;
pub(crate) use logout::logout;
pub(crate) use read::read;
pub(crate) use spec::spec;
pub(crate) use status::status;
pub(crate) use streams::streams;
pub(crate) use sync::sync;
pub(crate) use tenants::tenants;
pub(crate) use token::token;

use crate::failure::Failure;
use crate::terminal;

/// Prints an answer for programs.
fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    terminal::print(format_args!("{value:#}\n")).map_err(cannot_print)
}

/// The failure of an answer that cannot be written to stdout.
fn cannot_print(error: io::Error) -> Failure {
    Failure::system("The answer cannot be written to stdout.").because(error)
}
