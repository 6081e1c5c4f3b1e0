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

/// Chooses the documents that may be asked with so many calls: those that failed before get
/// half of them and what the others leave, lest they starve these.
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
    Chosen { new, again }
}

#[cfg(test)]
mod tests {
    use super::super::queue::Position;
    use super::*;
    use crate::streams::{Wanted, find};

    fn document(stamp: i64) -> Document {
        let id = stamp.to_string().into();
        Document { stamp, id }
    }

    #[test]
    fn those_that_failed_before_get_half_of_the_calls_and_what_is_left() {
        for (new, failed, calls, again) in [
            (0, 3, 10, 3),
            (0, 30, 10, 10),
            (4, 30, 10, 6),
            (5, 30, 10, 5),
            (30, 30, 10, 5),
            (30, 30, 7, 3),
            (30, 2, 10, 2),
            (30, 30, 1, 0),
            (30, 0, 10, 0),
        ] {
            let list = find("invoices").unwrap();
            let waiting = (0..failed).map(|stamp| document(1000 + stamp)).collect();
            let mut kind = Kind::new(list, Wanted::All, Position::default(), 99, waiting);
            // The first that failed has changed since, if there are new ones.
            kind.failed.extend((0..new.min(1)).map(document));
            (0..new)
                .rev()
                .for_each(|stamp| kind.queue.hear(document(stamp)));
            let chosen = choose(&[kind], calls);
            let stamps = chosen.new.iter().map(|item| item.document.stamp);
            assert!(stamps.eq(0..new), "oldest first");
            let case = (new, failed, calls);
            assert_eq!(chosen.again.len(), again, "{case:?}");
            let old = chosen.again.iter().map(|item| item.document.stamp);
            assert!(old.min().is_none_or(|stamp| stamp >= 1000), "{case:?}");
        }
    }
}
