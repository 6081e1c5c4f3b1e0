//! Detects lists whose order or filter does not hold.

use std::collections::HashSet;

use super::BrokenList;
use crate::rows::rewrite::RowKey;

/// The reason for cursors that do not ascend.
pub(super) const UNSORTED: &str = "its pages are not in the order of UpdatedDateUTC";

/// Why a page is rejected.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The server does not keep the order or the filter.
    Unreliable(&'static str),
    /// The list is incomplete.
    Broken(BrokenList),
}

/// Rejects rows that prove that the server does not keep the order or the filter.
pub(super) fn check_order(rows: &[RowKey], anchor: i64) -> Result<(), Refusal> {
    let mut seen = HashSet::with_capacity(rows.len());
    let cursors = || rows.iter().filter_map(|row| row.cursor);
    Err(Refusal::Unreliable(
        if cursors().any(|at| at < anchor * 1000) {
            "its responses hold rows older than requested"
        } else if !cursors().is_sorted() {
            UNSORTED
        } else if !rows.is_empty() && cursors().next().is_none() {
            "its rows have no UpdatedDateUTC"
        } else if !rows.iter().all(|row| seen.insert((&row.key, row.cursor))) {
            "one of its pages holds a row twice"
        } else {
            return Ok(());
        },
    ))
}
