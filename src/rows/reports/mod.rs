//! Converts the response of a report into rows.

pub(crate) mod amount;
pub(crate) mod answer;
pub(crate) mod flatten;
pub(crate) mod form_1099;
mod identities;
pub(crate) mod period;
pub(crate) mod record;
pub(crate) mod report_context;
pub(crate) mod sections;
pub(crate) mod verify_comparisons;

#[cfg(test)]
mod tests;
