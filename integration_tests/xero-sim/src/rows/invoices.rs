//! Sales invoices and bills.

use fastrand::Rng;

use super::common_fields::{self, DAY};
use super::document::Document;
use super::document_kind::Side;
use super::draw::{self, Aspect, Versioned};
use super::invoice_stub::{self, InvoiceNumber};
use super::sample_texts::REFERENCES;
use super::{
    Detail, Row, View, attachments, contacts, credits, currencies, history_records, payment_amounts,
};
use super::{cis_deduction, us_sales_tax};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = invoice_stub::document(row, view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    write_head(row, &mut rng, out);
    if view.detail != Detail::SummaryOnly {
        let key = (Entity::Invoices, row.number);
        payment_amounts::write_payments(key, &document, view, out);
        credits::write_of_invoice(row, &document, view, out);
    }
    write_sums(row, &document, view, out);
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
    write_paid_on(Entity::Invoices, row, document.date, view, out);
    if view.detail != Detail::SummaryOnly {
        us_sales_tax::write_addresses(row, view, out);
        out.key("InvoicePaymentServices").empty_array();
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
    out.key("Type").string(invoice_stub::kind(row));
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

/// Writes the day on which the last of it was paid or credited.
pub(super) fn write_paid_on(
    entity: Entity,
    row: &Row,
    date: Millis,
    view: View<'_>,
    out: &mut Json,
) {
    if row.status == "PAID" {
        let settlements = view.books.settlements().with((entity, row.number));
        let days = settlements.filter(|it| it.stands).map(|it| it.date);
        out.key("FullyPaidOnDate").date(days.max().unwrap_or(date));
    }
}

fn write_sums(row: &Row, document: &Document<'_>, view: View<'_>, out: &mut Json) {
    let (key, settlements) = ((Entity::Invoices, row.number), view.books.settlements());
    let (paid, credited) = (settlements.paid(key), settlements.credited(key));
    let due = match row.status {
        "VOIDED" => 0,
        // The list and the document itself disagree here, in Xero too.
        "DELETED" if !view.is_single() => 0,
        _ => document.total - paid - credited,
    };
    document.amount("AmountDue", due, out);
    document.amount("AmountPaid", paid, out);
    document.amount("AmountCredited", credited, out);
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
    let edited = (row.silent_edits > 0).then_some(true);
    if let Some(sent) = edited.or(history_records::is_sent(row)) {
        out.key("SentToContact").bool(sent);
    }
    out.key("HasErrors").bool(false);
    if let Some((Entity::RepeatingInvoices, template)) = draw::origin(row, view.books) {
        out.key("RepeatingInvoiceID").guid(template.id);
    }
    if Side::of(row) == Side::Sales {
        let theme = draw::any(view.books, Entity::BrandingThemes, rng);
        out.key("BrandingThemeID").guid(theme.id);
    }
}

fn write_dates(row: &Row, date: Millis, rng: &mut Rng, out: &mut Json) {
    common_fields::day(
        "DateString",
        "Date",
        odd_date(row, rng).unwrap_or(date),
        out,
    );
    let due = invoice_stub::due(row, date);
    common_fields::day("DueDateString", "DueDate", due, out);
    if draw::one_in(rng, 10) {
        let (text_key, key) = Side::of(row).choose(
            ("ExpectedPaymentDateString", "ExpectedPaymentDate"),
            ("PlannedPaymentDateString", "PlannedPaymentDate"),
        );
        let planned = invoice_stub::first_due(row, date) + 7 * DAY;
        common_fields::day(text_key, key, planned, out);
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
