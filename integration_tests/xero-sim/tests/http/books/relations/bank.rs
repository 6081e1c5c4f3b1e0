//! Transfers and their two bank transactions.

use std::collections::HashSet;

use super::super::fields::{day, text};
use super::super::findings::prove;
use super::super::reader::name;

#[test]
fn a_transfer_has_two_bank_transactions_that_agree_with_it() {
    prove(|books, findings| {
        for transfer in books.rows("bank_transfers") {
            for (id, account, kind) in [
                (
                    "FromBankTransactionID",
                    "FromBankAccount.AccountID",
                    "SPEND-TRANSFER",
                ),
                (
                    "ToBankTransactionID",
                    "ToBankAccount.AccountID",
                    "RECEIVE-TRANSFER",
                ),
            ] {
                let case = || format!("{}: {id}", name("bank_transfers", transfer));
                let line = books.find("bank_transactions", text(transfer, id));
                let Some(line) = line else {
                    findings.check(false, || format!("{} exists nowhere", case()));
                    continue;
                };
                let found = (
                    text(line, "Type"),
                    text(line, "BankAccount.AccountID"),
                    day(line, "Date"),
                    books.own_amount(line, "Total"),
                    text(line, "Status"),
                );
                let expected = (
                    kind,
                    text(transfer, account),
                    day(transfer, "Date"),
                    books.amount(transfer, "Amount"),
                    text(transfer, "Status"),
                );
                findings.equal(found, expected, case);
            }
        }
    });
}

#[test]
fn a_bank_transaction_of_a_transfer_is_of_one_transfer() {
    prove(|books, findings| {
        let mut named = HashSet::new();
        for transfer in books.rows("bank_transfers") {
            for id in ["FromBankTransactionID", "ToBankTransactionID"] {
                findings.check(named.insert(text(transfer, id)), || {
                    format!(
                        "{}: {id} is of two transfers",
                        name("bank_transfers", transfer)
                    )
                });
            }
        }
        for line in books.rows("bank_transactions") {
            if text(line, "Type").ends_with("-TRANSFER") {
                findings.check(named.contains(text(line, "BankTransactionID")), || {
                    format!("{} is of no transfer", name("bank_transactions", line))
                });
            }
        }
    });
}

#[test]
fn a_transfer_moves_money_between_two_bank_accounts() {
    prove(|books, findings| {
        for transfer in books.rows("bank_transfers") {
            let [from, to] = ["FromBankAccount.AccountID", "ToBankAccount.AccountID"]
                .map(|path| text(transfer, path));
            let is_bank = |id: &str| {
                let account = books.find("accounts", id);
                account.is_some_and(|account| text(account, "Type") == "BANK")
            };
            findings.check(from != to && is_bank(from) && is_bank(to), || {
                format!("{} from {from} to {to}", name("bank_transfers", transfer))
            });
        }
    });
}
