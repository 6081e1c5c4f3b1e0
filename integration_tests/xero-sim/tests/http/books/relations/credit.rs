//! Credit notes, prepayments and overpayments: what is left of them, and where they come from.

use serde_json::Value;

use super::super::fields::{day, list, stamp, text};
use super::super::findings::prove;
use super::super::reader::name;
use super::super::sources::paid;
use super::settlement::CREDITS;

#[test]
fn what_remains_is_the_total_without_allocations_and_refunds() {
    prove(|books, findings| {
        for (stream, _, id) in CREDITS {
            for credit in books.rows(stream) {
                if matches!(text(credit, "Status"), "VOIDED" | "DELETED") {
                    continue;
                }
                let currency = books.currency(credit);
                let standing = list(credit, "Allocations").iter();
                let standing = standing.filter(|allocation| allocation["IsDeleted"] != true);
                let allocated: i128 = standing
                    .map(|allocation| books.amount_in(currency, allocation, "Amount"))
                    .sum();
                let sum = |payments: &mut dyn Iterator<Item = &Value>| -> i128 {
                    payments
                        .map(|payment| books.amount_in(currency, payment, "Amount"))
                        .sum()
                };
                let own = text(credit, id);
                let refunded = sum(&mut books.rows("payments").iter().filter(|payment| {
                    let paid = paid(books, payment);
                    text(payment, "Status") == "AUTHORISED"
                        && paid.is_some_and(|(of, paid)| of == stream && text(paid, id) == own)
                }));
                let inside = sum(&mut list(credit, "Payments").iter());
                findings.equal(inside, refunded, || {
                    format!("{}: Payments inside", name(stream, credit))
                });
                let [total, left] =
                    ["Total", "RemainingCredit"].map(|field| books.own_amount(credit, field));
                findings.equal(left, total - allocated - refunded, || {
                    format!(
                        "{}: {total} - {allocated} - {refunded}",
                        name(stream, credit)
                    )
                });
                let status = text(credit, "Status");
                if matches!(status, "AUTHORISED" | "PAID") && total != 0 {
                    findings.equal(status == "PAID", left == 0, || {
                        format!("{}: {left} remains", name(stream, credit))
                    });
                }
            }
        }
    });
}

#[test]
fn a_refund_fits_what_it_refunds() {
    prove(|books, findings| {
        for payment in books.rows("payments") {
            let standing = text(payment, "Status") == "AUTHORISED";
            let paid = paid(books, payment).filter(|(stream, _)| *stream != "invoices");
            let Some((stream, credit)) = paid.filter(|_| standing) else {
                continue;
            };
            let case = || format!("{} of {}", name("payments", payment), name(stream, credit));
            findings.check(day(payment, "Date") >= day(credit, "Date"), || {
                format!("{} is earlier", case())
            });
            let [older, newer] = [payment, credit].map(|row| stamp(row, "UpdatedDateUTC"));
            findings.check(newer >= older, || format!("{}: older stamp", case()));
            let status = text(credit, "Status");
            findings.check(matches!(status, "AUTHORISED" | "PAID"), case);
        }
    });
}

#[test]
fn credit_that_is_not_approved_settles_nothing() {
    prove(|books, findings| {
        for (stream, ..) in CREDITS {
            for credit in books.rows(stream) {
                let status = text(credit, "Status");
                let standing = list(credit, "Allocations").iter();
                let standing = standing.filter(|allocation| allocation["IsDeleted"] != true);
                let count = standing.count();
                findings.check(
                    matches!(status, "AUTHORISED" | "PAID") || count == 0,
                    || format!("{} has {count} allocations", name(stream, credit)),
                );
            }
        }
    });
}

#[test]
fn prepayments_and_overpayments_come_from_a_bank_line() {
    prove(|books, findings| {
        for (stream, _, id) in CREDITS.into_iter().skip(1) {
            for credit in books.rows(stream) {
                let lines = books.rows("bank_transactions").iter();
                let own = lines.filter(|line| text(line, id) == text(credit, id));
                let own: Vec<&Value> = own.collect();
                let case = || name(stream, credit);
                findings.equal(own.len(), 1, || format!("{}: bank lines", case()));
                let [line] = own[..] else { continue };
                let facts = |row: &Value| {
                    let fields = ["Type", "CurrencyCode", "Contact.ContactID"];
                    let facts = fields.map(|field| text(row, field).to_owned());
                    (facts, books.own_amount(row, "Total"), day(row, "Date"))
                };
                findings.equal(facts(line), facts(credit), case);
                let is_void = |row: &Value| matches!(text(row, "Status"), "VOIDED" | "DELETED");
                findings.equal(is_void(line), is_void(credit), || {
                    format!("{} voided with its bank line", case())
                });
            }
            let lines = books.rows("bank_transactions").iter();
            let kind = stream.trim_end_matches('s').to_uppercase();
            for line in lines.filter(|line| text(line, "Type").ends_with(&kind)) {
                let found = books.find(stream, text(line, id));
                findings.check(found.is_some(), || {
                    format!("{} names no {stream}", name("bank_transactions", line))
                });
            }
        }
    });
}
