//! Response bytes in, RECORD lines out.

pub(crate) mod children;
pub(crate) mod documents;
pub(crate) mod envelope;
pub(crate) mod lines;
pub(crate) mod page;
pub(crate) mod reports;
pub(crate) mod rewrite;
