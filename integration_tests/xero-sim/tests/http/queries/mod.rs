//! What clients ask of a list, checked against the rows that it has without the question.

mod documents;
mod filters;
mod orders;
mod wheres;

use form_urlencoded::Serializer;
use serde_json::Value;
use xero_sim::entity::{ENDPOINTS, history};
use xero_sim::{Entity, World};

use crate::client::{Answer, Fixture, started};

const SCOPES: &str = "accounting.settings.read accounting.transactions.read \
    accounting.contacts.read accounting.journals.read accounting.budgets.read";

/// 30 November 2026.
const NOW: i64 = 1_796_000_000_000;

/// An organisation with 60 rows in each table, and an app without limits.
fn books() -> Fixture {
    books_of(60)
}

/// The same with another number of rows.
fn books_of(rows: usize) -> Fixture {
    let mut world = World::new(11);
    world.fix_clock(NOW);
    let demo = world.add_tenant("Demo Company (NZ)", "NZD");
    for (entity, count) in history(&[], rows) {
        world.fill(&demo, entity, count);
    }
    world.unlimited();
    started(world, demo, SCOPES)
}

/// Asks a list for something.
fn ask(books: &Fixture, entity: Entity, query: &[(&str, &str)]) -> Answer {
    let path = ENDPOINTS[entity as usize].path;
    let mut encoded = Serializer::new(String::new());
    encoded.extend_pairs(query);
    books.get(&format!("{path}?{}", encoded.finish()))
}

/// The rows of an answer, which has to be a list.
fn rows(entity: Entity, answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{entity:?}: {}", answer.text());
    let body = answer.json();
    let rows = body[ENDPOINTS[entity as usize].key].as_array();
    rows.expect("an array").clone()
}

/// All rows of a list with what its pages show, archived and deleted ones too.
fn all(books: &Fixture, entity: Entity) -> Vec<Value> {
    listed(books, entity, &[])
}

/// The rows that a query selects.
fn listed(books: &Fixture, entity: Entity, query: &[(&str, &str)]) -> Vec<Value> {
    let everything = [
        ("page", "1"),
        ("pageSize", "1000"),
        ("includeArchived", "true"),
        ("includeDeleted", "true"),
    ];
    rows(entity, &ask(books, entity, &[&everything, query].concat()))
}

/// The value at a path such as `Contact.Name`, null where there is none.
fn value<'v>(row: &'v Value, path: &str) -> &'v Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    row.pointer(&pointer).unwrap_or(&Value::Null)
}

/// A date as milliseconds.
fn moment(value: &Value) -> Option<i64> {
    let text = value.as_str()?.strip_prefix("/Date(")?;
    let digits = text.strip_suffix(")/")?;
    digits.strip_suffix("+0000").unwrap_or(digits).parse().ok()
}
