//! What all documents with line items have in common: a contact, a currency, lines and
//! their sums. It is computed before anything is written, because documents show each
//! other's sums.

use super::common_fields::{DAY, midnight};
use super::currencies::{self, Currency};
use super::document_kind::{AmountTypes, DocumentKind};
use super::draw::{self, Aspect};
use super::line_items::{self, LineFields, LineItem};
use super::{Books, Row, View};
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
        let origin = Origin::of(row, view.books);
        let Party { contact, currency } = Party::of(&origin.party, view.books);
        let currency = match kind.in_base_currency {
            true => currencies::base(view.books),
            false => currency,
        };
        let pattern = &origin.pattern;
        let mut rng = draw::rng_of(&origin.money, Aspect::Rate);
        let rate = currencies::rate(currency, view.books, &mut rng);
        let types = match draw::rng_of(pattern, Aspect::Types).u8(..10) {
            _ if !kind.taxed => AmountTypes::NoTax,
            0 => AmountTypes::NoTax,
            1 | 2 => AmountTypes::Inclusive,
            _ => AmountTypes::Exclusive,
        };
        let date = date(&origin.money);
        let lines = line_items::draw(row, pattern, kind, types, currency, view);

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
        self.write_lines_with(LineFields::INVOICE, view, out);
    }

    /// Writes the line items with the fields of the document's table.
    pub(super) fn write_lines_with(&self, fields: LineFields, view: View<'_>, out: &mut Json) {
        out.key("LineItems").open_array();
        if view.is_long() {
            for line in &self.lines {
                line.write(fields, self.currency.decimals, view, out);
            }
        }
        out.close_array();
    }
}

/// The rows that decide what a document shows. They are the document itself, unless it was made
/// from another.
struct Origin {
    /// Whose contact and currency it has.
    party: Row,
    /// Whose lines it has.
    pattern: Row,
    /// Whose date and rate it has.
    money: Row,
}

impl Origin {
    fn of(row: &Row, books: &dyn Books) -> Self {
        let own = || row.clone();
        let Some((entity, origin)) = draw::origin(row, books) else {
            return Self {
                party: own(),
                pattern: own(),
                money: own(),
            };
        };
        let party = Self::of(&origin, books).party;
        match entity {
            // Credit is used for an invoice of the same contact and currency.
            Entity::Invoices => Self {
                party,
                pattern: own(),
                money: own(),
            },
            // An invoice is a copy of its template, with a date of its own.
            Entity::RepeatingInvoices => Self {
                party,
                pattern: origin,
                money: own(),
            },
            // The bank transaction of a prepayment or an overpayment is the same document.
            _ => Self {
                party,
                pattern: origin.clone(),
                money: origin,
            },
        }
    }
}

/// With whom a document is, and in which currency.
struct Party<'a> {
    contact: Row,
    currency: Currency<'a>,
}

impl<'a> Party<'a> {
    fn of(row: &Row, books: &'a dyn Books) -> Self {
        let mut rng = draw::rng_of(row, Aspect::Head);
        Self {
            contact: draw::any(books, Entity::Contacts, &mut rng),
            currency: currencies::any(books, &mut rng),
        }
    }
}

/// The currency of a document.
pub(super) fn currency<'a>(row: &Row, books: &'a dyn Books) -> Currency<'a> {
    Party::of(&Origin::of(row, books).party, books).currency
}

/// The date of a document: of an invoice made from a template the day on which it was made, of
/// others up to ten days before they were entered.
fn date(row: &Row) -> Millis {
    let entered = midnight(row.created);
    match row.of {
        Some((Entity::RepeatingInvoices, _)) => entered,
        _ => entered - draw::rng_of(row, Aspect::Date).i64(0..10) * DAY,
    }
}
