//! Repeating invoices and the invoices made from them.

use serde_json::Value;

use super::super::fields::{day, has, list, text};
use super::super::findings::prove;
use super::super::reader::{Books, name};

/// What a line sells, without its own id.
fn lines(books: &Books, row: &Value) -> Vec<(String, String, i128)> {
    let currency = books.currency(row);
    let line = |line: &Value| {
        let [account, item] = ["AccountCode", "ItemCode"].map(|field| text(line, field).to_owned());
        (account, item, books.amount_in(currency, line, "LineAmount"))
    };
    list(row, "LineItems").iter().map(line).collect()
}

#[test]
fn an_invoice_of_a_template_repeats_it() {
    prove(|books, findings| {
        for invoice in books.rows("invoices") {
            if !has(invoice, "RepeatingInvoiceID") {
                continue;
            }
            let case = |what: &str| format!("{}: {what}", name("invoices", invoice));
            let id = text(invoice, "RepeatingInvoiceID");
            let Some(template) = books.find("repeating_invoices", id) else {
                findings.check(false, || case("no such template"));
                continue;
            };
            for field in ["Type", "Contact.ContactID", "CurrencyCode"] {
                findings.equal(text(invoice, field), text(template, field), || case(field));
            }
            // A draft may have been edited since it was made.
            if text(invoice, "Status") != "DRAFT" {
                findings.equal(lines(books, invoice), lines(books, template), || {
                    case("lines")
                });
            }
            let start = day(template, "Schedule.StartDate");
            // Some voided invoices have lost their date.
            let is_lost = text(invoice, "Status") == "VOIDED";
            findings.check(is_lost || day(invoice, "Date") >= start, || {
                case("before the first day")
            });
            let next = day(template, "Schedule.NextScheduledDate");
            findings.check(next.is_none() || day(invoice, "Date") < next, || {
                case("not before the next day")
            });
        }
    });
}

#[test]
fn drafts_of_templates_make_nothing() {
    prove(|books, findings| {
        for template in books.rows("repeating_invoices") {
            let id = text(template, "RepeatingInvoiceID");
            let made = books.rows("invoices").iter();
            let made = made
                .filter(|invoice| text(invoice, "RepeatingInvoiceID") == id)
                .count();
            findings.check(text(template, "Status") != "DRAFT" || made == 0, || {
                format!(
                    "{} made {made} invoices",
                    name("repeating_invoices", template)
                )
            });
        }
    });
}
