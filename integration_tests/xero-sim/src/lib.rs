//! A simulator of the Xero Accounting API: a world of tenants, documents, apps
//! and tokens, and an HTTP face that shows it as Xero would.

pub mod entity;
pub mod json;
pub mod rows;
