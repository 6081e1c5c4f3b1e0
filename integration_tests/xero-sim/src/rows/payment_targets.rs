//! Which invoice, credit note, prepayment or overpayment each payment pays.

use super::{Books, Row, draw};
use crate::entity::Entity;

/// The most payments that a document shows.
const MOST_SHOWN: usize = 3;

/// The table that holds what a payment pays.
pub(super) fn target(payment: &Row) -> Entity {
    match (payment.seed >> 16) % 50 {
        0..=2 => Entity::CreditNotes,
        3 => Entity::Prepayments,
        4 => Entity::Overpayments,
        _ => Entity::Invoices,
    }
}

/// What a payment pays: the row of its own number, counted round the table.
pub(super) fn paid(payment: &Row, books: &dyn Books) -> Row {
    let entity = target(payment);
    let turn = books.named(entity).max(1);
    draw::numbered(books, entity, (payment.number - 1) % turn + 1)
}

/// The table and the number of what a payment pays, if it is there.
pub(crate) fn paid_number(payment: &Row, books: &dyn Books) -> Option<(Entity, u64)> {
    let (entity, paid) = (target(payment), paid(payment, books));
    let is_there = books.rows(entity).iter().any(|row| row.id == paid.id);
    is_there.then_some((entity, paid.number))
}

/// The payments that pay a row of a table and still stand.
pub(super) fn standing(entity: Entity, row: &Row, books: &dyn Books) -> Vec<Row> {
    let first = draw::position(row);
    let (turn, turns) = match books.named(entity) as usize {
        0 => (1, 1),
        last if first >= last => (1, 0),
        last => (last, MOST_SHOWN),
    };
    (0..turns)
        .filter_map(|at| draw::at(books, Entity::Payments, first + at * turn))
        .filter(|payment| payment.status == "AUTHORISED" && target(payment) == entity)
        .collect()
}

/// Whether the invoice of a number is paid in part.
pub(crate) fn is_part_paid(number: u64, books: &dyn Books) -> bool {
    let mut invoices = books.rows(Entity::Invoices).iter();
    let invoice = invoices.find(|row| row.number == number);
    invoice.is_some_and(|invoice| {
        invoice.status == "AUTHORISED" && !standing(Entity::Invoices, invoice, books).is_empty()
    })
}
