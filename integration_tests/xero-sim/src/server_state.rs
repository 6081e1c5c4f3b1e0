//! What the server's tasks and the test share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::answer::Answer;
use crate::limits::Caller;
use crate::log::{Log, Request};
use crate::world::World;

/// Sees each request before the honest server does. `Some` answers in its place.
pub(crate) type Fault = Box<dyn FnMut(&Request, &mut World) -> Option<Answer> + Send>;

/// The world, the log and the faults. A test that fails inside one of the locks poisons
/// it; the world behind it is still the best there is, and the test fails anyway.
pub(crate) struct ServerState {
    world: Mutex<World>,
    log: Mutex<Log>,
    faults: Mutex<Vec<Fault>>,
}

impl ServerState {
    pub(crate) fn new(world: World) -> Self {
        Self {
            world: Mutex::new(world),
            log: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    /// The world, for a moment: answers are written from snapshots of it.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request log, in the order of arrival.
    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Installs a fault behind those already there.
    pub(crate) fn install(&self, fault: Fault) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.push(fault);
    }

    /// The first fault's answer, if one has any.
    pub(crate) fn intercept(&self, request: &Request) -> Option<Answer> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let world = &mut *self.world();
        faults.iter_mut().find_map(|fault| fault(request, world))
    }
}

/// One of an app's five calls in flight in an organisation; given back when dropped, be it
/// because the answer is ready or because the client has gone.
pub(crate) struct Slot {
    shared: Arc<ServerState>,
    caller: Caller,
}

impl Slot {
    /// Holds what [`Limits::admit`](crate::limits::Limits::admit) counted.
    pub(crate) fn new(shared: &Arc<ServerState>, caller: Caller) -> Self {
        Self {
            shared: Arc::clone(shared),
            caller,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.shared.world().limits.release(&self.caller);
    }
}
