//! The documents of a small organisation, read back as JSON.

use serde_json::Value;

use super::*;
use crate::entity::{ENDPOINTS, Size, history};
use crate::guid::Guid;
use crate::tenant::TenantId;
use crate::world::World;

mod details;
mod links;
mod live_fields;
mod sums;

const NOW: Millis = 1_790_000_000_000;

/// An organisation with a hundred rows in each table that has no fixed number.
struct Ledger {
    world: World,
    tenant: TenantId,
}

impl Ledger {
    fn new() -> Self {
        Self::with_base("NZD")
    }

    fn with_base(base_currency: &'static str) -> Self {
        let mut world = World::new(7);
        let tenant = world.add_tenant("Demo Company (NZ)", base_currency);
        for (entity, rows) in history(&[], 100) {
            world.fill(&tenant, entity, rows);
        }
        Self { world, tenant }
    }

    /// Books in which nothing that a document names can be looked up.
    fn empty() -> Self {
        let mut world = World::new(7);
        let tenant = world.add_other_tenant("ORGANISATION", "Demo Company (NZ)");
        Self { world, tenant }
    }

    fn rows(&self, entity: Entity) -> &[Row] {
        self.world.rows(&self.tenant, entity)
    }

    /// One document as JSON.
    fn show(&self, entity: Entity, row: &Row, detail: Detail) -> Value {
        let text = self.text(entity, row, detail);
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            panic!("{entity:?}: {error}: {}", String::from_utf8_lossy(&text))
        })
    }

    fn text(&self, entity: Entity, row: &Row, detail: Detail) -> Vec<u8> {
        let mut out = Json::default();
        let books = self.world.known(&self.tenant).as_ref();
        render(entity, row, books, Options { detail, unitdp: 4 }, &mut out);
        out.into_bytes()
    }

    /// All documents of a table as JSON.
    fn show_all(&self, entity: Entity, detail: Detail) -> Vec<Value> {
        let rows = self.rows(entity).iter();
        rows.map(|row| self.show(entity, row, detail)).collect()
    }
}

const DETAILS: [Detail; 4] = [
    Detail::Paged,
    Detail::Summary,
    Detail::SummaryOnly,
    Detail::Single,
];

#[test]
fn every_document_has_its_id_and_its_cursor() {
    let ledger = Ledger::new();
    for endpoint in ENDPOINTS {
        let entity = endpoint.entity;
        for row in ledger.rows(entity) {
            for detail in DETAILS {
                let document = ledger.show(entity, row, detail);
                if endpoint.id.ends_with("ID") {
                    let id = Guid(row.id).to_string();
                    assert_eq!(document[endpoint.id], id, "{entity:?}");
                } else if !endpoint.id.is_empty() {
                    assert!(document[endpoint.id].is_string(), "{entity:?}");
                }
                let has_iso_stamp = (entity, detail) == (Entity::Budgets, Detail::Single)
                    || entity == Entity::LinkedTransactions;
                if let Some(cursor) = document.get("UpdatedDateUTC")
                    && !has_iso_stamp
                {
                    let text = cursor.as_str().unwrap_or_default();
                    let stamp = text.trim_start_matches("/Date(");
                    let stamp = stamp.trim_end_matches(")/").trim_end_matches("+0000");
                    assert_eq!(stamp, row.updated.to_string(), "{entity:?}");
                }
            }
        }
    }
}

#[test]
fn the_registry_has_the_sizes_of_the_tables_that_are_written_out_by_hand() {
    for (entity, rows) in [
        (Entity::Accounts, chart_of_accounts::CHART.len()),
        (
            Entity::OrganisationActions,
            organisation_actions::ACTIONS.len(),
        ),
        (Entity::TaxRates, tax_tables::COUNT),
    ] {
        assert_eq!(entity.endpoint().size, Size::Fixed(rows), "{entity:?}");
    }
}

