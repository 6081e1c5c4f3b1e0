//! The budget of one organisation, shared by all its calls.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::budget::{Budget, Leave};
use crate::limits::Limits;

/// Lets calls out as the budget allows.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    budget: Mutex<Budget>,
    /// Rung when a call is answered.
    answered: Notify,
}

/// Leave for one call. Dropped without an answer it counts as a call all the
/// same: Xero may have seen it.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    gate: &'a Gate,
    limits: Limits,
}

impl Pass<'_> {
    /// Gives the leave back with the limits that the answer told.
    pub(crate) fn answered(mut self, limits: &Limits) {
        self.limits = limits.clone();
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.budget().answered(Instant::now(), &self.limits);
        self.gate.answered.notify_waiters();
    }
}

impl Gate {
    /// Waits for leave. `waiting` is told of each wait for the limits, and how
    /// long it will be. An error means that the day is spent, and for how long.
    pub(crate) async fn enter(&self, waiting: impl Fn(Duration)) -> Result<Pass<'_>, Duration> {
        loop {
            let now = Instant::now();
            // Listening begins before asking, so that no answer is missed between the two.
            let answered = self.answered.notified();
            let leave = self.budget().ask(now);
            match leave {
                Leave::Granted => {
                    let limits = Limits::default();
                    return Ok(Pass { gate: self, limits });
                }
                Leave::Spent(until) => return Err(until - now),
                Leave::AfterAnswer => answered.await,
                Leave::At(until) => {
                    waiting(until - now);
                    tokio::time::sleep_until(until.into()).await;
                }
            }
        }
    }

    /// Lets nobody in for a while.
    pub(crate) fn close(&self, pause: Duration) {
        self.budget().close(Instant::now() + pause);
    }

    /// Ends the organisation's day.
    pub(crate) fn spend_day(&self, pause: Duration) {
        self.budget().spend_day(Instant::now() + pause);
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
