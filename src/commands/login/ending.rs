//! The end of a login: the organisations are chosen and proven, and the user reads what comes next.

use serde_json::json;

use super::choose::Choice;
use super::{Login, Organisation};
use crate::failure::Failure;
use crate::sync::access;
use crate::sync::organisation_cache::OrganisationCache;
use crate::terminal::say;
use crate::xero::tenants::Tenant;

impl Login<'_> {
    /// Writes the choice into the config, proves the access, and says what comes next. Fails if no chosen
    /// organisation can be read.
    pub(super) async fn finish(
        &self,
        organisations: Vec<Organisation>,
        choice: Choice,
    ) -> Result<(), Failure> {
        let ids = choice.ids(&organisations);
        self.draft.store_tenants(&ids).await?;
        let mut tenants: Vec<Tenant> = organisations
            .into_iter()
            .map(|organisation| organisation.tenant)
            .filter(|tenant| ids.is_empty() || ids.iter().any(|id| **id == *tenant.id))
            .collect();
        let access = self.access().await?;
        let cache = OrganisationCache::default();
        access::prove(&access.client, &cache, &mut tenants, true).await?;
        match self.flags.json {
            true => self.print(&tenants)?,
            false => self.tell(&tenants, ids.is_empty()),
        }
        match tenants.iter().any(|tenant| tenant.blocked.is_none()) {
            true => Ok(()),
            false => access::blocked(&tenants).map_or(Ok(()), Err),
        }
    }

    fn print(&self, tenants: &[Tenant]) -> Result<(), Failure> {
        let config = self.flags.config.to_string_lossy();
        let organisation = |tenant: &Tenant| {
            json!({
                "tenant_id": &*tenant.id,
                "name": tenant.name,
                "readable": tenant.blocked.is_none(),
                "reason": tenant.blocked.as_ref().map(Failure::to_string),
            })
        };
        crate::commands::print_json(&json!({
            "config": config,
            "organisations": tenants.iter().map(organisation).collect::<Vec<_>>(),
            "start_date": self.draft.start_date(),
            "next_step": format!("xero-source check --config {config}"),
        }))
    }

    fn tell(&self, tenants: &[Tenant], is_all: bool) {
        let is_readable = |tenant: &&Tenant| tenant.blocked.is_none();
        for tenant in tenants.iter().filter(is_readable) {
            say(format_args!("{} can be read.", tenant.label()));
        }
        if tenants.iter().any(|tenant| is_readable(&tenant)) {
            // Otherwise the failure says it.
            for failure in tenants.iter().filter_map(|tenant| tenant.blocked.as_ref()) {
                tracing::warn!("{failure}");
            }
        }
        let (config, start) = (self.flags.config.display(), self.draft.start_date());
        let what = match (is_all, tenants.len()) {
            (true, _) => "all organisations".to_owned(),
            (false, 1) => "1 organisation".to_owned(),
            (false, count) => format!("{count} organisations"),
        };
        say(format_args!(
            "
Wrote {config}, which only you can read. It reads {what} from {start} on.

Next, test the access, see what the first sync costs, and keep files of the data up to date:
  xero-source check --config {config}
  xero-source estimate --config {config}
  xero-source sync --config {config} --out xero

For a platform that runs the connector:
  xero-source catalog --all > catalog.json
  xero-source read --config {config} --catalog catalog.json > messages.jsonl"
        ));
    }
}
