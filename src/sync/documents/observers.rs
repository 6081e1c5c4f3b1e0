//! The streams that ask document by document, while the lists of their documents are read
//! for other streams: what they hear they need not list again.

use std::cell::RefCell;

use super::task::Task;
use crate::streams::Stream;
use crate::sync::documents::document_list::{Heard, Kind};
use crate::walk::{Start, Walk};
use crate::xero::tenants::Tenant;

/// The streams.
#[derive(Debug, Default)]
pub(crate) struct Audience<'a>(RefCell<Vec<Task<'a>>>);

/// A walk over one list of one organisation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) list: &'static Stream,
}

impl<'a> Audience<'a> {
    /// These streams.
    pub(crate) fn of(tasks: Vec<Task<'a>>) -> Audience<'a> {
        Audience(RefCell::new(tasks))
    }

    /// Whether anybody hears a walk that begins so.
    pub(crate) fn begin(&self, stage: Stage<'_>, start: &Start) -> bool {
        let mut hears = false;
        self.each(stage, |kind| hears |= kind.begin(start));
        hears
    }

    /// Lets them hear an answer.
    pub(crate) fn hear(&self, stage: Stage<'_>, heard: Heard<'_>) {
        self.each(stage, |kind| {
            if kind.is_hearing() {
                kind.hear(heard);
            }
        });
    }

    /// Tells them that the walk is over, and all of the list was heard.
    pub(crate) fn end(&self, stage: Stage<'_>, walk: &Walk, clock: Option<i64>, lookback: i64) {
        self.each(stage, |kind| {
            if kind.is_hearing() {
                kind.end(walk, clock, lookback);
            }
        });
    }

    /// The streams, with what they heard.
    pub(crate) fn into_tasks(self) -> Vec<Task<'a>> {
        self.0.into_inner()
    }

    fn each(&self, stage: Stage<'_>, mut work: impl FnMut(&mut Kind)) {
        let mut tasks = self.0.borrow_mut();
        let kinds = tasks.iter_mut().flat_map(|task| task.kinds(stage.tenant));
        let kinds = kinds.filter(|kind| kind.list.name == stage.list.name);
        kinds.for_each(&mut work);
    }
}
