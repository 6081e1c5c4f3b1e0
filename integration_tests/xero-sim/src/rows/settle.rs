//! The history of what settles what. Documents are made table by table, so the rows say only what
//! became of them; here the payments and the credit are found that made it so. A status that no row
//! can explain changes: an invoice that nothing pays is not `PAID`.

mod credit;
mod open;
mod payments;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::document_kind::Side;
use super::draw::{self, Aspect};
use super::linked_transactions;
use super::settlements::Settlement;
use super::{Books, DocumentKey, Row};
use crate::clock::Millis;
use crate::entity::Entity;

pub(super) use open::view;
pub(crate) use open::{can_share_a_batch, date_of, remaining, seed_beside};

/// The tables of documents whose credit can be used for invoices.
pub(crate) const CREDIT: [Entity; 3] = [
    Entity::CreditNotes,
    Entity::Prepayments,
    Entity::Overpayments,
];

/// The tables of documents that payments and credit settle.
pub(crate) const SETTLED: [Entity; 4] = [
    Entity::Invoices,
    Entity::CreditNotes,
    Entity::Prepayments,
    Entity::Overpayments,
];

/// The rows that the history does not cover yet: those after a number of each table.
pub(crate) struct Fresh<'a> {
    pub(crate) books: &'a dyn Books,
    pub(crate) settled: &'a BTreeMap<Entity, u64>,
}

impl<'a> Fresh<'a> {
    fn rows(&self, entity: Entity) -> &'a [Row] {
        let rows = self.books.rows(entity);
        let settled = self.settled.get(&entity).copied().unwrap_or_default();
        let first = rows.partition_point(|row| row.number <= settled);
        &rows[first..]
    }
}

/// What becomes of rows.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) settlements: Vec<Settlement>,
    /// Rows whose status or stamps differ from those that they were made with.
    pub(crate) changes: Vec<(DocumentKey, Change)>,
}

/// A row's status and stamps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) status: &'static str,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

/// Which rows were made from or for which: invoices from templates, and credit for invoices.
pub(crate) fn origins(fresh: &Fresh<'_>) -> Vec<(DocumentKey, DocumentKey)> {
    let mut origins = of_templates(fresh);
    let made: HashSet<DocumentKey> = origins.iter().map(|(made, _)| *made).collect();
    let is_free = |row: &Row| row.of.is_none() && !made.contains(&(Entity::Invoices, row.number));
    origins.extend(credit::origins(fresh, is_free));
    origins
}

/// One invoice in twenty is made from the newest template of its side.
fn of_templates(fresh: &Fresh<'_>) -> Vec<(DocumentKey, DocumentKey)> {
    let mut templates: Vec<&Row> = fresh.books.rows(Entity::RepeatingInvoices).iter().collect();
    templates.sort_by_key(|row| row.created);
    let is_made =
        |row: &&Row| row.of.is_none() && draw::one_in(&mut draw::rng_of(row, Aspect::Origin), 20);
    let invoices = fresh.rows(Entity::Invoices).iter().filter(is_made);
    let made = invoices.filter_map(|invoice| {
        let earlier = templates.partition_point(|row| row.created <= invoice.created);
        let mut earlier = templates[..earlier].iter().rev();
        let of_side =
            |row: &&&Row| row.status == "AUTHORISED" && Side::of(row) == Side::of(invoice);
        let template = earlier.find(of_side)?;
        let template = (Entity::RepeatingInvoices, template.number);
        Some(((Entity::Invoices, invoice.number), template))
    });
    made.collect()
}

/// Settles the rows that are new, once their origins are known.
pub(crate) fn settle(fresh: &Fresh<'_>) -> History {
    let mut open = open::OpenDocuments::of(fresh);
    let mut history = History::default();
    credit::allocate(fresh, &mut open, &mut history);
    payments::pay(fresh, &mut open, &mut history);
    history.changes.extend(open.into_changes());
    history
}

/// The statuses of linked transactions, once those of their documents are known.
pub(crate) fn linked_statuses(books: &dyn Books) -> HashMap<u64, &'static str> {
    let rows = books.rows(Entity::LinkedTransactions).iter();
    rows.map(|row| (row.number, linked_transactions::status(row, books)))
        .collect()
}
