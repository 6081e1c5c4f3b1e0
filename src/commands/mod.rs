//! One module per verb.

mod catalog;
mod check;
mod discover;
mod estimate;
mod help;
mod read;
mod spec;
mod stream_choice;
mod streams;

use std::io;

pub(crate) use catalog::catalog;
pub(crate) use check::check;
pub(crate) use discover::discover;
pub(crate) use estimate::estimate;
pub(crate) use help::{completions, man};
pub(crate) use read::read;
pub(crate) use spec::spec;
pub(crate) use streams::streams;

use crate::failure::Failure;

/// The failure of an answer that cannot be written to stdout.
fn cannot_print(error: io::Error) -> Failure {
    Failure::system("The answer cannot be written to stdout.").because(error)
}
