//! What documents post by themselves: invoices and documents of credit, bank transactions, transfers,
//! manual journals, expense claims, wages, and the balances that contacts brought over.

use super::entry::{Bases, Entry, EntryLine};
use super::parts::post_all;
use super::{Row, View, chart_of_accounts};
use crate::books::BROUGHT_OVER;
use crate::entity::Entity;
use crate::rows::bank_transfers::Transfer;
use crate::rows::credit_documents::{self, credit_note_type};
use crate::rows::document::Document;
use crate::rows::document_kind::Side;
use crate::rows::draw::{self, Aspect, Versioned};
use crate::rows::expense_claims::{self, ClaimPayment};
use crate::rows::sample_texts::REFERENCES;
use crate::rows::{
    Books, bank_transactions, bank_transfers, common_fields, currencies, invoice_stub,
    manual_journals, receipts,
};

/// An amount of a document in the books' currency.
pub(super) fn in_base(amount: i64, document: &Document<'_>, books: &dyn Books) -> i64 {
    currencies::in_base(amount, document.currency, document.rate, books)
}

/// The reference of a document, as its lists show it.
fn reference(row: &Row) -> Versioned<&'static str> {
    let mut rng = draw::rng_of(row, Aspect::Extras);
    Versioned(draw::one_of(&mut rng, REFERENCES), row.version)
}

fn entry_of(
    entity: Entity,
    row: &Row,
    kind: &'static str,
    bases: Bases,
    document: &Document<'_>,
) -> Entry {
    Entry {
        date: document.date,
        reference: reference(row),
        contact: Some(document.contact.id),
        ..Entry::new((entity, row.number), (kind, row.id), bases)
    }
}

/// An invoice or a bill: what is owed against its lines.
pub(super) fn invoice(row: &Row, view: View<'_>) -> Option<Entry> {
    let document = invoice_stub::document(row, view);
    let kind = invoice_stub::kind(row);
    let mut entry = entry_of(Entity::Invoices, row, kind, Bases::Accrual, &document);
    owe(&mut entry, row, &document, view.books, 1);
    entry.rounded()
}

/// A credit note: the opposite of an invoice.
pub(super) fn credit_note(row: &Row, view: View<'_>) -> Option<Entry> {
    let document = credit_documents::document(Entity::CreditNotes, row, view);
    let kind = credit_note_type(row);
    let mut entry = entry_of(Entity::CreditNotes, row, kind, Bases::Accrual, &document);
    owe(&mut entry, row, &document, view.books, -1);
    entry.rounded()
}

fn owe(entry: &mut Entry, row: &Row, document: &Document<'_>, books: &dyn Books, sign: i64) {
    let side = Side::of(row);
    let sign = sign * side.choose(1, -1);
    let total = in_base(document.total, document, books);
    entry.post(chart_of_accounts::control(side), sign * total);
    post_all(entry, document, books, -sign);
}

/// A prepayment or an overpayment: money that the contact is credited with. On the cash basis its
/// lines count at once.
pub(super) fn money_ahead(entity: Entity, row: &Row, view: View<'_>) -> Vec<Entry> {
    let books = view.books;
    let document = credit_documents::document(entity, row, view);
    let side = Side::of(row);
    let sign = side.choose(1, -1);
    let Some(transaction) = books.made_for((entity, row.number)).first() else {
        return Vec::new();
    };
    let transaction = draw::row(books, *transaction);
    let bank = bank_transactions::bank_account(&transaction, books).number;
    let kind = ahead_type(entity, row);
    let entry = |bases| {
        let mut entry = entry_of(entity, row, kind, bases, &document);
        entry.post(bank, sign * in_base(document.total, &document, books));
        entry
    };
    let counted = |bases| {
        let mut entry = entry(bases);
        post_all(&mut entry, &document, books, -sign);
        entry.rounded()
    };
    let entries = match entity {
        // Its line is on the account of what contacts owe.
        Entity::Overpayments => [counted(Bases::Both), None],
        _ => {
            let control = chart_of_accounts::control(side);
            let owed = entry(Bases::Accrual).closed_with(control);
            [owed, counted(Bases::Cash)]
        }
    };
    entries.into_iter().flatten().collect()
}

/// Xero's SourceType of prepayments and overpayments.
pub(super) fn ahead_type(entity: Entity, row: &Row) -> &'static str {
    match entity {
        Entity::Prepayments => Side::of(row).choose("ARPREPAYMENT", "APPREPAYMENT"),
        _ => Side::of(row).choose("AROVERPAYMENT", "APOVERPAYMENT"),
    }
}

fn move_money(
    entry: &mut Entry,
    bank: u64,
    side: Side,
    document: &Document<'_>,
    books: &dyn Books,
) {
    let sign = side.choose(1, -1);
    entry.post(bank, sign * in_base(document.total, document, books));
    post_all(entry, document, books, -sign);
}

/// A bank transaction of its own. The bank's side of another document posts nothing.
pub(super) fn bank_transaction(row: &Row, view: View<'_>) -> Option<Entry> {
    if row.of.is_some() {
        return None;
    }
    let document = bank_transactions::document(row, view);
    let side = Side::of(row);
    let kind = side.choose("CASHREC", "CASHPAID");
    let bank = bank_transactions::bank_account(row, view.books).number;
    let mut entry = Entry {
        reference: bank_transactions::reference(row),
        ..entry_of(Entity::BankTransactions, row, kind, Bases::Both, &document)
    };
    move_money(&mut entry, bank, side, &document, view.books);
    entry.rounded()
}

