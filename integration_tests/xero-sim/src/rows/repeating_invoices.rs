//! Repeating invoices: templates. Nothing in them says when they changed.

use fastrand::Rng;

use super::common_fields::{self, DAY};
use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::draw::{self, Aspect, Versioned};
use super::line_items::LineFields;
use super::sample_texts::REFERENCES;
use super::{Row, View, attachments, contact_stub};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// What a template may hold, and an invoice that is made from it.
pub(super) fn kind(side: Side) -> DocumentKind {
    DocumentKind {
        most_lines: 4,
        ..DocumentKind::of(side)
    }
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let side = Side::of(row);
    let document = Document::draw(row, kind(side), view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    write_schedule(row, &mut rng, out);
    out.key("RepeatingInvoiceID").guid(row.id);
    out.key("Type").string(side.choose("ACCREC", "ACCPAY"));
    let reference = draw::one_of(&mut rng, REFERENCES);
    out.key("Reference")
        .display(Versioned(format_args!("[Month] {reference}"), row.version));
    attachments::write("Invoices", row, view, out);
    for key in ["ApprovedForSending", "SendCopy", "MarkAsSent", "IncludePDF"] {
        out.key(key).bool(rng.bool());
    }
    out.key("ID").guid(row.id);
    if side == Side::Sales {
        let theme = draw::any(view.books, Entity::BrandingThemes, &mut rng);
        out.key("BrandingThemeID").guid(theme.id);
    }
    contact_stub::write(&document.contact, out);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines_with(LineFields::ENTERED, view, out);
    document.write_totals(out);
    out.key("CurrencyCode").string(document.currency.code);
}

fn write_schedule(row: &Row, rng: &mut Rng, out: &mut Json) {
    /// The days that a history covers.
    const HISTORY_DAYS: u32 = 731;
    let start = common_fields::midnight(row.created);
    let weekly = draw::one_in(rng, 4);
    out.key("Schedule").open_object();
    out.key("Period").integer(rng.i64(1..=3));
    out.key("Unit")
        .string(if weekly { "WEEKLY" } else { "MONTHLY" });
    out.key("DueDate").integer(rng.i64(1..=28));
    out.key("DueDateType").string(draw::one_of(
        rng,
        &["OFFOLLOWINGMONTH", "DAYSAFTERINVOICEDATE", "OFCURRENTMONTH"],
    ));
    out.key("StartDate").date(start);
    if draw::one_in(rng, 3) {
        out.key("EndDate").date(start + 365 * DAY);
    }
    // After all that the history has made from it.
    let days = if weekly { 7 } else { 30 };
    out.key("NextScheduledDate")
        .date(start + Millis::from(HISTORY_DAYS.next_multiple_of(days)) * DAY);
    out.close_object();
}
