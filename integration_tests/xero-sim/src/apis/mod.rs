//! Xero's other APIs: Assets, Projects, Files and Payroll. Each endpoint is one row of data, see
//! [`ApiEndpoint`], and its rows are JSON values, drawn from the organisation's seed when somebody
//! first looks at them. [`registry`] has all endpoints, [`tables`] an organisation's rows, [`query`]
//! the parameters of a request and the rows that it selects. How they are sent is in `http`.

mod assets;
#[cfg(test)]
mod described;
mod draw;
mod endpoint;
mod files;
mod filter;
mod forms;
mod payroll;
mod payroll_2;
mod payroll_au;
mod people;
mod projects;
mod query;
mod registry;
mod route;
mod sort;
mod tables;
mod undocumented;

pub use draw::ApiRow;
pub(crate) use draw::Tables;
pub(crate) use endpoint::{Api, ApiEndpoint, Counts, Envelope, Frame, Problems};
pub(crate) use query::{Query, Refused, Selection, single};
pub(crate) use registry::{api_of, is_api, tables};
pub(crate) use route::{Route, route};
pub(crate) use tables::ApiTables;
pub(crate) use undocumented::undocumented;
