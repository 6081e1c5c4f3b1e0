//! Shows the walks over lists to the document streams whose documents these lists hold.
//!
//! A selected list is walked once, for its own stream and for all observers. Other lists are walked
//! for the observers only.

use std::cell::RefCell;
use std::rc::Rc;

use super::document_stream::DocumentStream;
use crate::airbyte::emit::Closed;
use crate::failure::Failure;
use crate::streams::Stream;
use crate::sync::documents::document_list::{DocumentList, Observed};
use crate::sync::lists::{Consumer, NewPage, Step};
use crate::sync::stream_output::PendingState;
use crate::walk::{Walk, WalkStart};
use crate::xero::tenants::Tenant;

/// The document streams.
#[derive(Debug, Default)]
pub(crate) struct Observers<'a>(RefCell<Vec<DocumentStream<'a>>>);

/// One list in one organisation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrganisationList<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) list: &'static Stream,
}

impl<'a> Observers<'a> {
    pub(crate) fn of(tasks: Vec<DocumentStream<'a>>) -> Observers<'a> {
        Observers(RefCell::new(tasks))
    }

    /// Returns the number of streams that are requested.
    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Returns the outputs of the streams.
    pub(crate) fn outputs(&self) -> Vec<Rc<dyn PendingState + 'a>> {
        let tasks = self.0.borrow();
        let outputs = tasks.iter().flat_map(|task| task.members.outputs());
        outputs.map(|output| output.clone() as Rc<_>).collect()
    }

    /// Begins a walk. Returns whether any stream observes it.
    pub(crate) fn begin(&self, listed: OrganisationList<'_>, start: &WalkStart) -> bool {
        let mut is_observed = false;
        self.each(listed, |list| is_observed |= list.begin(start));
        is_observed
    }

    /// Shows a page to the streams that observe the walk.
    pub(crate) fn observe(
        &self,
        listed: OrganisationList<'_>,
        NewPage { page, is_new }: &NewPage,
        clock: Option<i64>,
    ) {
        let observed = Observed {
            rows: &page.facts.rows,
            is_new,
            clock,
        };
        self.observing(listed, |list| list.observe(observed));
    }

    /// Ends a walk that went through the whole list.
    pub(crate) fn end(
        &self,
        listed: OrganisationList<'_>,
        walk: &Walk,
        clock: Option<i64>,
        lookback: i64,
    ) {
        self.observing(listed, |list| list.end(walk, clock, lookback));
    }

    /// Returns the streams with the documents that they found.
    pub(crate) fn into_tasks(self) -> Vec<DocumentStream<'a>> {
        self.0.into_inner()
    }

    /// Returns the lists that no walk has covered, each once.
    pub(crate) fn unread(&self) -> Vec<OrganisationList<'a>> {
        let mut lists: Vec<OrganisationList<'a>> = Vec::new();
        for task in self.0.borrow_mut().iter_mut() {
            for listed in task.unread() {
                let is_same = |known: &OrganisationList<'_>| {
                    known.list.name == listed.list.name && known.tenant.id == listed.tenant.id
                };
                if !lists.iter().any(is_same) {
                    lists.push(listed);
                }
            }
        }
        lists
    }

    /// Returns the names of the streams that need a walk over the list.
    pub(crate) fn names(&self, listed: OrganisationList<'_>) -> Vec<&'static str> {
        let mut tasks = self.0.borrow_mut();
        let waiting = tasks.iter_mut().filter_map(|task| {
            let names = task.names.clone();
            let mut lists = task.lists(listed.tenant);
            let is_waiting =
                lists.any(|list| list.stream.name == listed.list.name && !list.is_known());
            is_waiting.then_some(names)
        });
        waiting.flatten().collect()
    }

    /// Begins a walk over a list that no walk has covered, at the oldest position of its observers.
    pub(crate) fn start(&self, listed: OrganisationList<'_>, lookback: i64) -> WalkStart {
        let mut from = i64::MAX;
        self.each(listed, |list| {
            list.forget_part();
            if !list.is_known() {
                from = from.min(list.queue.position().stamp);
            }
        });
        let start = WalkStart {
            from,
            lookback,
            ..WalkStart::default()
        };
        self.each(listed, |list| {
            if !list.is_known() {
                list.begin(&start);
            }
        });
        start
    }

    /// Ends a walk that broke off. The documents found so far count. `is_missing` tells that the token
    /// may not read the list.
    pub(crate) fn fail(&self, listed: OrganisationList<'_>, failure: &Failure, is_missing: bool) {
        for task in self.0.borrow_mut().iter_mut() {
            let stream = task.names[0];
            let lists = task.lists(listed.tenant);
            let lists = lists.filter(|list| list.stream.name == listed.list.name);
            for list in lists.filter(|list| list.is_observing()) {
                list.stop();
                match is_missing {
                    true => tracing::warn!(stream, "skips {}: {failure}", list.stream.name),
                    false => list.failure = Some(failure.clone()),
                }
            }
        }
    }

    /// Ends the observers whose queue is full. Returns whether any observer is left.
    fn end_full(&self, listed: OrganisationList<'_>, walk: &Walk, item_count: Option<u64>) -> bool {
        let mut is_wanted = false;
        self.observing(listed, |list| {
            list.end_if_full(walk, item_count);
            is_wanted |= list.is_observing();
        });
        is_wanted
    }

    fn observing(&self, listed: OrganisationList<'_>, mut work: impl FnMut(&mut DocumentList)) {
        self.each(listed, |list| {
            if list.is_observing() {
                work(list);
            }
        });
    }

    fn each(&self, listed: OrganisationList<'_>, mut work: impl FnMut(&mut DocumentList)) {
        let mut tasks = self.0.borrow_mut();
        let lists = tasks.iter_mut().flat_map(|task| task.lists(listed.tenant));
        let lists = lists.filter(|list| list.stream.name == listed.list.name);
        lists.for_each(&mut work);
    }
}

/// Shows the pages of an unselected list to its observers, until their queues are full.
pub(crate) struct Observe<'o, 't> {
    pub(crate) observers: &'o Observers<'t>,
    pub(crate) listed: OrganisationList<'o>,
}

impl Consumer for Observe<'_, '_> {
    async fn take(&mut self, step: Step<'_>) -> Result<bool, Closed> {
        let (observers, listed) = (self.observers, self.listed);
        if let Some(page) = &step.page {
            observers.observe(listed, page, step.clock);
        }
        Ok(observers.end_full(listed, step.walk, step.item_count))
    }
}
