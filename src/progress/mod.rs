//! Knows how far a sync is, and shows it to people.
//!
//! - [`model`]: the figures of a sync, which requests and streams report while they run.
//! - [`usage`], [`calls`], [`waits`]: parts of the model: costs, calls over time, waits.
//! - [`text`]: the figures as lines of text.
//! - [`display`]: draws the lines on stderr while a sync runs.
//! - [`report`]: the figures as an HTML page.
//! - [`view`]: starts and ends the display and the report of one sync.

mod calls;
mod display;
pub(crate) mod model;
mod report;
mod text;
mod usage;
pub(crate) mod view;
mod waits;
