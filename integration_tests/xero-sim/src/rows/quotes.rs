//! Quotes. They go their own way: upper-case LineAmountTypes, dates without offset.

use super::common_fields::DAY;
use super::document::Document;
use super::document_kind::{AmountTypes, DocumentKind, Side};
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::REFERENCES;
use super::{Row, View, contacts, currencies};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let document = Document::draw(row, DocumentKind::of(Side::Sales), view);
    let mut rng = draw::rng_of(row, Aspect::Extras);
    out.key("QuoteID").guid(row.id);
    out.key("QuoteNumber")
        .display(format_args!("QU-{:04}", row.number));
    out.key("Reference")
        .display(Versioned(draw::one_of(&mut rng, REFERENCES), row.version));
    out.key("Terms")
        .string("Not valid after the expiry date.\r\nGST/VAT as shown.");
    contacts::write_of_quote(&document.contact, out);
    document.write_lines(view, out);
    write_day("Date", "DateString", document.date, out);
    if rng.u8(..4) > 0 {
        let expiry = document.date + rng.i64(1..60) * DAY;
        write_day("ExpiryDate", "ExpiryDateString", expiry, out);
    }
    out.key("Status").string(row.status);
    currencies::write_rate(document.rate, out);
    out.key("CurrencyCode").string(document.currency.code);
    document.write_totals(out);
    document.amount("TotalDiscount", document.total_discount, out);
    out.key("Title").string(draw::one_of(
        &mut rng,
        &["Your Quote", "Kōtēhi \"A\"", "", "お見積り"],
    ));
    out.key("Summary").string(draw::one_of(
        &mut rng,
        &["Please buy this", "", "Phase 1/2 🎨"],
    ));
    let theme = draw::any(view.books, Entity::BrandingThemes, &mut rng);
    out.key("BrandingThemeID").guid(theme.id);
    out.key("UpdatedDateUTC").date_plain(row.updated);
    out.key("LineAmountTypes").string(match document.types {
        AmountTypes::Exclusive => "EXCLUSIVE",
        AmountTypes::Inclusive => "INCLUSIVE",
        AmountTypes::NoTax => "NOTAX",
    });
}

fn write_day(key: &str, text_key: &str, at: Millis, out: &mut Json) {
    out.key(key).date_plain(at);
    out.key(text_key).date_string(at);
}
