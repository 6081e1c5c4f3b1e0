//! The names of the streams, in the order of `discover`.
//!
//! They come from the tables of `docs/streams.md`. A unit test of the connector generates these
//! tables from `src/streams`, so no test repeats the names. The golden files are the guard
//! against a stream that disappears.

use std::sync::LazyLock;

const PAGE: &str = include_str!("../../docs/streams.md");

/// The streams that one endpoint of Xero lists. Every scene has rows for them.
pub(crate) fn lists() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("lists"));
    &NAMES
}

/// The streams whose rows stand inside the rows of a list.
pub(crate) fn children() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("children"));
    &NAMES
}

/// The streams that need one call for each document.
pub(crate) fn per_document() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("documents"));
    &NAMES
}

/// The streams of reports.
pub(crate) fn reports() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("reports"));
    &NAMES
}

/// All streams.
pub(crate) fn all() -> Vec<&'static str> {
    [lists(), children(), per_document(), reports()].concat()
}

/// The names in the first column of a generated table.
fn table(name: &str) -> Vec<&'static str> {
    let begin = format!("<!-- generated: {name} -->");
    let end = format!("<!-- end of {name} -->");
    let part = PAGE
        .split_once(&begin)
        .and_then(|(_, rest)| rest.split_once(&end));
    let (part, _) = part.unwrap_or_else(|| panic!("docs/streams.md lacks the part {name}"));
    let rows = part.lines().filter_map(|line| line.strip_prefix("| ["));
    let names: Vec<_> = rows.filter_map(|row| row.split(']').next()).collect();
    assert!(
        !names.is_empty(),
        "the table {name} of docs/streams.md is empty"
    );
    names
}
