//! An organisation whose history is made when somebody looks at it.

use std::sync::{Arc, OnceLock};

use crate::tenant::Tenant;

/// An organisation. Rows are filled in table by table, and what they have to do with each other is
/// found once, when the first answer needs it.
#[derive(Debug)]
pub(super) struct Slot {
    tenant: Arc<Tenant>,
    settled: OnceLock<Arc<Tenant>>,
}

impl Slot {
    pub(super) fn new(tenant: Tenant) -> Self {
        Self {
            tenant: Arc::new(tenant),
            settled: OnceLock::new(),
        }
    }

    /// The organisation with its history.
    pub(super) fn get(&self) -> &Arc<Tenant> {
        if self.tenant.is_settled() {
            return &self.tenant;
        }
        self.settled.get_or_init(|| {
            let mut tenant = Tenant::clone(&self.tenant);
            tenant.settle();
            Arc::new(tenant)
        })
    }

    /// The organisation with its history, to change.
    pub(super) fn get_mut(&mut self) -> &mut Tenant {
        if !self.tenant.is_settled() {
            match self.settled.take() {
                Some(settled) => self.tenant = settled,
                None => Arc::make_mut(&mut self.tenant).settle(),
            }
        }
        Arc::make_mut(&mut self.tenant)
    }

    /// The organisation, to fill with more history.
    pub(super) fn fill_mut(&mut self) -> &mut Tenant {
        if let Some(settled) = self.settled.take() {
            self.tenant = settled;
        }
        Arc::make_mut(&mut self.tenant)
    }
}
