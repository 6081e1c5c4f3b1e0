//! An organisation and its books.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::entity::Entity;
use crate::guid::Guid;
use crate::rows::{Books, Row};
use crate::table::Table;

/// The id that `xero-tenant-id` carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(String);

impl TenantId {
    pub(crate) fn new(guid: Guid) -> Self {
        Self(guid.to_string())
    }

    /// The id as the API writes it, a lower-case GUID.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An organisation. A clone is a snapshot: it shares the tables until one is written to,
/// so that answers are written from it without holding the world up.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    /// The source of its rows and of the phases of its rate limits.
    pub(crate) seed: u64,
    /// While true, every call about it answers "The Organisation is offline".
    pub(crate) offline: bool,
    name: String,
    base_currency: String,
    tables: BTreeMap<Entity, Arc<Table>>,
}

impl Tenant {
    pub(crate) fn new(id: TenantId, seed: u64, name: &str, base_currency: &str) -> Self {
        Self {
            id,
            seed,
            offline: false,
            name: name.to_owned(),
            base_currency: base_currency.to_owned(),
            tables: BTreeMap::new(),
        }
    }

    /// One table.
    pub(crate) fn table(&self, entity: Entity) -> &Table {
        static EMPTY: Table = Table::new();
        self.tables.get(&entity).map_or(&EMPTY, Arc::as_ref)
    }

    /// One table, to write to.
    pub(crate) fn table_mut(&mut self, entity: Entity) -> &mut Table {
        Arc::make_mut(self.tables.entry(entity).or_default())
    }
}

impl Books for Tenant {
    fn rows(&self, entity: Entity) -> &[Row] {
        self.table(entity).rows()
    }

    fn named(&self, entity: Entity) -> u64 {
        self.table(entity).named()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn base_currency(&self) -> &str {
        &self.base_currency
    }
}
