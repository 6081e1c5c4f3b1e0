//! Organisations that fail or are slow while others are not.

use std::time::Duration;

use crate::limits::Caller;
use crate::tenant::TenantId;
use crate::world::World;

/// What can happen to one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A user removes all apps: its calls answer 403, and `/connections` does not list it.
    Disconnected,
    /// The user loses the role, or the trial or the subscription ends. For each of these Xero
    /// documents the same answer: 403. `/connections` still lists the organisation.
    Forbidden,
    /// It is moved or restored: 503.
    Offline,
    /// Other programs spend the calls of its day: 429.
    DaySpent,
}

/// A failure in the future.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    calls_left: u32,
    failure: Failure,
}

impl World {
    /// Makes an organisation fail at once. [`World::connect`], [`World::forbid`],
    /// [`World::take_offline`] and the next day undo it.
    pub fn fail(&mut self, tenant: &TenantId, failure: Failure) {
        self.planned.remove(tenant);
        match failure {
            Failure::Disconnected => self.identity.connections.remove(tenant),
            Failure::Forbidden => self.forbid(tenant, true),
            Failure::Offline => self.take_offline(tenant, true),
            Failure::DaySpent => {
                let apps: Vec<_> = self.identity.apps().map(|app| app.id.clone()).collect();
                for app in apps {
                    self.spend_day(&app, tenant, u32::from(u16::MAX));
                }
            }
        }
    }

    /// Makes an organisation fail as soon as this number of its calls has passed the limits. These
    /// calls are still answered.
    pub fn fail_after(&mut self, tenant: &TenantId, calls: u32, failure: Failure) {
        if calls == 0 {
            return self.fail(tenant, failure);
        }
        let planned = Planned {
            calls_left: calls,
            failure,
        };
        self.planned.insert(tenant.clone(), planned);
    }

    /// Sets whether the calls of an organisation answer 403 although the app is connected.
    pub fn forbid(&mut self, tenant: &TenantId, forbidden: bool) {
        self.tenant_mut(tenant).forbidden = forbidden;
    }

    /// Sets whether the user who gave consent is no payroll administrator of an organisation. Calls of
    /// payroll then answer 403, and all others as before. Xero publishes no words for this refusal; the
    /// simulator sends those of other refused roles.
    pub fn forbid_payroll(&mut self, tenant: &TenantId, forbidden: bool) {
        self.tenant_mut(tenant).payroll_forbidden = forbidden;
    }

    /// Sets whether an organisation is offline. Its calls then answer 503.
    pub fn take_offline(&mut self, tenant: &TenantId, offline: bool) {
        self.tenant_mut(tenant).offline = offline;
    }

    /// Makes the calls of one organisation take at least this long, instead of the latency of all
    /// others.
    pub fn latency_of(&mut self, tenant: &TenantId, latency: Duration) {
        self.tenant_mut(tenant).latency = Some(latency);
    }

    /// The latency of a call.
    pub(crate) fn latency_for(&self, tenant: Option<&TenantId>) -> Duration {
        let own = tenant.and_then(|tenant| self.known(tenant).latency);
        own.unwrap_or(self.latency)
    }

    /// Counts a call that passed the limits. After the last call before a planned failure, the
    /// organisation fails.
    pub(crate) fn passed(&mut self, caller: &Caller) {
        let Some(planned) = self.planned.get_mut(&caller.tenant) else {
            return;
        };
        planned.calls_left -= 1;
        if planned.calls_left == 0 {
            let failure = planned.failure;
            self.fail(&caller.tenant, failure);
        }
    }
}
