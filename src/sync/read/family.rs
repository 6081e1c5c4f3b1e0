//! The streams of one endpoint: read together in every organisation.

use super::Read;
use crate::failure::Failure;
use crate::streams::{Family, Stream};
use crate::sync::documents::Audience;
use crate::sync::lists::{Partition, Stop};
use crate::sync::sink::Outlet;

impl Read<'_> {
    /// Reads a family from its first status to its last.
    pub(super) async fn family(&self, mut family: Family, audience: &Audience<'_>) {
        for stream in &family.members {
            self.statuses.begin(stream.name);
        }
        let mut outlets = Vec::with_capacity(family.members.len());
        family.members.retain(|stream| {
            let outlet = self.may_read(stream).and_then(|()| self.outlet(stream));
            let outlet = outlet.map_err(|failure| {
                self.statuses.end(stream.name, &[Err(failure)]);
            });
            outlets.extend(outlet);
            outlets
                .last()
                .is_some_and(|outlet| outlet.stream.name == stream.name)
        });
        if !outlets.is_empty() {
            self.tenants(&family, audience, &mut outlets).await;
        }
        for outlet in &outlets {
            self.statuses.end(outlet.stream.name, &outlet.ends);
        }
    }

    fn outlet(&self, stream: &'static Stream) -> Result<Outlet, Failure> {
        let mut positions = self.states.of(stream)?;
        let tenants = self.session.tenants.iter();
        positions.settle(tenants.map(|tenant| tenant.id.as_str()));
        Ok(Outlet::new(stream, positions))
    }

    /// Reads a family in every organisation. One that fails does not keep the
    /// others from being read.
    async fn tenants(&self, family: &Family, audience: &Audience<'_>, outlets: &mut [Outlet]) {
        let mut tenants: Vec<_> = self.session.tenants.iter().collect();
        if family.parent.endpoint().envelope.is_none() {
            // About the token, not about an organisation: asked once.
            tenants.retain(|tenant| tenant.blocked.is_none());
            tenants.truncate(1);
        }
        for tenant in tenants {
            if let Some(failure) = &tenant.blocked {
                let outlets = outlets.iter_mut();
                outlets.for_each(|outlet| outlet.ends.push(Err(failure.clone())));
                continue;
            }
            let partition = Partition {
                session: &self.session,
                emitter: self.emitter,
                slot: self.slots.take(&tenant.id),
                family,
                tenant,
                audience,
            };
            let read = partition.read(outlets).await;
            for outlet in &mut *outlets {
                let failure = |stop: &Stop| stop.told(outlet.stream, tenant.label());
                outlet.ends.push(read.as_ref().copied().map_err(failure));
            }
        }
    }
}
