//! Walks lists whose rows lack important fields, such as budgets without their lines. The walk
//! requests the list once, and then each of its rows by id.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{BrokenList, Checkpoint, NewRows, PageRequest, RequestId, SendCapacity, Walker};
use crate::rows::page::PageFacts;
use crate::walk::proof::Proof;
use crate::xero::ids;

/// The request for the list.
const LIST: RequestId = RequestId(0);

/// A walk that requests each row by its id.
#[derive(Debug, Default)]
pub(crate) struct ListThenDetail {
    is_listed: bool,
    request_count: u64,
    /// Ids not requested yet.
    waiting: VecDeque<Box<str>>,
    /// Ids in flight, by request id.
    in_flight: HashMap<u64, Box<str>>,
}

impl Walker for ListThenDetail {
    fn next_request(&mut self, _capacity: SendCapacity) -> Option<(RequestId, PageRequest)> {
        let mut request = PageRequest::default();
        if self.request_count > 0 {
            let id = self.waiting.pop_front()?;
            self.in_flight.insert(self.request_count, id.clone());
            request.id = Some(id);
        }
        let request_id = RequestId(self.request_count);
        self.request_count += 1;
        Some((request_id, request))
    }

    fn take(
        &mut self,
        request_id: RequestId,
        page: &PageFacts,
    ) -> Result<Option<NewRows>, BrokenList> {
        if request_id == LIST {
            self.is_listed = true;
            let mut listed = HashSet::new();
            let ids = page.rows.iter().filter_map(|row| row.key.clone());
            let ids = ids.filter(|id| listed.insert(ids::canonical(id)));
            self.waiting = ids.collect();
            return Ok(None);
        }
        let id = self.in_flight.remove(&request_id.0).unwrap_or_default();
        let is_requested = |key: &str| ids::same(key, &id);
        // A response may hold other rows of the list; each of them has its own request. If the
        // response repeats the requested row, every copy is taken.
        let rows = page.rows.iter();
        let is_new = rows.map(|row| row.key.as_deref().is_some_and(is_requested));
        let is_new = is_new.collect();
        Ok(Some(NewRows::new(request_id, is_new)))
    }

    /// Records that a row was deleted after the list was read. Returns false for the list itself.
    fn is_gone(&mut self, request_id: RequestId) -> bool {
        self.in_flight.remove(&request_id.0).is_some()
    }

    fn proof(&self) -> Option<Proof> {
        let is_over = self.is_listed && self.waiting.is_empty() && self.in_flight.is_empty();
        is_over.then_some(Proof::EveryItem)
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::ONE_SLOT;
    use super::*;

    fn page(ids: &[&str]) -> PageFacts {
        PageFacts::of(ids.iter().map(|id| ((*id).to_owned(), 0)), None, None)
    }

    #[test]
    fn each_row_is_requested_and_a_404_removes_it() {
        let mut walk = ListThenDetail::default();
        let (list, request) = walk.next_request(ONE_SLOT).unwrap();
        assert_eq!(
            (request, walk.next_request(ONE_SLOT)),
            (PageRequest::default(), None)
        );
        assert!(!walk.is_gone(list) && walk.take(list, &page(&["a", "b"])).unwrap().is_none());
        let (first, request) = walk.next_request(ONE_SLOT).unwrap();
        assert_eq!(request.id.as_deref(), Some("a"));
        let (second, _) = walk.next_request(ONE_SLOT).unwrap();
        assert!(walk.next_request(ONE_SLOT).is_none() && !walk.is_over());
        assert!(walk.is_gone(first));
        let new_rows = walk.take(second, &page(&["b", "x"])).unwrap().unwrap();
        assert_eq!(new_rows.is_new, [true, false], "only what was asked for");
        assert!(walk.is_over());
    }

    #[test]
    fn an_id_is_the_same_id_however_it_is_written() {
        const LOWER: &str = "0a1b2c3d-0000-4000-8000-00000000000f";
        const BRACED: &str = "{0A1B2C3D-0000-4000-8000-00000000000F}";
        let mut walk = ListThenDetail::default();
        let (list, _) = walk.next_request(ONE_SLOT).unwrap();
        walk.take(list, &page(&[LOWER, BRACED])).unwrap();
        let (request_id, request) = walk.next_request(ONE_SLOT).unwrap();
        assert_eq!(request.id.as_deref(), Some(LOWER));
        assert!(
            walk.next_request(ONE_SLOT).is_none(),
            "one row is asked for once"
        );
        for answer in [&[][..], &["x"], &["x", ""]] {
            assert!(request.accept(&page(answer)).is_err(), "{answer:?}");
        }
        assert!(PageRequest::default().accept(&page(&[])).is_ok());
        let answer = page(&["x", BRACED, LOWER]);
        assert!(request.accept(&answer).is_ok());
        let new_rows = walk.take(request_id, &answer).unwrap().unwrap();
        assert_eq!(new_rows.is_new, [false, true, true]);
    }

    #[test]
    fn an_empty_list_is_over_at_once() {
        let mut walk = ListThenDetail::default();
        let (list, _) = walk.next_request(ONE_SLOT).unwrap();
        assert!(!walk.is_over());
        walk.take(list, &page(&[])).unwrap();
        assert!(walk.is_over() && walk.next_request(ONE_SLOT).is_none());
    }
}
