//! Which documents of a stream's lists a sync asks.

use std::collections::HashSet;

use super::kind::Kind;
use super::queue::Document;
use super::round::Item;

/// The documents to be asked.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// Those that were not asked before, oldest first over all lists.
    pub(crate) new: Vec<Item>,
    /// Those that failed before. In any order, so that the ones that always fail
    /// leave the others their turn.
    pub(crate) again: Vec<Item>,
}

/// Chooses the documents to be asked with so many calls: those that failed before get at
/// most half of them, lest they starve the others.
pub(crate) fn choose(kinds: &[Kind], calls: usize) -> Chosen {
    let item = |at: usize, is_again| {
        move |document: &Document| Item {
            at,
            list: kinds[at].list,
            document: document.clone(),
            is_again,
        }
    };
    let each = || kinds.iter().enumerate();
    let mut new: Vec<_> = each()
        .flat_map(|(at, kind)| kind.queue.documents().map(item(at, false)))
        .collect();
    new.sort_by(|one, other| (&one.document, one.at).cmp(&(&other.document, other.at)));
    let waiting: HashSet<_> = new
        .iter()
        .map(|it| (it.at, it.document.id.clone()))
        .collect();
    let again = each().flat_map(|(at, kind)| kind.failed.iter().map(item(at, true)));
    // One that has changed since is asked as a new one.
    let mut again: Vec<_> = again
        .filter(|it| !waiting.contains(&(it.at, it.document.id.clone())))
        .collect();
    fastrand::shuffle(&mut again);
    again.truncate((calls / 2).max(calls.saturating_sub(new.len())));
    new.truncate(calls - again.len());
    Chosen { new, again }
}
