//! Gains and losses of currencies: what a foreign invoice was booked at and what came in.

use super::exact::decimals_of;
use super::fields::text;
use super::findings::prove;
use super::ledger::{Sums, by_source};
use super::reader::{ACCRUAL, name};

#[test]
fn a_paid_foreign_invoice_leaves_only_its_gain() {
    prove(|books, findings| {
        let posted = by_source(books, ACCRUAL);
        for invoice in books.rows("invoices") {
            let is_paid_by_payments = text(invoice, "Status") == "PAID"
                && books.currency(invoice) != books.base
                && books.own_amount(invoice, "AmountCredited") == 0;
            if !is_paid_by_payments {
                continue;
            }
            let id = text(invoice, "InvoiceID");
            let own = posted.get(id).cloned().unwrap_or_default();
            let payments = books.rows("payments").iter().filter(|payment| {
                text(payment, "Invoice.InvoiceID") == id && text(payment, "Status") == "AUTHORISED"
            });
            let mut all = own.clone();
            let (mut money, mut is_in_base) = (0, true);
            for payment in payments {
                all.extend(
                    posted
                        .get(text(payment, "PaymentID"))
                        .unwrap_or(&Sums::default()),
                );
                let bank = books.find("accounts", text(payment, "Account.AccountID"));
                is_in_base &= bank.is_some_and(|bank| books.currency(bank) == books.base);
                if is_in_base {
                    money += books.amount(payment, "BankAmount");
                }
            }
            let is_sale = text(invoice, "Type") == "ACCREC";
            let (control, sign) = if is_sale {
                ("DEBTORS", 1)
            } else {
                ("CREDITORS", -1)
            };
            let control = books.system_account(control);
            let case = || {
                let places = decimals_of(books.currency(invoice));
                let currency = books.currency(invoice);
                format!("{} in {currency} ({places})", name("invoices", invoice))
            };
            findings.equal(all.of(control), 0, || {
                format!("{}: control account", case())
            });
            if is_in_base {
                // Debits are positive: a gain is a credit.
                let booked = sign * own.of(control);
                let gain = all.of(books.system_account("REALISEDCURRENCYGAIN"));
                findings.equal(gain, -sign * (money - booked), || {
                    format!("{}: {money} came of {booked}, gain", case())
                });
            }
        }
    });
}
