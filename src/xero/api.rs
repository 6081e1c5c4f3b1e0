//! The APIs of Xero.

/// The base path of the Accounting API.
pub(crate) const ACCOUNTING: &str = "/api.xro/2.0";
