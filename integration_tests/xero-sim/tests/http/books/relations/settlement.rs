//! What was paid and credited of an invoice, seen from both sides.

use std::collections::HashMap;

use serde_json::Value;

use super::super::fields::{day, list, stamp, text};
use super::super::findings::prove;
use super::super::reader::{Books, name};
use super::super::sources::paid;

/// The documents that hold credit, the key under which an invoice names them, and their id.
pub const CREDITS: [(&str, &str, &str); 3] = [
    ("credit_notes", "CreditNotes", "CreditNoteID"),
    ("prepayments", "Prepayments", "PrepaymentID"),
    ("overpayments", "Overpayments", "OverpaymentID"),
];

/// Whether an invoice shows what is due of it: Xero shows none of voided and deleted ones.
fn is_alive(invoice: &Value) -> bool {
    !matches!(text(invoice, "Status"), "VOIDED" | "DELETED")
}

/// The payments of each invoice that stand.
fn payments_of_invoices(books: &Books) -> HashMap<&str, Vec<&Value>> {
    let mut payments: HashMap<&str, Vec<&Value>> = HashMap::new();
    for payment in books.rows("payments") {
        if text(payment, "Status") == "AUTHORISED" {
            let invoice = payments.entry(text(payment, "Invoice.InvoiceID"));
            invoice.or_default().push(payment);
        }
    }
    payments
}

/// The allocations to each invoice that stand: the stream, the credit and its allocation.
fn allocations_to_invoices(books: &Books) -> HashMap<&str, Vec<(&'static str, &Value, &Value)>> {
    let mut allocations: HashMap<&str, Vec<_>> = HashMap::new();
    for (stream, ..) in CREDITS {
        for credit in books.rows(stream) {
            for allocation in list(credit, "Allocations") {
                if allocation["IsDeleted"] != true {
                    let invoice = allocations.entry(text(allocation, "Invoice.InvoiceID"));
                    invoice.or_default().push((stream, credit, allocation));
                }
            }
        }
    }
    allocations
}

#[test]
fn what_settles_names_what_it_settles() {
    prove(|books, findings| {
        for payment in books.rows("payments") {
            let expected = match text(payment, "PaymentType") {
                "ACCRECPAYMENT" => "ACCREC",
                "ACCPAYPAYMENT" => "ACCPAY",
                "ARCREDITPAYMENT" => "ACCRECCREDIT",
                "APCREDITPAYMENT" => "ACCPAYCREDIT",
                "ARPREPAYMENTPAYMENT" => "RECEIVE-PREPAYMENT",
                "APPREPAYMENTPAYMENT" => "SPEND-PREPAYMENT",
                "AROVERPAYMENTPAYMENT" => "RECEIVE-OVERPAYMENT",
                "APOVERPAYMENTPAYMENT" => "SPEND-OVERPAYMENT",
                _ => "a PaymentType that Xero documents",
            };
            let found = paid(books, payment).map(|(_, document)| text(document, "Type"));
            findings.equal(found, Some(expected), || name("payments", payment));
        }
        for (stream, ..) in CREDITS {
            for credit in books.rows(stream) {
                for allocation in list(credit, "Allocations") {
                    let invoice = text(allocation, "Invoice.InvoiceID");
                    let exists = books.find("invoices", invoice).is_some();
                    findings.check(exists, || format!("{}: {allocation}", name(stream, credit)));
                }
            }
        }
    });
}

#[test]
fn what_is_due_is_the_total_without_what_was_paid_and_credited() {
    prove(|books, findings| {
        for invoice in books.rows("invoices").iter().filter(|it| is_alive(it)) {
            let [total, paid, credited, due] =
                ["Total", "AmountPaid", "AmountCredited", "AmountDue"]
                    .map(|field| books.own_amount(invoice, field));
            findings.equal(due, total - paid - credited, || {
                format!(
                    "{}: {total} - {paid} - {credited}",
                    name("invoices", invoice)
                )
            });
            findings.check(due >= 0 || total < 0, || {
                format!("{}: {due} is due", name("invoices", invoice))
            });
        }
    });
}

#[test]
fn an_invoice_is_paid_exactly_if_nothing_is_due() {
    prove(|books, findings| {
        for invoice in books.rows("invoices") {
            let status = text(invoice, "Status");
            let [total, due] = ["Total", "AmountDue"].map(|it| books.own_amount(invoice, it));
            if matches!(status, "AUTHORISED" | "PAID") && total != 0 {
                findings.equal(status == "PAID", due == 0, || {
                    format!("{}: {due} is due", name("invoices", invoice))
                });
            }
        }
    });
}

