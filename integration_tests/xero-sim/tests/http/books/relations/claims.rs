//! Expense claims, their receipts and their payments.

use serde_json::Value;

use super::super::fields::{list, text};
use super::super::findings::prove;
use super::super::reader::name;

#[test]
fn a_claim_is_the_sum_of_its_receipts() {
    prove(|books, findings| {
        for claim in books.rows("expense_claims") {
            let case = |what: &str| format!("{}: {what}", name("expense_claims", claim));
            let ids = list(claim, "Receipts")
                .iter()
                .map(|receipt| text(receipt, "ReceiptID"));
            let receipts: Vec<_> = ids.map(|id| books.find("receipts", id)).collect();
            findings.check(!receipts.is_empty(), || case("no receipts"));
            findings.check(receipts.iter().all(Option::is_some), || {
                case("no such receipt")
            });
            let receipts = receipts.into_iter().flatten();
            let sum: i128 = receipts
                .map(|receipt| books.own_amount(receipt, "Total"))
                .sum();
            findings.equal(books.amount(claim, "Total"), sum, || case("Total"));
        }
    });
}

#[test]
fn a_receipt_is_of_one_claim_at_most_and_of_its_user() {
    prove(|books, findings| {
        for receipt in books.rows("receipts") {
            let id = text(receipt, "ReceiptID");
            let holds = |claim: &&Value| {
                let mut receipts = list(claim, "Receipts").iter();
                receipts.any(|receipt| text(receipt, "ReceiptID") == id)
            };
            let claims: Vec<_> = books.rows("expense_claims").iter().filter(holds).collect();
            let case = || name("receipts", receipt);
            findings.check(claims.len() < 2, || {
                format!("{}: {} claims", case(), claims.len())
            });
            for claim in claims {
                let [own, other] = [receipt, claim].map(|row| text(row, "User.UserID"));
                findings.equal(own, other, || format!("{}: user", case()));
            }
        }
    });
}

#[test]
fn a_claim_is_paid_by_its_payments() {
    prove(|books, findings| {
        for claim in books.rows("expense_claims") {
            let status = text(claim, "Status");
            if !matches!(status, "AUTHORISED" | "PAID") {
                continue;
            }
            let payments = list(claim, "Payments").iter();
            let sum: i128 = payments
                .map(|payment| books.amount(payment, "Amount"))
                .sum();
            let [total, paid, due] =
                ["Total", "AmountPaid", "AmountDue"].map(|field| books.amount(claim, field));
            let case = |what: &str| format!("{}: {what}", name("expense_claims", claim));
            findings.equal(paid, sum, || case("AmountPaid and its payments"));
            findings.equal(due, total - paid, || case("AmountDue"));
            findings.equal(status == "PAID", due == 0, || case("due"));
        }
    });
}
