//! Payments.

use super::accounts::{self, AccountCode};
use super::document::Document;
use super::document_kind::Side;
use super::draw::{self, Aspect, Versioned};
use super::invoice_settlement::Settlement;
use super::sample_texts::REFERENCES;
use super::{
    Books, Row, View, batch_payments, chart_of_accounts, contacts, credit_notes, currencies,
};
use super::{common_fields, credits, invoices};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// A payment of credit pays back a tenth of it.
const CREDIT_PARTS: i64 = 10;
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

/// The day of a payment, never before that of what it pays.
pub(super) fn day(payment: &Row, document: &Document<'_>) -> Millis {
    common_fields::midnight(payment.created).max(document.date)
}

/// The rate of the day on which a payment came, which is not that of what it pays.
pub(super) fn rate(payment: &Row, document: &Document<'_>, books: &dyn Books) -> i64 {
    let mut rng = draw::rng_of(payment, Aspect::Terms);
    currencies::rate(document.currency, books, &mut rng)
}

/// What a payment of an amount is in the currency of the bank account, that of the books.
pub(super) fn bank_amount(
    payment: &Row,
    amount: i64,
    document: &Document<'_>,
    books: &dyn Books,
) -> i64 {
    let rate = rate(payment, document, books);
    currencies::in_base(amount, document.currency, rate, books)
}

/// The account that the money goes through: its batch's, if it is part of one.
pub(super) fn account(payment: &Row, books: &dyn Books) -> Row {
    match batch_payments::of(payment, books) {
        Some(batch) => batch_payments::account(&batch, books),
        None => accounts::any(
            books,
            chart_of_accounts::BANK,
            &mut draw::rng_of(payment, Aspect::Links),
        ),
    }
}

/// What each payment of a document of credit pays back of it.
pub(super) fn part_of_credit(document: &Document<'_>) -> i64 {
    document.total / CREDIT_PARTS
}

/// A payment with what it pays and how much of it.
pub(super) struct Paid<'a> {
    /// The invoice or whatever is paid.
    row: Row,
    document: Document<'a>,
    amount: i64,
    /// The amount in the bank account's currency, that of the books.
    pub(super) bank_amount: i64,
}

impl<'a> Paid<'a> {
    pub(super) fn of(payment: &Row, view: View<'a>) -> Self {
        let row = paid(payment, view.books);
        let document = match target(payment) {
            Entity::Invoices => invoices::document(&row, view),
            credit => credits::document(credit, &row, view),
        };
        let amount = match target(payment) {
            Entity::Invoices => {
                let settlement = Settlement::of(&row, document.total, view.books);
                settlement.part(payment, document.total)
            }
            _ => part_of_credit(&document),
        };
        let bank_amount = bank_amount(payment, amount, &document, view.books);
        Self {
            row,
            document,
            amount,
            bank_amount,
        }
    }

    /// Writes the invoice and the amount as part of an element of a batch's `Payments`.
    pub(super) fn write_of_batch(&self, out: &mut Json) {
        out.key("Invoice").open_object();
        out.key("InvoiceID").guid(self.row.id);
        out.key("CurrencyCode").string(self.document.currency.code);
        invoices::write_unfilled(out);
        out.close_object();
        self.document.amount("Amount", self.amount, out);
    }
}

/// Writes a payment as an element of `Payments` of what it pays.
pub(super) fn write_of_document(
    payment: &Row,
    amount: i64,
    document: &Document<'_>,
    books: &dyn Books,
    out: &mut Json,
) {
    out.open_object();
    out.key("PaymentID").guid(payment.id);
    out.key("Date").date(day(payment, document));
    document.amount("Amount", amount, out);
    write_reference(payment, out);
    currencies::write_rate(rate(payment, document, books), out);
    out.key("HasAccount").bool(false);
    out.key("HasValidationErrors").bool(false);
    out.close_object();
}

/// What the payments of a document of credit pay back.
pub(super) fn paid_back(payments: &[Row], document: &Document<'_>) -> i64 {
    payments.len() as i64 * part_of_credit(document)
}

/// Writes `Payments` of a document of credit.
pub(super) fn write_of_credit(
    payments: &[Row],
    document: &Document<'_>,
    books: &dyn Books,
    out: &mut Json,
) {
    out.key("Payments").open_array();
    for payment in payments {
        write_of_document(payment, part_of_credit(document), document, books, out);
    }
    out.close_array();
}

