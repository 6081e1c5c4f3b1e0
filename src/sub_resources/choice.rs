//! Which documents of a stream's lists a sync asks.

use std::collections::HashSet;

use super::listing::Extent;
use super::queue::{Document, Queue};
use super::round::Item;
use crate::streams::Stream;

/// One list.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Where its documents are listed.
    pub(crate) list: &'static Stream,
    /// Those that can be asked in this sync.
    pub(crate) queue: Queue,
    /// How much of the list was read.
    pub(crate) extent: Extent,
    /// Documents whose calls failed in an earlier sync.
    pub(crate) failed: Vec<Document>,
}

impl Kind {
    /// About how many calls all its documents need, whether this sync may make them or not.
    pub(crate) fn calls(&self) -> u64 {
        self.extent.estimate(self.queue.found()) + self.failed.len() as u64
    }
}

/// The documents to be asked with so many calls: oldest first over all lists, those
/// that failed before with at most half of the calls, lest they starve the others.
pub(crate) fn chosen(kinds: &[Kind], calls: usize) -> Vec<Item> {
    let item = |at: usize, is_again| {
        move |document: &Document| Item {
            at,
            list: kinds[at].list,
            document: document.clone(),
            is_again,
        }
    };
    let by_age = |items: &mut Vec<Item>| {
        items.sort_by(|one, other| (&one.document, one.at).cmp(&(&other.document, other.at)));
    };
    let each = || kinds.iter().enumerate();
    let mut new: Vec<_> = each()
        .flat_map(|(at, kind)| kind.queue.documents().map(item(at, false)))
        .collect();
    by_age(&mut new);
    let waiting: HashSet<_> = new
        .iter()
        .map(|it| (it.at, it.document.id.clone()))
        .collect();
    let again = each().flat_map(|(at, kind)| kind.failed.iter().map(item(at, true)));
    // One that has changed since is asked as a new one.
    let mut again: Vec<_> = again
        .filter(|it| !waiting.contains(&(it.at, it.document.id.clone())))
        .collect();
    by_age(&mut again);
    again.truncate((calls / 2).max(calls.saturating_sub(new.len())));
    new.truncate(calls - again.len());
    again.append(&mut new);
    again
}
