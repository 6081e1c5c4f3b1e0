//! Documents that are to be paid, and credit that is to be used, for whoever asks who owes what.

use super::{Books, Row, View, view};
use crate::books::{Item, Owes, Owing, day_of};
use crate::entity::Entity;
use crate::rows::credit_documents::CreditNoteNumber;
use crate::rows::currencies;
use crate::rows::document_kind::Side;
use crate::rows::invoice_stub::{self, InvoiceNumber};
use crate::rows::payment_amounts::document_of;
use crate::rows::settle::SETTLED;

/// All documents that contacts owe or are owed for.
pub(crate) fn items(books: &dyn Books) -> impl Iterator<Item = Item> {
    SETTLED.into_iter().flat_map(move |entity| {
        let rows = books.rows(entity).iter().filter(|row| row.stands());
        rows.map(move |row| item(entity, row, view(books)))
    })
}

/// What is open with each contact, without what was brought over.
pub(crate) fn owing(books: &dyn Books) -> Owing {
    Owing::of(items(books))
}

fn item(entity: Entity, row: &Row, view: View<'_>) -> Item {
    let (books, key) = (view.books, (entity, row.number));
    let document = document_of(entity, row, view);
    let in_base =
        |amount| currencies::in_base(amount, document.currency, document.rate, view.books);
    let is_invoice = entity == Entity::Invoices;
    let sign = if is_invoice { 1 } else { -1 };
    let taken = |is_payment: bool| {
        let with = books.settlements().with(key).filter(|it| it.stands);
        let taken = with.filter(|it| it.is_payment() == is_payment);
        let values = taken.map(|it| {
            let (from, to) = books.settlements().part(it, key);
            (day_of(it.date), sign * (in_base(to) - in_base(from)))
        });
        values.collect()
    };
    Item {
        owes: Side::of(row).choose(Owes::Customer, Owes::Organisation),
        contact: document.contact.id,
        id: row.id,
        label: match entity {
            Entity::Invoices => InvoiceNumber(row).to_string(),
            Entity::CreditNotes => CreditNoteNumber(row).to_string(),
            _ => String::new(),
        },
        date: day_of(document.date),
        due: day_of(match is_invoice {
            true => invoice_stub::due(row, document.date),
            false => document.date,
        }),
        total: sign * in_base(document.total),
        paid: taken(true),
        credited: taken(false),
    }
}