#[test]
fn documents_need_no_other_tables() {
    let ledger = Ledger::empty();
    for endpoint in ENDPOINTS {
        let entity = endpoint.entity;
        for row in generate(entity, 1, 100, 7, NOW) {
            for detail in DETAILS {
                let first = ledger.text(entity, &row, detail);
                assert_eq!(first, ledger.text(entity, &row, detail), "{entity:?}");
                assert!(ledger.show(entity, &row, detail).is_object());
            }
        }
    }
}

#[test]
fn keys_are_written_once() {
    // A parser keeps the last of two equal keys: written again, such a document is shorter.
    let ledger = Ledger::new();
    for endpoint in ENDPOINTS {
        for row in ledger.rows(endpoint.entity) {
            for detail in DETAILS {
                let text = ledger.text(endpoint.entity, row, detail);
                let keys = text.windows(3).filter(|three| three == b"\": ").count();
                let document = ledger.show(endpoint.entity, row, detail);
                assert_eq!(count_keys(&document), keys, "{:?}", endpoint.entity);
            }
        }
    }
}

fn count_keys(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len() + members.values().map(count_keys).sum::<usize>(),
        Value::Array(elements) => elements.iter().map(count_keys).sum(),
        _ => 0,
    }
}

#[test]
fn an_edit_shows() {
    let ledger = Ledger::new();
    for endpoint in ENDPOINTS {
        // Nothing in it but a name and a status, and nothing that can be edited.
        if matches!(
            endpoint.entity,
            Entity::OrganisationActions | Entity::Journals
        ) {
            continue;
        }
        for row in ledger.rows(endpoint.entity) {
            let mut edited = row.clone();
            edited.version += 1;
            for detail in DETAILS {
                let before = ledger.text(endpoint.entity, row, detail);
                let after = ledger.text(endpoint.entity, &edited, detail);
                assert_ne!(before, after, "{:?} {detail:?}", endpoint.entity);
            }
        }
    }
}

#[test]
fn an_invoice_in_a_page_has_two_to_four_kilobytes() {
    let mut world = World::new(3);
    let tenant = world.add_tenant("Demo Company (NZ)", "NZD");
    for (entity, rows) in [(Entity::Invoices, 1_000), (Entity::Payments, 1_000)] {
        world.fill(&tenant, entity, rows);
    }
    let ledger = Ledger { world, tenant };
    let mut out = Json::default();
    let options = Options {
        detail: Detail::Paged,
        unitdp: 4,
    };
    let rows = ledger.rows(Entity::Invoices);
    out.open_object();
    out.key("Invoices").open_array();
    let books = ledger.world.known(&ledger.tenant).as_ref();
    for row in rows {
        render(Entity::Invoices, row, books, options, &mut out);
    }
    out.close_array();
    out.close_object();
    let average = out.into_bytes().len() / rows.len();
    assert!((2_000..4_000).contains(&average), "{average}");
}

#[test]
fn generated_rows_ascend_on_the_whole() {
    for entity in [Entity::Invoices, Entity::Journals, Entity::Items] {
        let rows = generate(entity, 41, 10_000, 5, NOW);
        let again = generate(entity, 41, 10_000, 5, NOW);
        assert_eq!(format!("{rows:?}"), format!("{again:?}"));
        assert_eq!(rows[0].number, 41);
        assert!(rows.is_sorted_by_key(|row| row.created));
        assert!(rows.is_sorted_by(|a, b| a.number < b.number));
        let shuffled = rows
            .windows(2)
            .filter(|two| two[0].updated > two[1].updated);
        let edited = entity != Entity::Journals;
        assert_eq!(shuffled.count() > 1_000, edited, "{entity:?}");
        for row in &rows {
            assert!(row.created <= row.updated && row.updated < NOW);
            assert!(row.created > NOW - 731 * 86_400_000);
        }
        let mut stamps: Vec<_> = rows.iter().map(|row| row.updated).collect();
        stamps.sort_unstable();
        stamps.dedup();
        // Only journals are stamped one by one: the rows of an import share a second.
        let least = if edited { 7_000 } else { 9_990 };
        assert!(stamps.len() > least, "{} distinct stamps", stamps.len());
    }
}
