//! Documents that name each other say the same.

mod bank;
mod batches;
mod claims;
mod credit;
mod linked;
mod settlement;
mod templates;
