//! The budget of one organisation, shared by all its calls.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::budget::{Budget, Leave, Room};
use crate::limits::Limits;
use crate::retry::Fault;

/// Lets calls out as the budget allows.
#[derive(Debug)]
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
    sent: Instant,
    limits: Option<Limits>,
}

impl Pass<'_> {
    /// Notes that the call goes out now and not when it got leave.
    pub(crate) fn sent(&mut self) {
        self.sent = Instant::now();
    }

    /// Gives the leave back with the limits that the answer told.
    pub(crate) fn answered(mut self, limits: &Limits) {
        self.limits = Some(limits.clone());
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let now = Instant::now();
        match &self.limits {
            Some(limits) => self.gate.budget().answered(self.sent, now, limits),
            None => self.gate.budget().lost(now),
        }
        self.gate.answered.notify_waiters();
    }
}

impl Gate {
    /// A gate that leaves `reserve` calls of the day to others.
    pub(crate) fn new(reserve: u32) -> Gate {
        Gate {
            budget: Mutex::new(Budget::new(reserve)),
            answered: Notify::new(),
        }
    }

    /// Waits for leave, `longest` at most. `waiting` is told of each wait for the
    /// limits, and how long it will be.
    pub(crate) async fn enter(
        &self,
        longest: Duration,
        waiting: impl Fn(Duration),
    ) -> Result<Pass<'_>, Fault> {
        loop {
            let now = Instant::now();
            // Listening begins before asking, so that no answer is missed between the two.
            let answered = self.answered.notified();
            let leave = self.budget().ask(now);
            match leave {
                Leave::Granted => {
                    return Ok(Pass {
                        gate: self,
                        sent: now,
                        limits: None,
                    });
                }
                Leave::Spent(until) => return Err(Fault::DayLimit(until - now)),
                Leave::Reserved(left) => return Err(Fault::Reserved(left)),
                Leave::AfterAnswer => answered.await,
                Leave::At(until) if until - now >= longest => return Err(Fault::StillLimited),
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

    /// How often in a row a call of the organisation met a limit.
    pub(crate) fn refusals(&self) -> u32 {
        self.budget().refusals()
    }

    /// What the organisation's limits have room for now.
    pub(crate) fn room(&self) -> Room {
        self.budget().room(Instant::now())
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