fn write_reference(payment: &Row, out: &mut Json) {
    let mut rng = draw::rng_of(payment, Aspect::Head);
    let reference = draw::one_of(&mut rng, REFERENCES);
    out.key("Reference")
        .display(Versioned(reference, payment.version));
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let paid = Paid::of(row, view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    let batch = batch_payments::of(row, view.books);
    out.key("PaymentID").guid(row.id);
    if let Some(batch) = &batch {
        out.key("BatchPaymentID").guid(batch.id);
        batch_payments::write_nested(batch, view, out);
    }
    out.key("Date").date(day(row, &paid.document));
    let decimals = currencies::base(view.books).decimals;
    out.key("BankAmount").decimal(paid.bank_amount, decimals);
    paid.document.amount("Amount", paid.amount, out);
    write_reference(row, out);
    currencies::write_rate(rate(row, &paid.document, view.books), out);
    out.key("PaymentType").string(payment_type(row, &paid));
    out.key("Status").string(row.status);
    common_fields::updated_twice(row, out);
    out.key("HasAccount").bool(true);
    out.key("IsReconciled").bool(rng.bool());
    if draw::one_in(&mut rng, 10) {
        out.key("BankAccountNumber").string("01-0123-0123456-00");
        out.key("Particulars").string("Rārangi/1");
        out.key("Code").string("A1");
        out.key("Details").string("");
    }
    write_account(&account(row, view.books), view, out);
    write_paid(row, &paid, view, out);
    out.key("HasValidationErrors").bool(false);
}

fn write_account(account: &Row, view: View<'_>, out: &mut Json) {
    if view.is_single() {
        accounts::write_stub("Account", account, out);
        return;
    }
    out.key("Account").open_object();
    out.key("AccountID").guid(account.id);
    out.key("Code").display(AccountCode(account));
    out.close_object();
}

fn payment_type(payment: &Row, paid: &Paid<'_>) -> &'static str {
    let side = Side::of(&paid.row);
    match target(payment) {
        Entity::CreditNotes => side.choose("ARCREDITPAYMENT", "APCREDITPAYMENT"),
        Entity::Prepayments => side.choose("ARPREPAYMENTPAYMENT", "APPREPAYMENTPAYMENT"),
        Entity::Overpayments => side.choose("AROVERPAYMENTPAYMENT", "APOVERPAYMENTPAYMENT"),
        _ => side.choose("ACCRECPAYMENT", "ACCPAYPAYMENT"),
    }
}

/// Writes what is paid: trimmed in lists, in full when the payment was fetched by its id.
/// Credit notes, too, appear under `Invoice`.
fn write_paid(payment: &Row, paid: &Paid<'_>, view: View<'_>, out: &mut Json) {
    match target(payment) {
        Entity::Prepayments => write_prepaid("Prepayment", "PrepaymentID", paid, out),
        Entity::Overpayments => write_prepaid("Overpayment", "OverpaymentID", paid, out),
        Entity::Invoices if view.is_single() => {
            out.key("Invoice").open_object();
            invoices::render(&paid.row, view, out);
            out.close_object();
        }
        entity => {
            let credit = entity == Entity::CreditNotes;
            out.key("Invoice").open_object();
            out.key("Type").string(if credit {
                credit_notes::kind(&paid.row)
            } else {
                invoices::kind(&paid.row)
            });
            out.key("InvoiceID").guid(paid.row.id);
            if credit {
                let number = credit_notes::CreditNoteNumber(&paid.row);
                out.key("InvoiceNumber").display(number);
            } else {
                let number = invoices::InvoiceNumber(&paid.row);
                out.key("InvoiceNumber").display(number);
            }
            invoices::write_unfilled(out);
            contacts::write_stub(&paid.document.contact, out);
            out.key("CurrencyCode").string(paid.document.currency.code);
            out.close_object();
        }
    }
}

fn write_prepaid(key: &str, id: &str, paid: &Paid<'_>, out: &mut Json) {
    out.key(key).open_object();
    out.key(id).guid(paid.row.id);
    out.key("ID").guid(paid.row.id);
    contacts::write_stub(&paid.document.contact, out);
    out.key("CurrencyCode").string(paid.document.currency.code);
    common_fields::empty(&["LineItems", "Allocations", "Payments"], out);
    out.close_object();
}
