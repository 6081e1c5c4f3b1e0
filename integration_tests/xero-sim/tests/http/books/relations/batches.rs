//! Batch payments and the payments in them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::fields::{day, list, text};
use super::super::findings::prove;
use super::super::reader::name;

#[test]
fn a_batch_and_its_payments_name_each_other() {
    prove(|books, findings| {
        let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for payment in books.rows("payments") {
            let [flat, nested] =
                ["BatchPaymentID", "BatchPayment.BatchPaymentID"].map(|path| text(payment, path));
            findings.equal(flat, nested, || name("payments", payment));
            members
                .entry(flat)
                .or_default()
                .push(text(payment, "PaymentID"));
        }
        for batch in books.rows("batch_payments") {
            let id = text(batch, "BatchPaymentID");
            let inside = list(batch, "Payments").iter();
            let mut inside: Vec<_> = inside.map(|payment| text(payment, "PaymentID")).collect();
            let mut outside = members.get(id).cloned().unwrap_or_default();
            inside.sort_unstable();
            outside.sort_unstable();
            findings.equal(inside, outside, || name("batch_payments", batch));
        }
    });
}

#[test]
fn the_payments_of_a_batch_have_its_date_account_and_currency_and_sum_to_it() {
    prove(|books, findings| {
        for batch in books.rows("batch_payments") {
            let case = || name("batch_payments", batch);
            let payments = list(batch, "Payments").iter();
            let ids = payments.map(|payment| text(payment, "PaymentID"));
            let payments: Vec<&Value> = ids.filter_map(|id| books.find("payments", id)).collect();
            let currency = text(batch, "Account.CurrencyCode");
            let currency = if currency.is_empty() {
                &books.base
            } else {
                currency
            };
            let mut sum = 0;
            for payment in &payments {
                let facts = |row: &Value| {
                    let account = text(row, "Account.AccountID").to_owned();
                    (day(row, "Date"), account)
                };
                findings.equal(facts(payment), facts(batch), || {
                    format!("{}: {}", case(), name("payments", payment))
                });
                // A deletion of the batch deletes its payments.
                let is_deleted = |row: &Value| text(row, "Status") == "DELETED";
                findings.check(is_deleted(payment) || !is_deleted(batch), || {
                    format!("{}: {} stands", case(), name("payments", payment))
                });
                if is_deleted(payment) && !is_deleted(batch) {
                    continue;
                }
                sum += books.amount_in(currency, payment, "BankAmount");
            }
            let total = books.amount_in(currency, batch, "TotalAmount");
            findings.equal(total, sum, || format!("{}: TotalAmount", case()));
            let is_bill = |payment: &&Value| text(payment, "PaymentType") == "ACCPAYPAYMENT";
            let sides = payments
                .iter()
                .copied()
                .filter(|payment| is_bill(payment))
                .count();
            let expected = if text(batch, "Type") == "PAYBATCH" {
                payments.len()
            } else {
                0
            };
            findings.equal(sides, expected, || format!("{}: payments of bills", case()));
            let mut currencies: Vec<_> = payments
                .iter()
                .map(|payment| text(payment, "Invoice.CurrencyCode"))
                .collect();
            currencies.sort_unstable();
            currencies.dedup();
            findings.check(currencies.len() < 2, || {
                format!("{}: {currencies:?}", case())
            });
        }
    });
}

#[test]
fn most_batches_hold_several_payments() {
    prove(|books, findings| {
        let batches = books.rows("batch_payments");
        if batches.len() < 60 {
            return;
        }
        let several = |batch: &&Value| list(batch, "Payments").len() > 1;
        let count = batches.iter().filter(several).count();
        findings.check(count * 2 > batches.len(), || {
            format!("{count} of {} batches have several payments", batches.len())
        });
        let empty = batches
            .iter()
            .filter(|batch| list(batch, "Payments").is_empty());
        for batch in empty {
            findings.check(false, || {
                format!("{} is empty", name("batch_payments", batch))
            });
        }
    });
}
