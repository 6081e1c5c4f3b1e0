//! A simulator of Xero's APIs: a [`World`] of organisations, documents, apps
//! and tokens, and an HTTP server, [`Sim`], that answers as Xero would. It follows Xero's
//! documentation also where that is inconvenient: limits count, tokens rotate, lists hide and reorder
//! rows. The documents post to double-entry books, and reports are computed from these. The rows of
//! the other APIs (Assets, Projects, Files, Payroll) are [`ApiRow`]s.
//!
//! ```
//! use xero_sim::{App, Entity, Sim, World};
//!
//! let mut world = World::new(7);
//! let demo = world.add_tenant("Demo Company (NZ)", "NZD");
//! world.fill(&demo, Entity::Invoices, 2_500);
//! let app = world.add_app(App::web("client-id", "client-secret"));
//! let tokens = world.consent(&app, &[demo], "accounting.invoices.read offline_access");
//! let sim = Sim::start(world);
//! println!("{} answers to {}", sim.url(), tokens.access_token);
//! ```

mod answer;
mod apis;
mod app;
mod authorize;
mod books;
mod clock;
mod connections;
pub mod entity;
mod envelope;
mod guid;
mod http;
mod identity;
mod json;
mod limits;
mod listing;
mod log;
mod pkce;
mod prepared;
mod problem;
mod query;
mod reply;
mod reports;
mod rows;
mod scope;
mod server;
mod server_state;
mod table;
mod tenant;
mod token;
mod world;

pub use answer::Answer;
pub use apis::ApiRow;
pub use app::{App, AppId, REDIRECT_URI, Tier};
pub use books::{Comparisons, DocumentKey};
pub use clock::Millis;
pub use entity::{ENDPOINTS, Endpoint, Entity, Size};
pub use identity::TokenSet;
pub use limits::Limit;
pub use log::{Request, Served};
pub use rows::{Attachment, Country, File, Past, Row};
pub use server::Sim;
pub use tenant::TenantId;
pub use world::{Failure, World};
