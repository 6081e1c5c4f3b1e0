//! A consent to several organisations, and their rows and records by organisation.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use xero_sim::{Entity, Row, TenantId, World};

use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};

/// The ids of a table's rows in ascending order, by tenant id.
pub(crate) type Ids = BTreeMap<String, Vec<String>>;

/// A scene whose consent covers several organisations.
pub(crate) struct Organisations {
    pub(crate) scene: Scene,
    pub(crate) tenants: Vec<TenantId>,
}

impl Organisations {
    /// `count` organisations. `fill` makes the rows of each from its number, which starts at 1.
    pub(crate) fn new(count: usize, fill: impl Fn(&mut World, &TenantId, usize)) -> Self {
        let mut scene = Scene::with(SCOPES, |world, tenant| fill(world, tenant, 1));
        let (tenants, tokens) = scene.sim.world(|world| {
            let mut tenants = vec![scene.tenant.clone()];
            for number in 2..=count {
                let tenant = world.add_tenant(&format!("Shop {number:03}"), "NZD");
                fill(world, &tenant, number);
                tenants.push(tenant);
            }
            let tokens = world.consent(&scene.app, &tenants, SCOPES);
            (tenants, tokens)
        });
        scene.tokens = tokens;
        Self { scene, tenants }
    }

    /// A config that chooses no organisation, so that all of the consent are read.
    pub(crate) fn config(&self) -> Value {
        let mut config = self.scene.flat();
        config["tenant_id"] = json!(null);
        config
    }

    /// Reads the lists of these tables in all organisations.
    pub(crate) fn read(&self, tables: &[Entity], state: Option<&Value>) -> Run {
        let streams: Vec<_> = tables.iter().map(|table| table.endpoint().name).collect();
        self.scene.read(&self.config(), &streams, state)
    }

    /// The rows that the organisations have.
    pub(crate) fn rows(&self, table: Entity) -> Ids {
        self.scene.sim.world(|world| {
            let ids = |tenant: &TenantId| {
                let rows = world.rows(tenant, table).iter();
                sorted(rows.map(Row::guid).collect())
            };
            let of_tenants = self.tenants.iter();
            of_tenants
                .map(|tenant| (tenant.as_str().to_owned(), ids(tenant)))
                .filter(|(_, ids)| !ids.is_empty())
                .collect()
        })
    }
}

/// The records of a table's list by their `TenantID`. An id that was emitted twice is there twice.
pub(crate) fn records(run: &Run, table: Entity) -> Ids {
    let (stream, id) = (table.endpoint().name, table.endpoint().id);
    let tenants = run.column(stream, "TenantID").into_iter();
    let mut found = Ids::new();
    for (tenant, id) in tenants.zip(run.column(stream, id)) {
        let ids = found.entry(tenant.to_owned()).or_default();
        ids.push(id.to_owned());
    }
    found.values_mut().for_each(|ids| ids.sort_unstable());
    found
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}
