//! Sales invoices and bills.

use std::fmt;

use fastrand::Rng;

use super::common_fields::{self, DAY};
use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::draw::{self, Aspect, Versioned};
use super::invoice_settlement::Settlement;
use super::sample_texts::REFERENCES;
use super::{Detail, Row, View, attachments, contacts, credits, currencies, payments};
use super::{cis_deduction, us_sales_tax};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// An invoice's number. Bills have the supplier's, which is not unique.
pub(super) struct InvoiceNumber<'a>(pub(super) &'a Row);

impl fmt::Display for InvoiceNumber<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Side::of(self.0) {
            Side::Sales => write!(f, "INV-{:04}", self.0.number),
            Side::Purchases => write!(f, "RPT{}/{}", self.0.seed % 900, self.0.number % 7),
        }
    }
}

/// Xero's Type of an invoice.
pub(super) fn kind(row: &Row) -> &'static str {
    Side::of(row).choose("ACCREC", "ACCPAY")
}

/// The common part of an invoice.
pub(super) fn document<'a>(row: &Row, view: View<'a>) -> Document<'a> {
    Document::draw(row, DocumentKind::of(Side::of(row)), view)
}

/// Writes the empty arrays of an invoice that is nested in another document.
pub(super) fn write_unfilled(out: &mut Json) {
    common_fields::empty(
        &["Payments", "CreditNotes", "Prepayments", "Overpayments"],
        out,
    );
    out.key("HasErrors").bool(false);
    out.key("IsDiscounted").bool(false);
    out.key("LineItems").empty_array();
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = document(row, view);
    let settlement = Settlement::of(row, document.total, view.books);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    write_head(row, &mut rng, out);
    if view.detail != Detail::SummaryOnly {
        write_settlement(row, &document, &settlement, view, out);
    }
    write_sums(row, &document, &settlement, view, out);
    write_origin(row, view, &mut rng, out);
    if view.detail != Detail::SummaryOnly {
        attachments::write("Invoices", row, view, out);
    }
    contacts::write_of_document(&document.contact, view, out);
    write_dates(row, document.date, &mut rng, out);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    if view.detail != Detail::SummaryOnly {
        document.write_lines(view, out);
    }
    document.write_totals(out);
    common_fields::updated_twice(row, out);
    out.key("CurrencyCode").string(document.currency.code);
    if row.status == "PAID" {
        let paid_on = common_fields::midnight(row.updated);
        out.key("FullyPaidOnDate").date(paid_on);
    }
    if view.is_long() && us_sales_tax::applies(view) {
        us_sales_tax::write_addresses(out);
    }
    if view.is_single() && draw::one_in(&mut rng, 50) {
        write_stale_errors(out);
    }
}

/// Complaints about an attempt to write that failed long ago; they mean nothing.
fn write_stale_errors(out: &mut Json) {
    out.key("StatusAttributeString").string("ERROR");
    out.key("ValidationErrors").open_array();
    out.open_object();
    out.key("Message").string("Invoice # must be unique.");
    out.close_object();
    out.close_array();
}

fn write_head(row: &Row, rng: &mut Rng, out: &mut Json) {
    out.key("Type").string(kind(row));
    out.key("InvoiceID").guid(row.id);
    out.key("InvoiceNumber").display(InvoiceNumber(row));
    out.key("Reference")
        .display(Versioned(draw::one_of(rng, REFERENCES), row.version));
    if draw::one_in(rng, 10) {
        let shop = "https://shop.example/orders/";
        out.key("Url")
            .display(format_args!("{shop}{}?via=xero&x=1", row.number));
    }
}

/// Writes what paid the invoice. In short forms the arrays are empty.
fn write_settlement(
    row: &Row,
    document: &Document<'_>,
    settlement: &Settlement,
    view: View<'_>,
    out: &mut Json,
) {
    let filled = view.is_long();
    out.key("Payments").open_array();
    if filled {
        for (payment, amount) in &settlement.payments {
            payments::write_of_document(payment, *amount, document, view.books, out);
        }
    }
    out.close_array();
    let credited = Some(settlement.credited).filter(|&credited| filled && credited > 0);
    credits::write_of_invoice(row, credited, document, view, out);
}

fn write_sums(
    row: &Row,
    document: &Document<'_>,
    settlement: &Settlement,
    view: View<'_>,
    out: &mut Json,
) {
    let due = match row.status {
        "VOIDED" => 0,
        // The list and the document itself disagree here, in Xero too.
        "DELETED" if !view.is_single() => 0,
        _ => document.total - settlement.paid - settlement.credited,
    };
    document.amount("AmountDue", due, out);
    document.amount("AmountPaid", settlement.paid, out);
    document.amount("AmountCredited", settlement.credited, out);
    if view.detail != Detail::SummaryOnly {
        cis_deduction::write_deduction(row, document, view, out);
    }
    currencies::write_rate(document.rate, out);
    out.key("IsDiscounted").bool(document.total_discount > 0);
    if document.total_discount > 0 {
        document.amount("TotalDiscount", document.total_discount, out);
    }
}

/// Writes where the invoice came from and where it went.
fn write_origin(row: &Row, view: View<'_>, rng: &mut Rng, out: &mut Json) {
    let sent = rng.bool() || row.silent_edits > 0;
    out.key("SentToContact").bool(sent);
    out.key("HasErrors").bool(false);
    if draw::one_in(rng, 20) {
        let template = draw::any(view.books, Entity::RepeatingInvoices, rng);
        out.key("RepeatingInvoiceID").guid(template.id);
    }
    if Side::of(row) == Side::Sales {
        let theme = draw::any(view.books, Entity::BrandingThemes, rng);
        out.key("BrandingThemeID").guid(theme.id);
    }
}

/// When an invoice of a date has to be paid.
pub(super) fn due(row: &Row, date: Millis) -> Millis {
    let days = draw::rng_of(row, Aspect::Terms).i64(7..60);
    date + (days + i64::from(row.silent_edits)) * DAY
}

fn write_dates(row: &Row, date: Millis, rng: &mut Rng, out: &mut Json) {
    common_fields::day(
        "DateString",
        "Date",
        odd_date(row, rng).unwrap_or(date),
        out,
    );
    let due = due(row, date);
    common_fields::day("DueDateString", "DueDate", due, out);
    if draw::one_in(rng, 10) {
        let (text_key, key) = Side::of(row).choose(
            ("ExpectedPaymentDateString", "ExpectedPaymentDate"),
            ("PlannedPaymentDateString", "PlannedPaymentDate"),
        );
        common_fields::day(text_key, key, due + 7 * DAY, out);
    }
}

/// Voided documents sometimes have lost their date, or have one before 1970.
fn odd_date(row: &Row, rng: &mut Rng) -> Option<Millis> {
    let draw = rng.u8(..20);
    match (row.status, draw) {
        ("VOIDED", 0) => Some(0),
        ("VOIDED", 1) => Some(-2_208_988_800_000),
        _ => None,
    }
}
