//! `tenants --shards`: splits the organisations of a config into shards, each with a config of its own.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::assignment::{self, Load};
use super::inputs::{self, Calls, Previous};
use crate::cli::TenantsFlags;
use crate::commands;
use crate::config::StoredConfig;
use crate::excerpt::{excerpt, listed};
use crate::failure::Failure;
use crate::sync::access;
use crate::sync::session::Access;
use crate::terminal::{self, Align, Table, grouped};
use crate::xero::tenants::Tenant;

/// Maximum number of organisations that a row of the table names.
const MAX_NAMED: usize = 3;

/// A part of the organisations.
struct Shard {
    /// From 1.
    number: usize,
    /// `None` if no file says how many calls the organisations need.
    expected_calls: Option<u64>,
    tenants: Vec<Tenant>,
}

/// Prints the shards, at most `count` of them. Asks Xero only for the list of connections: an organisation that is
/// offline today stays in its shard.
pub(super) async fn print(
    flags: &TenantsFlags,
    access: &Access,
    count: usize,
) -> Result<(), Failure> {
    let calls = inputs::calls(&flags.calls).await?;
    let previous = inputs::previous(flags.previous.as_deref()).await?;
    let mut tenants = access::listed(&access.client, &access.config).await?;
    for failure in tenants.iter().filter_map(|it| it.blocked.as_ref()) {
        tracing::warn!("{failure}");
    }
    tenants.retain(|tenant| tenant.blocked.is_none());
    let shards = shards_of(
        tenants,
        calls.as_ref(),
        kept(previous, count).as_ref(),
        count,
    );
    match flags.login.format.json {
        true => commands::print_json(&as_json(&shards, count, &access.config.stored)),
        false => terminal::print(as_table(&shards)).map_err(commands::cannot_print),
    }
}

/// Returns the shard of each organisation of an earlier answer, from 0. `None` if that had another number
/// of shards.
fn kept(previous: Option<Previous>, count: usize) -> Option<BTreeMap<String, usize>> {
    let previous = previous?;
    if previous.shard_count != count {
        tracing::warn!(
            "the file of --previous has {} shards and not {count}, so the organisations are assigned anew. Each one that moves needs its states in the state of its new shard",
            previous.shard_count
        );
        return None;
    }
    Some(previous.shard_of)
}

fn shards_of(
    tenants: Vec<Tenant>,
    calls: Option<&Calls>,
    previous: Option<&BTreeMap<String, usize>>,
    count: usize,
) -> Vec<Shard> {
    let load = |tenant: &Tenant| Load {
        id: tenant.id.to_string(),
        calls: calls.map_or(1, |calls| calls.of(&tenant.id)),
    };
    let loads: Vec<_> = tenants.iter().map(load).collect();
    let assigned = match previous {
        Some(previous) => assignment::with_previous(&loads, count, previous),
        None => assignment::anew(&loads, count),
    };
    let mut shards: BTreeMap<usize, Shard> = BTreeMap::new();
    for ((tenant, load), at) in tenants.into_iter().zip(loads).zip(assigned) {
        let shard = shards.entry(at).or_insert_with(|| Shard {
            number: at + 1,
            expected_calls: calls.map(|_| 0),
            tenants: Vec::new(),
        });
        if let Some(sum) = &mut shard.expected_calls {
            *sum += load.calls;
        }
        shard.tenants.push(tenant);
    }
    shards.into_values().collect()
}

/// Leaves out shards without organisations: a config with empty `tenant_ids` reads every organisation.
fn as_json(shards: &[Shard], count: usize, config: &StoredConfig) -> Value {
    let settings = config.without_credentials();
    let shard = |shard: &Shard| {
        let ids = shard.tenants.iter().map(|it| it.id.to_string());
        let mut config = settings.clone();
        config.set("tenant_id", None);
        config.set("tenant_ids", Some(ids.collect()));
        let tenant = |it: &Tenant| json!({"id": &*it.id, "name": it.name});
        json!({
            "shard": shard.number,
            "expected_calls": shard.expected_calls,
            "tenants": shard.tenants.iter().map(tenant).collect::<Value>(),
            "config": config.as_json(),
        })
    };
    json!({"shard_count": count, "shards": shards.iter().map(shard).collect::<Value>()})
}

fn as_table(shards: &[Shard]) -> Table {
    let mut table = Table::new(&[
        ("shard", Align::Right),
        ("organisations", Align::Right),
        ("expected calls", Align::Right),
        ("names", Align::Left),
    ]);
    for shard in shards {
        let names = shard.tenants.iter().map(|it| excerpt(it.label()));
        table.add([
            shard.number.to_string(),
            grouped(shard.tenants.len() as u64),
            shard.expected_calls.map(grouped).unwrap_or_default(),
            listed(names, MAX_NAMED, shard.tenants.len()),
        ]);
    }
    table
}
