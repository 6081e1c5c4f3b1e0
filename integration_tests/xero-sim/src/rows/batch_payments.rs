//! Batch payments: up to ten payments under one line of the bank statement.

use super::accounts;
use super::chart_of_accounts;
use super::document_kind::Side;
use super::draw::{self, Aspect, Versioned};
use super::payment_amounts::Paid;
use super::payment_targets;
use super::sample_texts::REFERENCES;
use super::{Books, Row, View, common_fields, currencies};
use crate::entity::Entity;
use crate::json::Json;

/// The most payments that a batch is made of.
const MOST: usize = 10;

/// How many payments a batch is made from: those of batch b begin at b times as many.
fn window(books: &dyn Books) -> usize {
    let [payments, batches] =
        [Entity::Payments, Entity::BatchPayments].map(|entity| books.named(entity) as usize);
    let fair = payments.checked_div(batches).unwrap_or(MOST);
    if payments == 0 {
        MOST
    } else {
        fair.clamp(1, MOST)
    }
}

/// The batch that a payment is part of, if any.
pub(super) fn of(payment: &Row, books: &dyn Books) -> Option<Row> {
    let position = draw::position(payment);
    let batch = draw::at(books, Entity::BatchPayments, position / window(books))?;
    holds(side(&batch, books), position, payment, books).then_some(batch)
}

/// A batch goes one way, that of its first payment: it pays bills or receives for invoices.
fn side(batch: &Row, books: &dyn Books) -> Side {
    let first = draw::position(batch) * window(books);
    let payment = draw::at(books, Entity::Payments, first);
    payment.map_or(Side::Sales, |payment| {
        Side::of(&payment_targets::paid(&payment, books))
    })
}

/// Of each window the first payment is in the batch, then every second or so.
fn holds(side: Side, position: usize, payment: &Row, books: &dyn Books) -> bool {
    let chosen = position.is_multiple_of(window(books)) || (payment.seed >> 24) & 1 == 0;
    chosen
        && payment_targets::target(payment) == Entity::Invoices
        && Side::of(&payment_targets::paid(payment, books)) == side
}

fn members(batch: &Row, books: &dyn Books) -> impl Iterator<Item = Row> {
    let (side, window) = (side(batch, books), window(books));
    let first = draw::position(batch) * window;
    (first..first + window).filter_map(move |position| {
        let payment = draw::at(books, Entity::Payments, position)?;
        holds(side, position, &payment, books).then_some(payment)
    })
}

/// The sum in the currency of the books, that of the bank account.
fn total(batch: &Row, view: View<'_>) -> i64 {
    members(batch, view.books)
        .map(|payment| Paid::of(&payment, view).bank_amount)
        .sum()
}

/// The bank account of a batch.
pub(super) fn account(batch: &Row, books: &dyn Books) -> Row {
    let mut rng = draw::rng_of(batch, Aspect::Links);
    accounts::any(books, chart_of_accounts::BANK, &mut rng)
}

/// Writes a batch inside a payment or a bank transaction, where its sum and its flag are
/// strings and the date's companion is the beginning of time.
pub(super) fn write_nested(batch: &Row, view: View<'_>, out: &mut Json) {
    out.key("BatchPayment").open_object();
    out.key("Account").open_object();
    out.key("AccountID").guid(account(batch, view.books).id);
    out.close_object();
    out.key("BatchPaymentID").guid(batch.id);
    out.key("DateString").date_string(0);
    write_common(batch, view, out);
    let decimals = currencies::base(view.books).decimals;
    out.key("TotalAmount")
        .decimal_string(total(batch, view), decimals);
    common_fields::updated(batch, out);
    out.key("IsReconciled").string("false");
    out.close_object();
}

fn write_common(batch: &Row, view: View<'_>, out: &mut Json) {
    out.key("Date").date(common_fields::midnight(batch.created));
    out.key("Type")
        .string(side(batch, view.books).choose("RECBATCH", "PAYBATCH"));
    out.key("Status").string(batch.status);
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Head);
    let base = currencies::base(view.books);
    out.key("Account").open_object();
    out.key("AccountID").guid(account(row, view.books).id);
    out.key("CurrencyCode").string(base.code);
    out.close_object();
    out.key("Reference")
        .display(Versioned(draw::one_of(&mut rng, REFERENCES), row.version));
    if side(row, view.books) == Side::Purchases {
        out.key("Particulars").string("Utu");
        out.key("Code").string("B/7");
        out.key("Details").string("Monthly run");
        out.key("Narrative").string("Suppliers \"net 20\"");
    }
    out.key("BatchPaymentID").guid(row.id);
    out.key("DateString")
        .date_string(common_fields::midnight(row.created));
    write_common(row, view, out);
    out.key("Payments").open_array();
    let mut sum = 0;
    for payment in members(row, view.books) {
        let paid = Paid::of(&payment, view);
        sum += paid.bank_amount;
        out.open_object();
        paid.write_of_batch(out);
        out.key("PaymentID").guid(payment.id);
        out.key("BankAmount")
            .decimal(paid.bank_amount, base.decimals);
        out.close_object();
    }
    out.close_array();
    out.key("TotalAmount").decimal(sum, base.decimals);
    common_fields::updated(row, out);
    out.key("IsReconciled").bool(rng.bool());
}
