//! Divides the five concurrent requests of an organisation between the walks over its lists.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::xero::rate_limit::budget::CALLS_AT_ONCE;
use crate::xero::tenants::TenantId;

/// How many organisations are read at once. Xero allows an app 10,000 calls a minute, which 167
/// organisations with 60 calls each use up.
pub(crate) const ORGANISATIONS_AT_ONCE: usize = 200;

/// The number of running walks of each organisation.
#[derive(Debug, Default)]
pub(crate) struct Slots(RefCell<HashMap<TenantId, usize>>);

/// A running walk. Dropping it ends the walk.
#[derive(Debug)]
pub(crate) struct Slot<'a> {
    slots: &'a Slots,
    tenant: &'a TenantId,
}

impl Slots {
    /// Starts a walk of the organisation.
    pub(crate) fn take<'a>(&'a self, tenant: &'a TenantId) -> Slot<'a> {
        *self.0.borrow_mut().entry(tenant.clone()).or_default() += 1;
        Slot {
            slots: self,
            tenant,
        }
    }
}

impl Slot<'_> {
    /// How many requests this walk may have under way: at least one.
    pub(crate) fn calls(&self) -> usize {
        let walks = self.slots.0.borrow().get(self.tenant).copied();
        let others = walks.unwrap_or(1) - 1;
        CALLS_AT_ONCE.saturating_sub(others).max(1)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if let Some(walks) = self.slots.0.borrow_mut().get_mut(self.tenant) {
            *walks -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_has_the_calls_that_the_others_leave() {
        let (slots, a, b) = (Slots::default(), TenantId::new("a"), TenantId::new("b"));
        let walks: Vec<_> = (0..7).map(|_| slots.take(&a)).collect();
        let (alone, first) = (slots.take(&b), &walks[0]);
        assert_eq!((alone.calls(), first.calls()), (5, 1));
        for (walk, calls) in walks.into_iter().skip(1).zip([1, 1, 2, 3, 4, 5]) {
            drop(walk);
            assert_eq!(slots.take(&a).calls().min(5), calls.min(5));
        }
    }
}
