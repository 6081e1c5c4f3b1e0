//! Which documents of a stream's lists a sync asks.

use std::collections::HashSet;

use super::kind::Kind;
use super::queue::Document;
use super::round::Item;

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
