//! Documents that move money.

use serde_json::Value;

use super::super::fields::{has, list, text};
use super::super::findings::prove;
use super::super::ledger::Sums;
use super::super::reader::name;
use super::super::sources::paid;
use super::{Expected, compare, expected_lines, others, standing};

#[test]
fn bank_transactions_post_their_money_and_their_lines() {
    prove(|books, findings| {
        for (row, posted) in standing(books, "bank_transactions") {
            let sign = if text(row, "Type") == "RECEIVE" {
                1
            } else {
                -1
            };
            let total = books.at_rate(row, sign * books.own_amount(row, "Total"));
            let mut expected = expected_lines(books, row, list(row, "LineItems"), -sign);
            expected.insert(
                0,
                Expected {
                    account: text(row, "BankAccount.AccountID"),
                    amount: total,
                    slack: total.slack(),
                },
            );
            let others = others(books, row);
            let case = name("bank_transactions", row);
            compare(books, &case, &posted, &expected, &others, findings);
        }
    });
}

#[test]
fn payments_post_their_money_and_what_they_settle() {
    prove(|books, findings| {
        for (row, posted) in standing(books, "payments") {
            let kind = text(row, "PaymentType");
            let is_receivable = matches!(kind.get(..4), Some("ACCR")) || kind.starts_with("AR");
            let is_refund = !kind.starts_with("ACC");
            let receives = is_receivable != is_refund;
            let sign = if receives { 1 } else { -1 };
            let account = text(row, "Account.AccountID");
            let bank = books.find("accounts", account);
            if bank.is_some_and(|bank| books.currency(bank) == books.base) {
                let money = sign * books.amount(row, "BankAmount");
                findings.equal(posted.of(account), money, || {
                    format!("{} on its bank account", name("payments", row))
                });
            }
            // The document inside the payment names the currency but not the rate.
            let Some((_, document)) = paid(books, row) else {
                findings.check(false, || format!("{} pays nothing", name("payments", row)));
                continue;
            };
            // Xero does not document whether a prepayment stands on the control account.
            if kind.contains("PREPAYMENT") {
                continue;
            }
            let control = if is_receivable {
                "DEBTORS"
            } else {
                "CREDITORS"
            };
            let booked = books.amount_in(books.currency(document), row, "Amount");
            let booked = books.at_rate(document, -sign * booked);
            let found = posted.of(books.system_account(control));
            findings.check(booked.is(found, booked.slack()), || {
                let posted = posted.shown(books);
                format!(
                    "{}: {booked:?} on {control}, found {posted}",
                    name("payments", row)
                )
            });
        }
    });
}

#[test]
fn transfers_move_their_amount() {
    prove(|books, findings| {
        for (row, posted) in standing(books, "bank_transfers") {
            let amount = books.amount(row, "Amount");
            let mut expected = Sums::default();
            expected.add(text(row, "FromBankAccount.AccountID"), -amount);
            expected.add(text(row, "ToBankAccount.AccountID"), amount);
            findings.equal(posted.shown(books), expected.shown(books), || {
                name("bank_transfers", row)
            });
        }
    });
}

#[test]
fn prepayments_and_overpayments_post_the_money_of_their_bank_line() {
    prove(|books, findings| {
        for (stream, id) in [
            ("prepayments", "PrepaymentID"),
            ("overpayments", "OverpaymentID"),
        ] {
            for (row, posted) in standing(books, stream) {
                let mut lines = books.rows("bank_transactions").iter();
                let own = |line: &&Value| has(line, id) && text(line, id) == text(row, id);
                let Some(line) = lines.find(own) else {
                    findings.check(false, || format!("{} has no bank line", name(stream, row)));
                    continue;
                };
                let sign = if text(row, "Type").starts_with("RECEIVE") {
                    1
                } else {
                    -1
                };
                let money = books.at_rate(row, sign * books.own_amount(row, "Total"));
                let found = posted.of(text(line, "BankAccount.AccountID"));
                findings.check(money.is(found, money.slack()), || {
                    let posted = posted.shown(books);
                    format!(
                        "{}: {money:?} on its bank account, found {posted}",
                        name(stream, row)
                    )
                });
            }
        }
    });
}
