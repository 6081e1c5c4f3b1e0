//! The names of the streams, in the order of `discover`.
//!
//! They come from the tables of `docs/streams.md`, which a unit test of the connector generates
//! from `src/streams`. No black-box test repeats the names. The golden files detect a stream that
//! disappears.

use std::sync::LazyLock;

const PAGE: &str = include_str!("../../docs/streams.md");

/// The list streams. Every scene has rows for them.
pub(crate) fn lists() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("lists"));
    &NAMES
}

/// The child streams: their rows are nested in the rows of a list.
pub(crate) fn children() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("children"));
    &NAMES
}

/// The streams that need one call per document.
pub(crate) fn per_document() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("documents"));
    &NAMES
}

/// The report streams.
pub(crate) fn reports() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("reports"));
    &NAMES
}

/// The streams of the APIs besides Accounting.
pub(crate) fn of_other_apis() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("other APIs"));
    &NAMES
}

/// Where the rows of a stream of the other APIs are nested: the path of the array, and the stream of
/// the row that holds it. `None` if the rows have a call of their own.
pub(crate) fn nested_in(of: &str) -> Option<(Vec<&'static str>, &'static str)> {
    let rows = rows("other APIs");
    let row = rows.iter().find(|row| stream(row) == of)?;
    let (array, parent) = row.split('|').nth(2)?.split_once("` of ")?;
    let array = array.trim().trim_start_matches('`');
    Some((array.split('.').collect(), parent.trim()))
}

/// The stream of counts.
pub(crate) fn of_counts() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| table("counts"));
    &NAMES
}

/// The streams of Accounting, in the order of `discover`, without the one of counts.
pub(crate) fn all() -> Vec<&'static str> {
    [lists(), children(), per_document(), reports()].concat()
}

/// The list from whose rows a child stream is taken.
pub(crate) fn parent_of(child: &str) -> &'static str {
    let taken_from = cell("children", child, 1);
    taken_from.split(' ').next().unwrap_or_default()
}

/// The key of a stream.
pub(crate) fn key_of(stream: &str) -> Vec<&'static str> {
    const TABLES: [&str; 4] = ["lists", "children", "documents", "reports"];
    let is_in = |name: &&&str| table(name).contains(&stream);
    let name = TABLES.iter().find(is_in);
    let name = name.unwrap_or_else(|| panic!("no table has {stream}"));
    cell(name, stream, 2).split(", ").collect()
}

/// The key of a stream of the other APIs.
pub(crate) fn key_of_other_api(of: &str) -> Vec<&'static str> {
    let rows = rows("other APIs");
    let row = rows.iter().find(|row| stream(row) == of);
    let key = row
        .and_then(|row| row.split('|').nth(3))
        .unwrap_or_default();
    key.trim().split(", ").collect()
}

/// The scopes of a per-document stream. Any one of them grants access.
pub(crate) fn scopes_of_document(stream: &str) -> Vec<&'static str> {
    cell("documents", stream, 3).split(", ").collect()
}

/// The names in the first column of a generated table.
fn table(name: &str) -> Vec<&'static str> {
    let names: Vec<_> = rows(name).iter().map(|row| stream(row)).collect();
    assert!(
        !names.is_empty(),
        "the table {name} of docs/streams.md is empty"
    );
    names
}

/// A cell of the row of a stream in a generated table.
fn cell(name: &str, of: &str, column: usize) -> &'static str {
    let rows = rows(name);
    let row = rows.iter().find(|row| stream(row) == of);
    let row = row.unwrap_or_else(|| panic!("the table {name} lacks {of}"));
    row.split(" | ").nth(column).unwrap_or_default().trim()
}

/// The stream of a row: the text of the link in its first cell.
fn stream(row: &'static str) -> &'static str {
    row.split(']').next().unwrap_or_default()
}

/// The rows of a generated table, without the start of the link in the first cell.
fn rows(name: &str) -> Vec<&'static str> {
    let begin = format!("<!-- generated: {name} -->");
    let end = format!("<!-- end of {name} -->");
    let part = PAGE
        .split_once(&begin)
        .and_then(|(_, rest)| rest.split_once(&end));
    let (part, _) = part.unwrap_or_else(|| panic!("docs/streams.md lacks the part {name}"));
    let rows = part.lines().filter_map(|line| line.strip_prefix("| ["));
    rows.collect()
}
