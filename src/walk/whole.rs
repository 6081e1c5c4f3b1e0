//! Walks endpoints that return all rows in one response.

use super::{
    BrokenList, Checkpoint, NewRows, PageRequest, RequestId, SendCapacity, WalkStart, Walker,
    anchor,
};
use crate::rows::page::PageFacts;
use crate::walk::proof::Proof;

/// A walk of a single request, whatever the number of rows.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    /// `None` for a stream without a cursor.
    start: Option<WalkStart>,
    is_requested: bool,
    is_over: bool,
    /// The position after this walk.
    end: Option<i64>,
}

impl Whole {
    pub(crate) fn new(start: Option<WalkStart>) -> Whole {
        Whole {
            start,
            ..Whole::default()
        }
    }
}

impl Walker for Whole {
    fn next_request(&mut self, _capacity: SendCapacity) -> Option<(RequestId, PageRequest)> {
        let is_first = !std::mem::replace(&mut self.is_requested, true);
        let request = PageRequest {
            modified_since: self.start.as_ref().map(|start| anchor(start.from)),
            ..PageRequest::default()
        };
        is_first.then_some((RequestId::default(), request))
    }

    fn take(
        &mut self,
        request_id: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, BrokenList> {
        let read = page.rows.len() as u64;
        // A larger count shows that the endpoint now has pages.
        let counts = page.pagination.unwrap_or_default();
        if let Some(item_count) = counts.item_count.filter(|item_count| read < *item_count) {
            return Err(BrokenList::Short { read, item_count });
        }
        if let Some(pages) = counts.page_count.filter(|pages| *pages > 1) {
            return Err(BrokenList::Paged { pages });
        }
        self.is_over = true;
        let start = self.start.as_ref();
        let cursors = || page.rows.iter().map(|row| row.cursor);
        let newest = cursors().flatten().max();
        self.end = start.map(|start| start.end(page.clock, newest.unwrap_or(start.from)));
        // The filter compares whole seconds and starts one second early.
        let is_old = |cursor| start.is_some_and(|start| cursor < start.from);
        let is_new = cursors().map(|cursor| !cursor.is_some_and(is_old));
        let is_new = is_new.collect();
        Ok(Some(NewRows::new(request_id, is_new)))
    }

    fn proof(&self) -> Option<Proof> {
        self.is_over.then_some(Proof::OneAnswer)
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        self.end.map(Checkpoint::at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::ONE_SLOT;
    use super::*;
    use crate::rows::envelope::Pagination;

    #[test]
    fn a_response_that_counts_more_rows_than_it_holds_is_an_error() {
        let broken = |page_count, item_count| {
            let counts = Pagination {
                page_count,
                item_count,
            };
            let rows = ["a", "b"].map(|id| (id.to_owned(), 0));
            let mut walk = Whole::new(None);
            let (request_id, _) = walk.next_request(ONE_SLOT).expect("there is one request");
            let taken = walk.take(request_id, &PageFacts::of(rows, Some(counts), None));
            assert_eq!(walk.is_over(), taken.is_ok());
            taken.err()
        };
        let short = Some(BrokenList::Short {
            read: 2,
            item_count: 3,
        });
        for (pages, items, expected) in [
            (None, None, None),
            (Some(1), Some(2), None),
            (Some(1), None, None),
            (Some(3), None, Some(BrokenList::Paged { pages: 3 })),
            (Some(3), Some(2), Some(BrokenList::Paged { pages: 3 })),
            (None, Some(3), short.clone()),
            (Some(2), Some(3), short),
        ] {
            assert_eq!(broken(pages, items), expected, "{pages:?} {items:?}");
        }
    }
}
