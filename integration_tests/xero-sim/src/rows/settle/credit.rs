//! Finds the invoices for which credit is used.

use std::collections::HashMap;

use super::open::OpenDocuments;
use super::{CREDIT, Fresh, History};
use crate::entity::Entity;
use crate::rows::common_fields::midnight;
use crate::rows::document_kind::Side;
use crate::rows::settlements::Settlement;
use crate::rows::{DocumentKey, Row, draw};

/// The most documents of credit that are used for one invoice.
const MOST: usize = 2;

/// The invoice of each document of credit: the latest before it of its side that can take more. Every
/// second invoice takes credit, so that payments find open ones.
pub(super) fn origins(
    fresh: &Fresh<'_>,
    is_free: impl Fn(&Row) -> bool,
) -> Vec<(DocumentKey, DocumentKey)> {
    let takes_credit = |row: &&Row| row.stands() && is_free(row) && row.number.is_multiple_of(2);
    let invoices = fresh.rows(Entity::Invoices).iter().filter(takes_credit);
    let (sales, purchases): (Vec<&Row>, Vec<&Row>) =
        invoices.partition(|row| Side::of(row) == Side::Sales);
    let mut pools = [Pool::of(sales), Pool::of(purchases)];
    let credit = CREDIT.into_iter().flat_map(|entity| {
        let rows = fresh.rows(entity).iter().filter(|row| row.stands());
        rows.map(move |row| (entity, row))
    });
    let mut credit: Vec<_> = credit.filter(|(_, row)| row.of.is_none()).collect();
    // The tables take turns, because there may be fewer invoices than credit.
    credit.sort_by_key(|(entity, row)| (row.number, *entity));
    let origins = credit.into_iter().filter_map(|(entity, row)| {
        let pool = &mut pools[usize::from(Side::of(row) == Side::Purchases)];
        let invoice = pool.invoice_for(row)?;
        Some(((entity, row.number), (Entity::Invoices, invoice)))
    });
    origins.collect()
}

/// The invoices of a side that take credit.
struct Pool<'a> {
    invoices: Vec<&'a Row>,
    uses: HashMap<u64, usize>,
}

impl<'a> Pool<'a> {
    fn of(invoices: Vec<&'a Row>) -> Self {
        Self {
            invoices,
            uses: HashMap::new(),
        }
    }

    fn invoice_for(&mut self, credit: &Row) -> Option<u64> {
        let earlier = self
            .invoices
            .partition_point(|row| row.created <= credit.created);
        // A few of the neighbours are enough: most have room.
        let near = self.invoices[..earlier].iter().rev().take(8);
        let mut near = near.chain(self.invoices[earlier..].iter().take(8));
        let uses = &self.uses;
        let has_room = |row: &&&Row| uses.get(&row.number).is_none_or(|used| *used < MOST);
        let number = near.find(has_room)?.number;
        *self.uses.entry(number).or_default() += 1;
        Some(number)
    }
}

/// Uses the credit: all of it if it became `PAID` and the invoice can take as much, a third or nothing
/// if it did not.
pub(super) fn allocate(fresh: &Fresh<'_>, open: &mut OpenDocuments, history: &mut History) {
    for entity in CREDIT {
        for row in fresh.rows(entity).iter().filter(|row| row.stands()) {
            let Some(invoice @ (Entity::Invoices, _)) = row.of else {
                continue;
            };
            let key = (entity, row.number);
            let wanted = match open.get(key) {
                Some(credit) if credit.becomes_paid => credit.rest(),
                Some(credit) if credit.draw().is_multiple_of(2) => credit.rest() / 3,
                _ => 0,
            };
            let Some(target) = open.get(invoice) else {
                continue;
            };
            let amount = wanted.min(target.rest());
            if amount <= 0 {
                continue;
            }
            let (made, dated) = (target.created.max(row.created), target.date);
            target.take(amount, made);
            let credit = open.get(key).expect("a document of credit that stands");
            credit.take(amount, made);
            history.settlements.push(Settlement {
                by: key,
                of: invoice,
                id: draw::child_id(row.id, 100),
                date: midnight(made).max(dated).max(credit.date),
                amount,
                stands: true,
            });
        }
    }
}
