//! One module per verb.

mod check;
mod discover;
mod read;
mod spec;

pub(crate) use check::check;
pub(crate) use discover::discover;
pub(crate) use read::{Paths, read};
pub(crate) use spec::spec;
