//! Logs one line per organisation once all its streams have ended, if there are several
//! organisations.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::sync::session::Session;
use crate::xero::tenants::{Tenant, TenantId};

/// The streams of each organisation that have not ended.
#[derive(Debug)]
pub(crate) struct OrganisationProgress<'a> {
    session: &'a Session,
    organisations: RefCell<HashMap<TenantId, Open>>,
    /// The number of organisations whose streams have all ended.
    ended: Cell<usize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Open {
    streams: usize,
    failed: usize,
    rows: u64,
}

impl<'a> OrganisationProgress<'a> {
    pub(crate) fn new(session: &'a Session) -> OrganisationProgress<'a> {
        OrganisationProgress {
            session,
            organisations: RefCell::default(),
            ended: Cell::new(0),
        }
    }

    /// Adds a stream that is read in this organisation.
    pub(crate) fn add_stream(&self, tenant: &TenantId) {
        let mut organisations = self.organisations.borrow_mut();
        organisations.entry(tenant.clone()).or_default().streams += 1;
    }

    /// Records that one stream of the organisation ended with this number of rows.
    pub(crate) fn stream_ended(&self, tenant: &Tenant, is_complete: bool, rows: u64) {
        let mut organisations = self.organisations.borrow_mut();
        let Some(open) = organisations.get_mut(&tenant.id) else {
            return;
        };
        open.streams = open.streams.saturating_sub(1);
        open.failed += usize::from(!is_complete);
        open.rows += rows;
        if open.streams == 0 {
            self.ended.set(self.ended.get() + 1);
            self.log(tenant, *open);
        }
    }

    fn log(&self, tenant: &Tenant, Open { failed, rows, .. }: Open) {
        let all = self.session.tenants.len();
        if all == 1 || tenant.blocked.is_some() {
            return; // the lines of its streams say the same, or its error does
        }
        let client = &self.session.client;
        let (calls, left) = (client.calls(&tenant.id), client.capacity(&tenant.id));
        let left = left.calls_today;
        let left = left.map_or(String::new(), |left| format!(", {left} calls left today"));
        let (label, done) = (tenant.label(), self.ended.get());
        match failed {
            0 => tracing::info!(
                rows,
                calls,
                "{label} is read{left}: {done} of {all} organisations are done"
            ),
            _ => tracing::info!(
                rows,
                calls,
                "{label} failed in {failed} of its streams{left}: {done} of {all} organisations are done"
            ),
        }
    }
}
