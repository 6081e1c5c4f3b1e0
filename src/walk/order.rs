//! What shows that a list cannot be walked by its order.

use super::Broken;
use crate::rewrite::Marks;

/// Why a page cannot be taken.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The order or the filter is not kept.
    Unreliable(&'static str),
    /// The list is not whole.
    Broken(Broken),
}

/// Refuses rows that show that the order or the filter is not kept.
pub(super) fn unreliable(rows: &[Marks], anchor: i64) -> Result<(), Refusal> {
    let cursors = || rows.iter().filter_map(|row| row.cursor);
    Err(Refusal::Unreliable(
        if cursors().any(|at| at < anchor * 1000) {
            "its answers hold rows older than was asked for"
        } else if !cursors().is_sorted() {
            "its pages are not in the order of UpdatedDateUTC"
        } else if !rows.is_empty() && cursors().next().is_none() {
            "its rows carry no UpdatedDateUTC"
        } else {
            return Ok(());
        },
    ))
}
