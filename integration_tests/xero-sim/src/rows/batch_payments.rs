//! Batch payments: several payments under one line of the bank statement.

use super::accounts;
use super::chart_of_accounts;
use super::document_kind::Side;
use super::draw::{self, Aspect, Versioned};
use super::payment_amounts::Paid;
use super::sample_texts::REFERENCES;
use super::{Books, Row, View, common_fields, currencies};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// The batch that a payment is part of, if any.
pub(super) fn of(payment: &Row, books: &dyn Books) -> Option<Row> {
    let batch = draw::origin(payment, books);
    batch.map(|(_, batch)| batch)
}

fn payments(batch: &Row, books: &dyn Books) -> impl Iterator<Item = Row> {
    let payments = books.made_for((Entity::BatchPayments, batch.number)).iter();
    payments.map(|payment| draw::row(books, *payment))
}

/// What a batch shows of its payments.
struct Batch<'a> {
    payments: Vec<(Row, Paid<'a>)>,
    side: Side,
    date: Millis,
    /// The sum in the currency of the books, that of the bank account.
    total: i64,
}

impl<'a> Batch<'a> {
    fn of(batch: &Row, view: View<'a>) -> Self {
        let payments = payments(batch, view.books);
        let payments: Vec<_> = payments
            .map(|payment| (payment.clone(), Paid::of(&payment, view)))
            .collect();
        let first = payments.first().map(|(_, paid)| paid);
        Self {
            side: first.map_or(Side::Sales, |paid| Side::of(&paid.row)),
            date: first.map_or(common_fields::midnight(batch.created), |paid| paid.date),
            total: payments.iter().map(|(_, paid)| paid.bank_amount).sum(),
            payments,
        }
    }

    fn write_common(&self, batch: &Row, out: &mut Json) {
        out.key("Date").date(self.date);
        out.key("Type")
            .string(self.side.choose("RECBATCH", "PAYBATCH"));
        out.key("Status").string(batch.status);
    }
}

/// The bank account of a batch.
pub(super) fn account(batch: &Row, books: &dyn Books) -> Row {
    let mut rng = draw::rng_of(batch, Aspect::Links);
    accounts::any(books, chart_of_accounts::BANK, &mut rng)
}

/// Writes a batch inside a payment, where its sum and its flag are strings and the date's companion
/// is the beginning of time.
pub(super) fn write_nested(row: &Row, view: View<'_>, out: &mut Json) {
    let batch = Batch::of(row, view);
    out.key("BatchPayment").open_object();
    out.key("Account").open_object();
    out.key("AccountID").guid(account(row, view.books).id);
    out.close_object();
    out.key("BatchPaymentID").guid(row.id);
    out.key("DateString").date_string(0);
    batch.write_common(row, out);
    let decimals = currencies::base(view.books).decimals;
    out.key("TotalAmount").decimal_string(batch.total, decimals);
    common_fields::updated(row, out);
    out.key("IsReconciled").string("false");
    out.close_object();
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Head);
    let base = currencies::base(view.books);
    let batch = Batch::of(row, view);
    out.key("Account").open_object();
    out.key("AccountID").guid(account(row, view.books).id);
    out.key("CurrencyCode").string(base.code);
    out.close_object();
    out.key("Reference")
        .display(Versioned(draw::one_of(&mut rng, REFERENCES), row.version));
    if batch.side == Side::Purchases {
        out.key("Particulars").string("Utu");
        out.key("Code").string("B/7");
        out.key("Details").string("Monthly run");
        out.key("Narrative").string("Suppliers \"net 20\"");
    }
    out.key("BatchPaymentID").guid(row.id);
    out.key("DateString").date_string(batch.date);
    batch.write_common(row, out);
    out.key("Payments").open_array();
    for (payment, paid) in &batch.payments {
        out.open_object();
        paid.write_of_batch(out);
        out.key("PaymentID").guid(payment.id);
        out.key("BankAmount")
            .decimal(paid.bank_amount, base.decimals);
        out.close_object();
    }
    out.close_array();
    out.key("TotalAmount").decimal(batch.total, base.decimals);
    common_fields::updated(row, out);
    out.key("IsReconciled").bool(rng.bool());
}
