//! `streams`: lists the streams for people.

use serde_json::json;

use crate::cli::Format;
use crate::failure::Failure;
use crate::streams::{self, Paging, Source, Stream};
use crate::terminal::{self, Align, Table};

/// Prints a table of all streams, or the same as JSON.
pub(crate) fn streams(format: Format) -> Result<(), Failure> {
    let printed = match format.json {
        true => terminal::print(format_args!("{}\n", as_json())),
        false => terminal::print(as_table()),
    };
    printed.map_err(super::cannot_print)
}

fn as_table() -> Table {
    let mut table = Table::new(&[
        ("stream", Align::Left),
        ("kind", Align::Left),
        ("rows per call", Align::Right),
        ("incremental", Align::Left),
        ("scope", Align::Left),
    ]);
    for stream in streams::all() {
        let incremental = if stream.cursor.is_some() { "yes" } else { "no" };
        let scopes = stream.endpoint().scopes;
        table.add([
            stream.name.to_owned(),
            kind(stream),
            rows_per_call(stream),
            incremental.to_owned(),
            scopes.first().unwrap_or(&"").to_string(),
        ]);
    }
    table
}

fn as_json() -> serde_json::Value {
    let streams = streams::all().map(|stream| {
        json!({
            "name": stream.name,
            "kind": kind(stream),
            "primary_key": stream.key,
            "cursor_field": stream.cursor,
            "scopes": stream.endpoint().scopes,
            "also_requires": stream.endpoint().also_requires,
        })
    });
    streams.collect()
}

/// Names where the rows come from, and what a call of the stream covers.
fn kind(stream: &Stream) -> String {
    match &stream.source {
        Source::Endpoint(_) => "list".to_owned(),
        Source::Child(child) => format!("rows in {}", child.parent.name),
        Source::Report(_) if stream.is_costly() => "report by item".to_owned(),
        Source::Report(_) => "report".to_owned(),
        Source::Document(_) => "data of documents".to_owned(),
        Source::Counts(_) => "counts of lists".to_owned(),
    }
}

/// Returns how many rows one call brings. Rows in other rows cost no call.
fn rows_per_call(stream: &Stream) -> String {
    match (&stream.source, stream.endpoint().paging) {
        (Source::Child(_), _) => "no calls".to_owned(),
        (Source::Document(_), _) => "1 document".to_owned(),
        (Source::Report(_), _) => "1 report".to_owned(),
        (Source::Counts(_), _) => "1 list".to_owned(),
        (_, Paging::Pages | Paging::UnfilteredSizedPages) => {
            stream.endpoint().api.largest_page.to_string()
        }
        (_, Paging::FixedPages | Paging::UnfilteredPages | Paging::Offset) => "100".to_owned(),
        (_, Paging::ListThenDetail) => "1".to_owned(),
        (_, Paging::Whole) => "all".to_owned(),
    }
}