/// Money moved between bank accounts.
pub(super) fn bank_transfer(row: &Row) -> Option<Entry> {
    let Transfer { from, to, amount } = Transfer::of(row);
    let source = ("TRANSFER", row.id);
    let mut entry = Entry {
        date: common_fields::midnight(bank_transfers::date(row)),
        reference: bank_transfers::reference(row),
        ..Entry::new((Entity::BankTransfers, row.number), source, Bases::Both)
    };
    entry.post(to, amount);
    entry.closed_with(from)
}

/// A manual journal. It says itself whether it counts on a cash basis.
pub(super) fn manual_journal(row: &Row, view: View<'_>) -> Option<Entry> {
    let bases = match manual_journals::is_cash_basis(row) {
        true => Bases::Both,
        false => Bases::Accrual,
    };
    let drawn = manual_journals::Draw::of(row, view);
    let source = ("MANJOURNAL", row.id);
    let mut entry = Entry {
        date: common_fields::midnight(row.created),
        reference: Versioned(drawn.narration, row.version),
        ..Entry::new((Entity::ManualJournals, row.number), source, bases)
    };
    for line in drawn.lines {
        let mut tracking = line.tracking.into_iter();
        entry.post_line(EntryLine {
            account: line.account.number,
            net: line.amount,
            tax: None,
            description: line.description,
            tracking: [tracking.next(), tracking.next()],
        });
    }
    entry.rounded()
}

/// An expense claim, and its payment.
pub(super) fn expense_claim(row: &Row, view: View<'_>) -> Vec<Entry> {
    let books = view.books;
    let key = (Entity::ExpenseClaims, row.number);
    let receipts: Vec<_> = expense_claims::receipts_of(row, books)
        .map(|receipt| receipts::document(&receipt, view))
        .collect();
    let total: i64 = receipts.iter().map(|it| in_base(it.total, it, books)).sum();
    let entry = |source, bases, date, part, against, net: i64| {
        let mut entry = Entry {
            date,
            part,
            reference: Versioned("", row.version),
            ..Entry::new(key, source, bases)
        };
        entry.post(against, net);
        entry
    };
    let spent = |mut entry: Entry| {
        for receipt in &receipts {
            post_all(&mut entry, receipt, books, 1);
        }
        entry.rounded()
    };
    let unpaid = chart_of_accounts::UNPAID_CLAIMS;
    let day = expense_claims::day(row);
    let claim = ("EXPCLAIM", row.id);
    let mut entries = vec![spent(entry(claim, Bases::Accrual, day, 0, unpaid, -total))];
    if let Some(payment) = ClaimPayment::of(row, books) {
        let (bank, source) = (payment.account.number, ("EXPPAYMENT", payment.id));
        let paid = entry(source, Bases::Accrual, payment.date, 1, bank, -total);
        entries.push(paid.closed_with(unpaid));
        entries.push(spent(entry(
            source,
            Bases::Cash,
            payment.date,
            1,
            bank,
            -total,
        )));
    }
    entries.into_iter().flatten().collect()
}

/// Wages, which no list of the Accounting API shows: a payslip, or one journal in three the wages
/// that were paid.
pub(super) fn wages(row: &Row) -> Option<Entry> {
    let mut rng = draw::rng_of(row, Aspect::Head);
    let gross = rng.i64(100_000..900_000);
    let tax = gross / 5;
    let is_paid = row.seed.is_multiple_of(3);
    let (kind, bases) = match is_paid {
        true => ("WAGEPAYABLE", Bases::Both),
        false => ("PAYSLIP", Bases::Accrual),
    };
    let mut entry = Entry {
        date: common_fields::midnight(row.created),
        reference: Versioned(draw::one_of(&mut rng, REFERENCES), 1),
        ..Entry::new((Entity::Journals, row.number), (kind, row.id), bases)
    };
    if is_paid {
        entry.post(chart_of_accounts::WAGES_PAYABLE, gross - tax);
        return entry.closed_with(rng.u64(chart_of_accounts::BANK));
    }
    let office = rng.i64(1..gross);
    entry.post(chart_of_accounts::SALARIES, office);
    entry.post(chart_of_accounts::DIRECT_WAGES, gross - office);
    entry.post(chart_of_accounts::PAYE, -tax);
    entry.closed_with(chart_of_accounts::WAGES_PAYABLE)
}

/// What a contact brought over from an older system.
pub(super) fn brought_over(contact: &Row) -> Option<Entry> {
    let amount = BROUGHT_OVER * i64::from(contact.silent_edits);
    let key = (Entity::Contacts, contact.number);
    let mut entry = Entry {
        date: common_fields::midnight(contact.created),
        contact: Some(contact.id),
        source: None,
        ..Entry::new(key, ("", 0), Bases::Accrual)
    };
    entry.post(chart_of_accounts::RECEIVABLE, amount);
    entry.post(chart_of_accounts::PAYABLE, -amount);
    entry.closed_with(chart_of_accounts::HISTORICAL)
}
