//! The books of an organisation as a finance team would prove them: every row of every list is
//! read over HTTP, and documents, journals and reports are joined and summed in whole units of the
//! last place of their currencies.

mod balances;
mod bases;
mod documents;
mod exact;
mod fields;
mod findings;
mod gains;
mod journals;
mod ledger;
mod reader;
mod references;
mod relations;
mod reports;
mod sources;
mod storm;
mod worlds;
