//! The budget of one organisation, shared by all its calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::xero::fault::Fault;
use crate::xero::rate_limit::budget::{Budget, Leave, Room};
use crate::xero::rate_limit::headers::Limits;

/// Lets calls out as the budget allows.
#[derive(Debug)]
pub(crate) struct Gate {
    budget: Mutex<Budget>,
    /// Rung when a call is answered.
    answered: Notify,
}

/// Leave for one call. Dropped while the call is under way, it goes on counting until the
/// call would have timed out: Xero still works on it.
#[derive(Debug)]
pub(crate) struct Pass {
    gate: Arc<Gate>,
    sent: Instant,
    end: End,
}

/// How a call ended.
#[derive(Debug)]
enum End {
    /// It has not: it is under way, and ends after this time at the latest.
    Within(Duration),
    /// With an answer that told these limits.
    Answered(Limits),
    /// Without an answer. Xero may have counted it all the same.
    Lost,
}

impl Pass {
    /// Notes that the call goes out now and not when it got leave, and how long it may take.
    pub(crate) fn sent(&mut self, longest: Duration) {
        self.sent = Instant::now();
        self.end = End::Within(longest);
    }

    /// Gives the leave back with the limits that the answer told; none where no answer came.
    pub(crate) fn ended(mut self, limits: Option<&Limits>) {
        self.end = limits.map_or(End::Lost, |limits| End::Answered(limits.clone()));
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let now = Instant::now();
        match &self.end {
            End::Answered(limits) => self.gate.budget().answered(self.sent, now, limits),
            End::Lost => self.gate.budget().lost(now),
            End::Within(longest) => {
                let (gate, until) = (self.gate.clone(), self.sent + *longest);
                // Without a runtime the process ends, and nobody asks for leave any more.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(async move {
                        tokio::time::sleep_until(until.into()).await;
                        gate.budget().lost(Instant::now());
                        gate.answered.notify_waiters();
                    });
                }
                return;
            }
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
        self: &Arc<Gate>,
        longest: Duration,
        waiting: impl Fn(Duration),
    ) -> Result<Pass, Fault> {
        loop {
            let now = Instant::now();
            // Listening begins before asking, so that no answer is missed between the two.
            let answered = self.answered.notified();
            let leave = self.budget().ask(now);
            match leave {
                Leave::Granted => {
                    return Ok(Pass {
                        gate: self.clone(),
                        sent: now,
                        end: End::Lost,
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// A gate that five calls have passed, each of which may take so long.
    async fn five_under_way(longest: Duration) -> (Arc<Gate>, Vec<Pass>) {
        let gate = Arc::new(Gate::new(0));
        let mut passes = Vec::new();
        for _ in 0..5 {
            let mut pass = gate.enter(MINUTE, |_| {}).await.expect("the day is new");
            pass.sent(longest);
            passes.push(pass);
        }
        assert!(gate.enter(MINUTE, |_| {}).now_or_never().is_none());
        (gate, passes)
    }

    #[tokio::test]
    async fn a_call_that_was_dropped_counts_until_its_time_is_over() {
        let (gate, passes) = five_under_way(MINUTE).await;
        drop(passes);
        tokio::task::yield_now().await;
        assert!(gate.enter(MINUTE, |_| {}).now_or_never().is_none());

        let (gate, passes) = five_under_way(Duration::ZERO).await;
        drop(passes);
        gate.enter(MINUTE, |_| {})
            .await
            .expect("their time is over");
    }

    #[tokio::test]
    async fn a_call_that_ended_or_never_went_out_makes_room_at_once() {
        let (gate, mut passes) = five_under_way(MINUTE).await;
        passes.pop().expect("there are five").ended(None);
        let unsent = gate.enter(MINUTE, |_| {}).now_or_never();
        drop(unsent.expect("one has ended"));
        let next = gate.enter(MINUTE, |_| {}).now_or_never();
        assert!(next.is_some(), "one never went out");
    }
}
