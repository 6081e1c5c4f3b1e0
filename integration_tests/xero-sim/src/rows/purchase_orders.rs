//! Purchase orders.

use super::common_fields::{self, DAY};
use super::document::Document;
use super::document_kind::{DocumentKind, Side};
use super::draw::{self, Aspect, Versioned};
use super::line_items::LineFields;
use super::sample_texts::{FIRST_NAMES, REFERENCES, STREETS};
use super::{Row, View, attachments, contacts, currencies};
use crate::entity::Entity;
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = Document::draw(row, DocumentKind::of(Side::Purchases), view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    out.key("PurchaseOrderID").guid(row.id);
    out.key("PurchaseOrderNumber")
        .display(format_args!("PO-{:04}", row.number));
    common_fields::day("DateString", "Date", document.date, out);
    let delivery = document.date + rng.i64(2..40) * DAY;
    if draw::one_in(&mut rng, 2) {
        common_fields::day("DeliveryDateString", "DeliveryDate", delivery, out);
    }
    let street = draw::one_of(&mut rng, STREETS);
    out.key("DeliveryAddress")
        .display(format_args!("{street}\nTe Whanganui-a-Tara\n6011"));
    out.key("AttentionTo")
        .string(draw::one_of(&mut rng, FIRST_NAMES));
    let telephones = ["64 123-2222", " +64 4 123-2222", ""];
    out.key("Telephone")
        .string(draw::one_of(&mut rng, &telephones));
    let instructions = ["Drop off at front  door\r\n(ring \"twice\")", ""];
    out.key("DeliveryInstructions")
        .string(draw::one_of(&mut rng, &instructions));
    if draw::one_in(&mut rng, 10) {
        out.key("ExpectedArrivalDate").date(delivery + DAY);
    }
    out.key("HasErrors").bool(false);
    out.key("IsDiscounted").bool(false);
    if document.total_discount > 0 {
        document.amount("TotalDiscount", document.total_discount, out);
    }
    if rng.bool() {
        out.key("SentToContact").bool(false);
    }
    out.key("Reference")
        .display(Versioned(draw::one_of(&mut rng, REFERENCES), row.version));
    out.key("Type").string("PURCHASEORDER");
    currencies::write_rate(document.rate, out);
    out.key("CurrencyCode").string(document.currency.code);
    contacts::write_full(&document.contact, view, out);
    let theme = draw::any(view.books, Entity::BrandingThemes, &mut rng);
    out.key("BrandingThemeID").guid(theme.id);
    out.key("Status").string(row.status);
    out.key("LineAmountTypes").string(document.types.name());
    document.write_lines_with(LineFields::ORDER, view, out);
    document.write_totals(out);
    common_fields::updated(row, out);
    attachments::write("PurchaseOrders", row, view, out);
}
