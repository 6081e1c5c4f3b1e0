//! One module per verb.

pub(crate) mod inspect;
mod read;

pub(crate) use read::read;
