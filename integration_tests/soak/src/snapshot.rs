//! The rows that an organisation has before a sync. A complete stream must have them afterwards.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use serde_json::Value;
use xero_sim::{Entity, Millis, Row, TenantId, World};

use crate::destination::Table;
use crate::organisations::{DAY, Deeds};
use crate::platform::End;
use crate::settings::{chosen, start};
use crate::truth::endpoint;

/// The most missing rows to name.
const SHOWN: usize = 5;

/// The id and the stamp of each row, by organisation and list.
pub(crate) struct Snapshot {
    /// When it was taken.
    pub(crate) now: Millis,
    rows: BTreeMap<(TenantId, String), Vec<(String, Millis)>>,
}

impl Snapshot {
    pub(crate) fn of(
        world: &World,
        tenants: &[TenantId],
        streams: &[String],
        deeds: &Deeds,
    ) -> Snapshot {
        let mut rows = BTreeMap::new();
        for name in streams {
            let Some(endpoint) = listed(name) else {
                continue;
            };
            for tenant in tenants {
                let known = shown(world, tenant, name, endpoint.entity, deeds).into_iter();
                let known = known.map(|row| (row.guid(), row.updated)).collect();
                rows.insert((tenant.clone(), name.clone()), known);
            }
        }
        Snapshot {
            now: world.now(),
            rows,
        }
    }

    /// The rows that complete streams lack. Rows that vanished meanwhile, and those of organisations that were
    /// cut off, may be missing.
    pub(crate) fn missing(
        &self,
        tables: &BTreeMap<String, Table>,
        ends: &BTreeMap<String, End>,
        deeds: &Deeds,
        config: &Value,
    ) -> Vec<String> {
        let start = start(config);
        let complete = ends.iter().filter(|(_, end)| **end == End::Complete);
        let names: BTreeSet<_> = complete.map(|(name, _)| name.as_str()).collect();
        let mut missing = Vec::new();
        for ((tenant, list), rows) in &self.rows {
            let Some(table) = tables.get(list).filter(|_| names.contains(list.as_str())) else {
                continue;
            };
            if deeds.cut_meanwhile.contains(tenant) || !chosen(config, tenant) {
                continue;
            }
            for (id, stamp) in rows.iter().filter(|(id, _)| !deeds.removed.contains(id)) {
                let key = match table.stream.key.len() {
                    1 => format!("\"{id}\""),
                    _ => format!("\"{tenant}\" \"{id}\""),
                };
                let stamp = DateTime::from_timestamp_millis(*stamp).unwrap_or_default();
                let stamp = match list.as_str() {
                    // Xero writes their stamps without milliseconds.
                    "linked_transactions" => stamp.format("%Y-%m-%dT%H:%M:%S.000Z"),
                    _ => stamp.format("%Y-%m-%dT%H:%M:%S%.3fZ"),
                };
                let stamp = stamp.to_string();
                let is_stamped = table.stream.cursor == "UpdatedDateUTC";
                let is_there = table.rows.get(&key).is_some_and(|version| {
                    !is_stamped || version.row.get("UpdatedDateUTC").text() >= stamp.as_str()
                });
                // docs/configuration.md: "The first sync reads rows created or changed at or after this moment".
                let is_before = is_stamped && stamp < start;
                if !is_there && !is_before {
                    missing.push(format!(
                        "{list} is COMPLETE without the version of {stamp} of {key}"
                    ));
                }
            }
        }
        let more = missing.len().saturating_sub(SHOWN);
        missing.truncate(SHOWN);
        if more > 0 {
            missing.push(format!("{more} more versions are missing"));
        }
        missing
    }
}

/// The rows that a list shows now, except for late journals that a sync may not find yet.
fn shown<'w>(
    world: &'w World,
    tenant: &TenantId,
    list: &str,
    entity: Entity,
    deeds: &Deeds,
) -> Vec<&'w Row> {
    if entity != Entity::Journals {
        return world.rows(tenant, entity).iter().collect();
    }
    let mut journals = world.journals(tenant, list == "journals_cash");
    let recent = journals
        .iter()
        .filter(|row| row.created > world.now() - DAY);
    // docs/streams.md, "Late journals": "Up to five parts are searched in each sync", and each has 100
    // journals. Of more parts, a sync searches only some.
    let left_out = match recent.count() < 300 {
        true => &deeds.hidden,
        false => &deeds.late,
    };
    let left_out = left_out.get(tenant.as_str());
    journals.retain(|row| left_out.is_none_or(|numbers| !numbers.contains(&row.number)));
    journals
}

/// The endpoint of a list whose rows have a GUID.
fn listed(name: &str) -> Option<&'static xero_sim::Endpoint> {
    endpoint(name).filter(|endpoint| endpoint.id.ends_with("ID"))
}
