//! Chooses the documents that a sync requests.

use crate::sync::documents::document_list::DocumentList;
use crate::sync::documents::fetch::ListedDocument;
use crate::sync::item_requests::retries;
use crate::walk::document_queue::Document;

/// The documents to request.
#[derive(Debug)]
pub(crate) struct DocumentSelection {
    /// Documents that were not requested before, the oldest of all lists first.
    pub(crate) new: Vec<ListedDocument>,
    /// Documents that failed before.
    pub(crate) again: Vec<ListedDocument>,
    /// Documents that failed before and that the position has not passed.
    pub(crate) unsettled: Vec<ListedDocument>,
}

/// Chooses documents for `calls` requests.
pub(crate) fn choose(lists: &[DocumentList], calls: usize) -> DocumentSelection {
    let item = |at: usize, document: Document, is_again| ListedDocument {
        at,
        list: lists[at].stream,
        document,
        is_again,
    };
    let (mut new, mut again, mut unsettled) = (Vec::new(), Vec::new(), Vec::new());
    for (at, list) in lists.iter().enumerate() {
        for document in list.queue.documents() {
            let is_again = list.has_failed(document);
            let item = item(at, document.clone(), is_again);
            match is_again {
                true => unsettled.push(item),
                false => new.push(item),
            }
        }
        // A document that changed since it failed waits in the queue, and counts as new.
        again.extend(list.passed().map(|it| item(at, it.clone(), true)));
    }
    again.extend(unsettled.iter().cloned());
    new.sort_by(|one, other| (&one.document, one.at).cmp(&(&other.document, other.at)));
    DocumentSelection {
        again: retries(again, calls, new.len()),
        new,
        unsettled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{DocumentFilter, find};
    use crate::walk::document_queue::QueuePosition;

    fn document(stamp: i64) -> Document {
        let id = stamp.to_string().into();
        Document { stamp, id }
    }

    #[test]
    fn a_document_that_changed_after_its_failure_counts_as_new() {
        for (name, id, waits, is_new) in [
            ("invoices", "a", Some(2), true),
            ("invoices", "a", Some(1), false),
            ("invoices", "A", Some(1), false),
            ("invoices", "A", Some(2), true),
            ("invoices", "a", None, false),
            // Its stamp is the current day, which does not show a change.
            ("repeating_invoices", "a", Some(2), false),
        ] {
            let failed = [("a".into(), 1)].into();
            let mut list = DocumentList::new(
                find(name).unwrap(),
                DocumentFilter::All,
                QueuePosition::default(),
                9,
                failed,
            );
            let waiting = waits.map(|stamp| Document {
                stamp,
                id: id.into(),
            });
            let documents = waiting.iter().cloned();
            documents.for_each(|document| list.queue.add(document));
            let chosen = choose(&[list], 9);
            let found = [&chosen.new, &chosen.again, &chosen.unsettled].map(Vec::len);
            let is_again = !is_new;
            let is_unsettled = is_again && waits.is_some();
            let expected = [is_new, is_again, is_unsettled].map(usize::from);
            assert_eq!(found, expected, "{name} {waits:?}");
            let mut items = chosen.new.iter().chain(&chosen.again);
            let asked = items.next().map(|item| item.document.stamp);
            assert_eq!(asked, waits.or(Some(1)), "{name}");
        }
    }

    #[test]
    fn failed_documents_get_half_of_the_calls_and_all_unused_ones() {
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
            let invoices = find("invoices").unwrap();
            let waiting = (0..failed).map(|stamp| document(1000 + stamp));
            let waiting = waiting.map(|it| (it.id, it.stamp));
            // The first that failed has changed since, if there are new ones.
            let changed = (0..new.min(1)).map(|stamp| (document(stamp).id, stamp - 1));
            let failures = waiting.chain(changed).collect();
            let mut list = DocumentList::new(
                invoices,
                DocumentFilter::All,
                QueuePosition::default(),
                99,
                failures,
            );
            (0..new)
                .rev()
                .for_each(|stamp| list.queue.add(document(stamp)));
            // The position has not passed the second that failed.
            let unsettled = (failed > 1).then(|| document(1001));
            unsettled.iter().for_each(|it| list.queue.add(it.clone()));
            let chosen = choose(&[list], calls);
            let found = chosen.unsettled.iter().map(|item| &item.document);
            assert!(
                found.eq(&unsettled),
                "only the one that failed and is in the queue"
            );
            let stamps = chosen.new.iter().map(|item| item.document.stamp);
            assert!(stamps.eq(0..new), "oldest first");
            let case = (new, failed, calls);
            assert_eq!(chosen.again.len(), again, "{case:?}");
            let old = chosen.again.iter().map(|item| item.document.stamp);
            assert!(old.min().is_none_or(|stamp| stamp >= 1000), "{case:?}");
        }
    }
}