#[test]
fn what_was_paid_is_the_sum_of_the_payments_on_both_sides() {
    prove(|books, findings| {
        let payments = payments_of_invoices(books);
        for invoice in books.rows("invoices").iter().filter(|it| is_alive(it)) {
            let currency = books.currency(invoice);
            let amount = |payment: &Value| books.amount_in(currency, payment, "Amount");
            let of_list = payments.get(text(invoice, "InvoiceID"));
            let of_list = of_list.map_or(&[][..], Vec::as_slice);
            let pairs = |payments: &mut dyn Iterator<Item = &Value>| {
                let mut pairs: Vec<_> = payments
                    .map(|payment| {
                        let id = text(payment, "PaymentID").to_owned();
                        (id, amount(payment), day(payment, "Date"))
                    })
                    .collect();
                pairs.sort();
                pairs
            };
            let nested = pairs(&mut list(invoice, "Payments").iter());
            let listed = pairs(&mut of_list.iter().copied());
            let paid: i128 = listed.iter().map(|(_, amount, _)| amount).sum();
            findings.equal(books.own_amount(invoice, "AmountPaid"), paid, || {
                format!("{}: AmountPaid", name("invoices", invoice))
            });
            findings.equal(nested, listed, || {
                format!("{}: Payments inside", name("invoices", invoice))
            });
        }
    });
}

#[test]
fn what_was_credited_is_the_sum_of_the_allocations_on_both_sides() {
    prove(|books, findings| {
        let allocations = allocations_to_invoices(books);
        for invoice in books.rows("invoices").iter().filter(|it| is_alive(it)) {
            let currency = books.currency(invoice);
            let own = allocations.get(text(invoice, "InvoiceID"));
            let own = own.map_or(&[][..], Vec::as_slice);
            let mut sum = 0;
            for (stream, key, id) in CREDITS {
                // A credit may be allocated to one invoice several times.
                let mut outside: HashMap<&str, i128> = HashMap::new();
                for (_, credit, allocation) in own.iter().filter(|(own, ..)| *own == stream) {
                    let amount = books.amount_in(currency, allocation, "Amount");
                    *outside.entry(text(credit, id)).or_default() += amount;
                    sum += amount;
                }
                let mut inside: HashMap<&str, i128> = HashMap::new();
                for credit in list(invoice, key) {
                    let amount = books.amount_in(currency, credit, "AppliedAmount");
                    *inside.entry(text(credit, id)).or_default() += amount;
                }
                findings.equal(inside, outside, || {
                    format!("{}: {key} inside", name("invoices", invoice))
                });
            }
            findings.equal(books.own_amount(invoice, "AmountCredited"), sum, || {
                format!("{}: AmountCredited", name("invoices", invoice))
            });
        }
    });
}

#[test]
fn drafts_are_neither_paid_nor_credited() {
    prove(|books, findings| {
        let payments = payments_of_invoices(books);
        let allocations = allocations_to_invoices(books);
        for invoice in books.rows("invoices") {
            if matches!(text(invoice, "Status"), "AUTHORISED" | "PAID") {
                continue;
            }
            let id = text(invoice, "InvoiceID");
            let settled = payments.contains_key(id) || allocations.contains_key(id);
            findings.check(!settled, || {
                format!("{} is settled", name("invoices", invoice))
            });
        }
    });
}

#[test]
fn what_settles_an_invoice_fits_it() {
    prove(|books, findings| {
        let payments = payments_of_invoices(books);
        let allocations = allocations_to_invoices(books);
        for invoice in books.rows("invoices") {
            let case = |what: String| format!("{}: {what}", name("invoices", invoice));
            let id = text(invoice, "InvoiceID");
            let contact = text(invoice, "Contact.ContactID");
            for payment in payments.get(id).into_iter().flatten() {
                let paid = &payment["Invoice"];
                let found = (
                    text(paid, "Type"),
                    text(paid, "InvoiceNumber"),
                    text(paid, "Contact.ContactID"),
                    text(paid, "CurrencyCode"),
                    text(payment, "PaymentType"),
                );
                let kind = text(invoice, "Type");
                let expected = (
                    kind,
                    text(invoice, "InvoiceNumber"),
                    contact,
                    text(invoice, "CurrencyCode"),
                    if kind == "ACCREC" {
                        "ACCRECPAYMENT"
                    } else {
                        "ACCPAYPAYMENT"
                    },
                );
                findings.equal(found, expected, || case(name("payments", payment)));
                findings.check(day(payment, "Date") >= day(invoice, "Date"), || {
                    case(format!("{} is earlier", name("payments", payment)))
                });
                let [older, newer] = [*payment, invoice].map(|row| stamp(row, "UpdatedDateUTC"));
                findings.check(newer >= older, || {
                    case(format!("stamped before {}", name("payments", payment)))
                });
            }
            for (stream, credit, allocation) in allocations.get(id).into_iter().flatten() {
                let is_receivable = |row: &Value| {
                    let kind = text(row, "Type");
                    kind.starts_with("ACCREC") || kind.starts_with("RECEIVE")
                };
                let facts = |row: &'_ Value| {
                    let (currency, contact) =
                        (text(row, "CurrencyCode"), text(row, "Contact.ContactID"));
                    (is_receivable(row), currency.to_owned(), contact.to_owned())
                };
                findings.equal(facts(credit), facts(invoice), || case(name(stream, credit)));
                let settled = day(allocation, "Date");
                let is_later = [*credit, invoice]
                    .iter()
                    .all(|row| settled >= day(row, "Date"));
                findings.check(is_later, || {
                    case(format!("{} is allocated too early", name(stream, credit)))
                });
            }
        }
    });
}
