//! Documents whose lines are owed: invoices, credit notes, expense claims; and manual journals.

use super::super::fields::{list, text};
use super::super::findings::prove;
use super::super::reader::name;
use super::{Expected, compare, expected_lines, lines_of, others, standing};

#[test]
fn the_total_of_a_document_is_the_sum_of_its_lines() {
    prove(|books, findings| {
        for stream in [
            "invoices",
            "credit_notes",
            "bank_transactions",
            "prepayments",
            "overpayments",
            "purchase_orders",
            "quotes",
            "receipts",
            "repeating_invoices",
        ] {
            // The bank's side of a transfer has no lines.
            let has_lines = |row: &&serde_json::Value| !text(row, "Type").ends_with("-TRANSFER");
            for row in books.rows(stream).iter().filter(has_lines) {
                let (accounts, tax) = lines_of(books, row, list(row, "LineItems"));
                let net: i128 = accounts.iter().map(|(_, net, _)| net).sum();
                let [sub_total, total_tax, total] =
                    ["SubTotal", "TotalTax", "Total"].map(|field| books.own_amount(row, field));
                let found = (sub_total, total_tax, total);
                findings.equal(found, (net, tax, net + tax), || name(stream, row));
            }
        }
    });
}

#[test]
fn invoices_and_credit_notes_post_their_total_and_their_lines() {
    prove(|books, findings| {
        for stream in ["invoices", "credit_notes"] {
            for (row, mut posted) in standing(books, stream) {
                let (control, sign) = match text(row, "Type") {
                    "ACCREC" => ("DEBTORS", 1),
                    "ACCRECCREDIT" => ("DEBTORS", -1),
                    "ACCPAY" => ("CREDITORS", -1),
                    _ => ("CREDITORS", 1),
                };
                if stream == "credit_notes" {
                    // When the credit is used, what the rate has changed moves to the gains.
                    let gains = books.system_account("REALISEDCURRENCYGAIN");
                    let gain = posted.of(gains);
                    posted.add(gains, -gain);
                    posted.add(books.system_account(control), gain);
                }
                let total = books.at_rate(row, sign * books.own_amount(row, "Total"));
                let mut expected = expected_lines(books, row, list(row, "LineItems"), -sign);
                expected.insert(
                    0,
                    Expected {
                        account: books.system_account(control),
                        amount: total,
                        slack: total.slack(),
                    },
                );
                let others = others(books, row);
                compare(
                    books,
                    &name(stream, row),
                    &posted,
                    &expected,
                    &others,
                    findings,
                );
            }
        }
    });
}

#[test]
fn manual_journals_post_their_lines() {
    prove(|books, findings| {
        for (row, posted) in standing(books, "manual_journals") {
            let expected = expected_lines(books, row, list(row, "JournalLines"), 1);
            let case = name("manual_journals", row);
            compare(books, &case, &posted, &expected, &[], findings);
        }
    });
}

#[test]
fn expense_claims_post_what_is_owed_and_their_receipts() {
    prove(|books, findings| {
        for (row, posted) in standing(books, "expense_claims") {
            let total = books.at_rate(row, -books.amount(row, "Total"));
            let owed = Expected {
                account: books.system_account("UNPAIDEXPCLM"),
                amount: total,
                slack: 0,
            };
            let mut expected = vec![owed];
            let ids = list(row, "Receipts").iter().map(|it| text(it, "ReceiptID"));
            for receipt in ids.filter_map(|id| books.find("receipts", id)) {
                for line in expected_lines(books, receipt, list(receipt, "LineItems"), 1) {
                    match expected.iter_mut().find(|one| one.account == line.account) {
                        Some(one) => one.amount.amount += line.amount.amount,
                        None => expected.push(line),
                    }
                }
            }
            let case = name("expense_claims", row);
            compare(books, &case, &posted, &expected, &[], findings);
        }
    });
}
