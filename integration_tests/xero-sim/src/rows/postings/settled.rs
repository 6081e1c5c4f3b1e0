//! What payments post, and the credit that is used for invoices.

use super::documents::{ahead_type, in_base};
use super::entry::{Bases, Entry};
use super::parts::post_share;
use super::{Books, Row, View, chart_of_accounts};
use crate::entity::Entity;
use crate::rows::credit_documents::credit_note_type;
use crate::rows::document::Document;
use crate::rows::document_kind::Side;
use crate::rows::payment_amounts::{self, Paid, document_of};
use crate::rows::settlements::{Part, Settlement};
use crate::rows::{draw, payments};

/// The value of a part of a document's total in the books' currency.
fn value_of((from, to): Part, document: &Document<'_>, books: &dyn Books) -> i64 {
    in_base(to, document, books) - in_base(from, document, books)
}

/// A payment. On the accrual basis it settles what is owed, on the cash basis it posts the lines that
/// it pays. The rate may have changed since the document.
pub(super) fn payment(row: &Row, view: View<'_>) -> Vec<Entry> {
    let books = view.books;
    let key = (Entity::Payments, row.number);
    let Some(settlement) = books.settlements().of_payment(key) else {
        return Vec::new();
    };
    let paid = Paid::of(row, view);
    let side = Side::of(&paid.row);
    let kind = match paid.entity {
        Entity::Invoices => side.choose("ACCRECPAYMENT", "ACCPAYPAYMENT"),
        Entity::CreditNotes => side.choose("ARCREDITPAYMENT", "APCREDITPAYMENT"),
        credit => ahead_type(credit, &paid.row),
    };
    // Credit is paid back.
    let direction = if paid.entity == Entity::Invoices {
        1
    } else {
        -1
    };
    let sign = direction * side.choose(1, -1);
    let document = &paid.document;
    let covered = books.settlements().part(settlement, settlement.of);
    let value = value_of(covered, document, books);
    let bank = payments::account(row, books).number;
    let entry = |bases| {
        let mut entry = Entry {
            date: paid.date,
            reference: payment_amounts::reference(row),
            contact: Some(document.contact.id),
            ..Entry::new(key, (kind, row.id), bases)
        };
        entry.post(bank, sign * paid.bank_amount);
        entry
    };
    let of_lines = |bases| {
        let mut entry = entry(bases);
        post_share(&mut entry, document, covered, books, -sign);
        let gain = paid.bank_amount - value;
        entry.post(chart_of_accounts::REALISED_GAINS, -sign * gain);
        entry.rounded()
    };
    let entries = match paid.entity {
        // Its line is on the account of what contacts owe.
        Entity::Overpayments => [of_lines(Bases::Both), None],
        _ => {
            let mut owed = entry(Bases::Accrual);
            owed.post(chart_of_accounts::control(side), -sign * value);
            let owed = owed.closed_with(chart_of_accounts::REALISED_GAINS);
            [owed, of_lines(Bases::Cash)]
        }
    };
    entries.into_iter().flatten().collect()
}

/// The use of a document's credit for invoices. On the accrual basis, the credit has reduced what is
/// owed already, so only a change of the rate is left; on the cash basis, the lines of both count now.
pub(super) fn allocations(entity: Entity, row: &Row, view: View<'_>) -> Vec<Entry> {
    let settlements = view.books.settlements().by((entity, row.number));
    let entries = settlements.flat_map(|settlement| allocation(entity, row, settlement, view));
    entries.collect()
}

fn allocation(
    entity: Entity,
    row: &Row,
    settlement: &Settlement,
    view: View<'_>,
) -> impl Iterator<Item = Entry> + use<> {
    let books = view.books;
    let credit = document_of(entity, row, view);
    let invoice = draw::row(books, settlement.of);
    let invoice = document_of(settlement.of.0, &invoice, view);
    let side = Side::of(row);
    let sign = side.choose(1, -1);
    let control = chart_of_accounts::control(side);
    let covers = books.settlements().part(settlement, settlement.of);
    let uses = books.settlements().part(settlement, settlement.by);
    let taken = value_of(covers, &invoice, books);
    let used = value_of(uses, &credit, books);
    let kind = match entity {
        Entity::CreditNotes => credit_note_type(row),
        _ => ahead_type(entity, row),
    };
    let entry = |bases| Entry {
        date: settlement.date,
        part: settlement.id,
        contact: Some(credit.contact.id),
        ..Entry::new((entity, row.number), (kind, row.id), bases)
    };
    let gain = |mut entry: Entry| {
        entry.post(chart_of_accounts::REALISED_GAINS, sign * (taken - used));
        entry.rounded()
    };
    let mut owed = entry(Bases::Accrual);
    owed.post(control, sign * (used - taken));
    let mut counted = entry(Bases::Cash);
    post_share(&mut counted, &invoice, covers, books, -sign);
    post_share(&mut counted, &credit, uses, books, sign);
    [gain(owed), gain(counted)].into_iter().flatten()
}
