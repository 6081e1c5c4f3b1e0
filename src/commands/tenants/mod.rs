//! `tenants`: lists the organisations and other tenants that a login opens, or splits them into shards.
//!
//! - [`assignment`]: which organisation belongs to which shard.
//! - [`inputs`]: the files of `--calls` and `--previous`.
//! - [`shards`]: the answer.

mod assignment;
mod inputs;
mod shards;

use serde_json::json;

use super::organisations::{self, Listed};
use crate::airbyte::emit::Emitter;
use crate::cli::TenantsFlags;
use crate::failure::Failure;
use crate::sync::callbacks::TokenStorage;
use crate::sync::session::{Access, Purpose};
use crate::sync::statuses::Statuses;
use crate::terminal::{self, Align, Table};

/// Prints a table of the tenants or of the shards, or the same as JSON.
pub(crate) async fn tenants(flags: &TenantsFlags, emitter: &Emitter) -> Result<(), Failure> {
    let statuses = Statuses::new(emitter);
    let (path, storage) = (&flags.login.config, TokenStorage::File);
    let access = Access::open(path, emitter, &statuses, Purpose::Check, storage).await?;
    if let Some(count) = flags.shards {
        return shards::print(flags, &access, usize::from(count)).await;
    }
    let tenants = organisations::list(&access).await?;
    match flags.login.format.json {
        true => super::print_json(&tenants.iter().map(as_json).collect()),
        false => terminal::print(as_table(&tenants)).map_err(super::cannot_print),
    }
}

fn as_table(tenants: &[Listed]) -> Table {
    let mut table = Table::new(&[
        ("name", Align::Left),
        ("id", Align::Left),
        ("type", Align::Left),
        ("connected since", Align::Left),
        ("in config", Align::Left),
        ("readable", Align::Left),
    ]);
    for tenant in tenants {
        table.add([
            tenant.name(),
            tenant.tenant.id.to_string(),
            tenant.tenant_type.clone(),
            tenant.connected_since.clone().unwrap_or_default(),
            if tenant.is_chosen { "yes" } else { "no" }.to_owned(),
            tenant.readable(),
        ]);
    }
    table
}

fn as_json(tenant: &Listed) -> serde_json::Value {
    json!({
        "tenant_id": &*tenant.tenant.id,
        "name": tenant.tenant.name,
        "type": tenant.tenant_type,
        "connected_since": tenant.connected_since,
        "in_config": tenant.is_chosen,
        "readable": tenant.tenant.blocked.is_none(),
        "reason": tenant.tenant.blocked.as_ref().map(Failure::to_string),
    })
}
