//! What all documents with line items have in common: a contact, a currency, lines and
//! their sums. It is computed before anything is written, because documents show each
//! other's sums.

use super::common_fields::{DAY, midnight};
use super::currencies::{self, Currency};
use super::document_kind::{AmountTypes, DocumentKind};
use super::draw::{self, Aspect};
use super::line_items::{self, LineItem};
use super::{Row, View};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// A document's common part. Amounts count the last place of the currency.
pub(super) struct Document<'a> {
    pub(super) contact: Row,
    pub(super) currency: Currency<'a>,
    /// What a unit of the books' currency buys, see [`currencies::rate`].
    pub(super) rate: i64,
    pub(super) date: Millis,
    pub(super) types: AmountTypes,
    pub(super) lines: Vec<LineItem>,
    pub(super) sub_total: i64,
    pub(super) total_tax: i64,
    pub(super) total: i64,
    /// What the lines would cost more without their discounts.
    pub(super) total_discount: i64,
}

impl<'a> Document<'a> {
    /// Draws the common part of a row.
    pub(super) fn draw(row: &Row, kind: DocumentKind, view: View<'a>) -> Self {
        let mut rng = draw::rng_of(row, Aspect::Head);
        let contact = draw::any(view.books, Entity::Contacts, &mut rng);
        let currency = currencies::any(view.books, &mut rng);
        let rate = currencies::rate(currency, view.books, &mut rng);
        let date = midnight(row.created) - rng.i64(0..10) * DAY;
        let types = match rng.u8(..10) {
            _ if !kind.taxed => AmountTypes::NoTax,
            0 => AmountTypes::NoTax,
            1 | 2 => AmountTypes::Inclusive,
            _ => AmountTypes::Exclusive,
        };
        let lines = line_items::draw(row, kind, types, currency, view);

        let amounts: i64 = lines.iter().map(|line| line.amount).sum();
        let total_tax: i64 = lines.iter().map(|line| line.tax_amount).sum();
        let total_discount = lines.iter().map(|line| line.discount).sum();
        let sub_total = match types {
            AmountTypes::Inclusive => amounts - total_tax,
            AmountTypes::Exclusive | AmountTypes::NoTax => amounts,
        };
        Self {
            contact,
            currency,
            rate,
            date,
            types,
            lines,
            sub_total,
            total_tax,
            total: sub_total + total_tax,
            total_discount,
        }
    }

    /// Writes an amount in the document's currency.
    pub(super) fn amount(&self, key: &str, amount: i64, out: &mut Json) {
        out.key(key).decimal(amount, self.currency.decimals);
    }

    /// Writes the sums.
    pub(super) fn write_totals(&self, out: &mut Json) {
        self.amount("SubTotal", self.sub_total, out);
        self.amount("TotalTax", self.total_tax, out);
        self.amount("Total", self.total, out);
    }

    /// Writes the line items, or `[]` where the answer is too short for them.
    pub(super) fn write_lines(&self, view: View<'_>, out: &mut Json) {
        out.key("LineItems").open_array();
        if view.is_long() {
            for line in &self.lines {
                line.write(self.currency.decimals, view, out);
            }
        }
        out.close_array();
    }
}
