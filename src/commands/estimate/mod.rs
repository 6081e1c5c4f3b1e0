//! `estimate`: says what the first sync costs.
//!
//! - [`text`]: the answer as tables and sentences.
//! - [`data`]: the answer as JSON.

mod data;
mod text;

use crate::airbyte::emit::Emitter;
use crate::cli::EstimateFlags;
use crate::commands::stream_choice::streams_to_sync;
use crate::excerpt::listed;
use crate::failure::Failure;
use crate::sync::callbacks::TokenStorage;
use crate::sync::estimate::Estimate;
use crate::sync::estimate::end_search::MAX_CALLS;
use crate::sync::estimate::wanted::Wanted;
use crate::sync::session::{Purpose, Session};
use crate::sync::statuses::Statuses;
use crate::terminal;

/// Maximum number of failures that are named.
const MAX_NAMED: usize = 10;

/// Estimates the first sync of the streams that `sync` reads with the same choice. Returns whether every
/// stream could be estimated.
pub(crate) async fn estimate(flags: &EstimateFlags, emitter: &Emitter) -> Result<bool, Failure> {
    let choice = streams_to_sync(&flags.choice)?;
    let statuses = Statuses::new(emitter);
    let (purpose, storage) = (Purpose::Estimate, TokenStorage::File);
    let mut session = Session::open(&flags.config, emitter, &statuses, purpose, storage).await?;
    session.name_organisations().await;
    let granted = session.scopes().await?;
    let granted = granted.as_deref();
    let (streams, left_out) = choice.of_session(&session, granted).await;
    if let Some(left_out) = left_out {
        terminal::print_error(format_args!("{left_out}\n"));
    }
    let wanted = Wanted::of(&streams, granted);
    announce(&wanted, session.tenants.len());
    let estimate = Estimate::of(&session, wanted).await;
    warn_of_failures(&session, &estimate);
    let printed = match flags.format.json {
        true => terminal::print(format_args!("{:#}\n", data::of(&estimate, &session))),
        false => terminal::print(text::of(&estimate, &session)),
    };
    printed.map_err(super::cannot_print)?;
    let usage = session.progress.usage();
    terminal::print_error(format_args!("This estimate made {usage}.\n"));
    let is_complete = estimate.failures().next().is_none()
        && estimate.unreadable.is_empty()
        && session.blocked().is_none();
    Ok(is_complete)
}

/// Says how many calls the estimate makes, before it makes them.
fn announce(wanted: &Wanted, organisations: usize) {
    let (calls, uncounted) = wanted.announced();
    let of = match organisations {
        1 => "to the organisation".to_owned(),
        _ => format!("to each of {organisations} organisations"),
    };
    let more = match uncounted.is_empty() {
        true => String::new(),
        false => format!(
            " Xero does not count the rows of {}: up to {MAX_CALLS} more calls find the end of each.",
            uncounted.join(", ")
        ),
    };
    terminal::print_error(format_args!(
        "This estimate makes about {calls} calls {of}, and one more for each list of more than 1,000 rows.{more}\n"
    ));
}

/// Names what could not be estimated.
fn warn_of_failures(session: &Session, estimate: &Estimate) {
    if let Some(failure) = session.blocked() {
        tracing::warn!("{failure}");
    }
    for (_, failure) in estimate.unreadable.iter().take(MAX_NAMED) {
        tracing::warn!("{failure}");
    }
    let all = estimate.unreadable.len();
    if all > MAX_NAMED {
        let names = estimate.unreadable.iter().skip(MAX_NAMED);
        let names = names.map(|(stream, _)| stream.name.to_owned());
        let names = listed(names, MAX_NAMED, all - MAX_NAMED);
        tracing::warn!("the token may not read these streams either: {names}");
    }
    // A list and its children share one failure.
    let mut failures: Vec<(&str, String)> = Vec::new();
    for (organisation, _, failure) in estimate.failures() {
        let known = (organisation, failure.to_string());
        if !failures.contains(&known) {
            failures.push(known);
        }
    }
    for (_, failure) in failures.iter().take(MAX_NAMED) {
        tracing::warn!("not estimated: {failure}");
    }
    if let Some(more @ 1..) = failures.len().checked_sub(MAX_NAMED) {
        tracing::warn!("{more} more lists could not be estimated");
    }
}
