//! Line items.

use fastrand::Rng;

use super::accounts::{self, AccountCode};
use super::chart_of_accounts;
use super::currencies::Currency;
use super::document_kind::{AmountTypes, DocumentKind, Side};
use super::draw::{self, Aspect};
use super::items;
use super::sample_texts::DESCRIPTIONS;
use super::tax_rates::{self, TaxRate};
use super::tracking_categories::{self, Choice};
use super::{Row, View, common_fields, us_sales_tax};
use crate::entity::Entity;
use crate::json::Json;

/// Decimals of quantities and, inside, of unit amounts.
const DECIMALS: u8 = 4;
/// How many of the lines after a document's first there are for each that was left blank.
const BLANK_ONCE_IN: u128 = 50;
/// A quantity of one.
const ONE: i64 = 10_i64.pow(DECIMALS as u32);

/// A line. Amounts count the last place of the document's currency.
pub(super) struct LineItem {
    pub(super) id: u128,
    /// Missing, like the quantity, in a line that a user left blank.
    pub(super) description: Option<&'static str>,
    /// In ten-thousandths.
    quantity: Option<i64>,
    /// In ten-thousandths of the currency's unit.
    unit_amount: i64,
    /// Percent.
    discount_rate: i64,
    /// What the line would cost more without its discount.
    pub(super) discount: i64,
    pub(super) amount: i64,
    pub(super) tax_amount: i64,
    pub(super) tax: &'static TaxRate,
    pub(super) account: Row,
    item: Option<Row>,
    pub(super) tracking: [Option<Choice>; 2],
}

/// Draws the lines of a document. They are those of its pattern, with ids of their own.
pub(super) fn draw(
    row: &Row,
    pattern: &Row,
    kind: DocumentKind,
    types: AmountTypes,
    currency: Currency<'_>,
    view: View<'_>,
) -> Vec<LineItem> {
    let mut rng = draw::rng_of(pattern, Aspect::Lines);
    // Of three draws the least: most documents are short.
    let count = [(); 3].map(|()| rng.usize(1..=kind.most_lines));
    let count = count.into_iter().min().unwrap_or(1) as u64;
    (0..count.saturating_sub(row.lines_removed.into()))
        .map(|at| {
            let id = draw::child_id(row.id, at);
            let line = draw_line(id, kind, types, currency, view, &mut rng);
            let is_blank = draw::child_id(pattern.id, at).is_multiple_of(BLANK_ONCE_IN);
            match at > 0 && is_blank {
                true => line.left_blank(),
                false => line,
            }
        })
        .collect()
}

/// The id of a document's first line, for those who name it.
pub(super) fn first_id(document: &Row) -> u128 {
    draw::child_id(document.id, 0)
}

fn draw_line(
    id: u128,
    kind: DocumentKind,
    types: AmountTypes,
    currency: Currency<'_>,
    view: View<'_>,
    rng: &mut Rng,
) -> LineItem {
    let side = kind.side;
    let group = side.choose(chart_of_accounts::SALES, chart_of_accounts::EXPENSES);
    let account = accounts::any(view.books, group, rng);
    let tax = match types {
        AmountTypes::NoTax => tax_rates::none(view.books),
        _ => tax_rates::any(view.books, side, rng),
    };
    let quantity = match rng.u8(..4) {
        0 => rng.i64(1..20 * ONE),
        1 => rng.i64(1..=100) * ONE,
        _ => ONE,
    };
    let unit_amount = unit_amount(currency, rng);
    let discount_rate = if side == Side::Sales && draw::one_in(rng, 8) {
        rng.i64(1..=4) * 5
    } else {
        0
    };
    let full = extend(quantity, unit_amount, currency.decimals);
    let discount = full * discount_rate / 100;
    let amount = full - discount;
    let mut choices = tracking_categories::any(view, rng);
    LineItem {
        id,
        description: Some(DESCRIPTIONS[rng.usize(..DESCRIPTIONS.len())]),
        quantity: Some(quantity),
        unit_amount,
        discount_rate,
        discount,
        amount,
        tax_amount: tax.on(amount, types),
        tax,
        account: kind.account.map_or(account, |number| {
            draw::numbered(view.books, Entity::Accounts, number)
        }),
        item: draw::one_in(rng, 3).then(|| draw::any(view.books, Entity::Items, rng)),
        tracking: [choices.next(), choices.next()],
    }
}

/// A price, mostly of whole cents; it may be finer than what amounts are rounded to,
/// except where the currency has no decimals at all.
fn unit_amount(currency: Currency<'_>, rng: &mut Rng) -> i64 {
    let price = match rng.u8(..5) {
        0 => rng.i64(1..5_000) * ONE,
        1 => rng.i64(100..2_000_000),
        _ => rng.i64(100..200_000) * 100,
    };
    match currency.decimals {
        0 => (price / 100).max(1) * ONE,
        _ => price,
    }
}

/// Quantity times price in the last place of a currency, rounded half up.
fn extend(quantity: i64, unit_amount: i64, decimals: u8) -> i64 {
    let product = i128::from(quantity) * i128::from(unit_amount);
    let divisor = 10_i128.pow(u32::from(2 * DECIMALS - decimals));
    i64::try_from((product + divisor / 2) / divisor).expect("amounts are small")
}

/// The fields of a line that only some tables' documents show.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineFields {
    /// `Item`, in addition to its code.
    item: bool,
    /// `AccountID`, in addition to the account's code.
    account_id: bool,
    /// `DiscountEnteredAsPercent`, always true, and `ValidationErrors`.
    entered: bool,
}

impl LineFields {
    /// Invoices and credit notes.
    pub(super) const INVOICE: Self = Self::new(true, true, false);
    /// Bank transactions.
    pub(super) const BANK: Self = Self::new(false, true, false);
    /// Purchase orders.
    pub(super) const ORDER: Self = Self::new(false, false, false);
    /// Prepayments, overpayments, receipts and repeating invoices.
    pub(super) const ENTERED: Self = Self::new(false, true, true);

    const fn new(item: bool, account_id: bool, entered: bool) -> Self {
        Self {
            item,
            account_id,
            entered,
        }
    }
}

impl LineItem {
    /// The line as it is when a user only chose its account and tax.
    fn left_blank(self) -> Self {
        Self {
            description: None,
            quantity: None,
            unit_amount: 0,
            discount_rate: 0,
            discount: 0,
            amount: 0,
            tax_amount: 0,
            item: None,
            ..self
        }
    }

    /// Writes the line as an element of `LineItems`, with amounts of this number of `decimals`.
    pub(super) fn write(&self, fields: LineFields, decimals: u8, view: View<'_>, out: &mut Json) {
        out.open_object();
        if let Some(item) = &self.item {
            out.key("ItemCode").display(items::ItemCode(item));
        }
        if let Some(description) = self.description {
            out.key("Description").string(description);
        }
        out.key("UnitAmount");
        common_fields::write_unit_amount(self.unit_amount, view, out);
        out.key("TaxType").string(self.tax.code);
        out.key("TaxAmount").decimal(self.tax_amount, decimals);
        out.key("LineAmount").decimal(self.amount, decimals);
        out.key("AccountCode").display(AccountCode(&self.account));
        // Of an item that was deleted, documents keep the code.
        let is_there = |item: &&Row| !view.books.is_removed(Entity::Items, item.number);
        if let Some(item) = self.item.as_ref().filter(|_| fields.item).filter(is_there) {
            items::write_stub(item, out);
        }
        tracking_categories::write("Tracking", self.tracking.iter().flatten(), out);
        if let Some(quantity) = self.quantity {
            out.key("Quantity").decimal(quantity, DECIMALS);
        }
        if self.discount_rate > 0 {
            out.key("DiscountRate").decimal(self.discount_rate * 100, 2);
            out.key("DiscountAmount").decimal(self.discount, decimals);
        }
        // Bills and orders name no jurisdiction, and of sales only those that Xero looked up.
        let is_of_sale = fields.item && self.tax.revenue;
        if is_of_sale && us_sales_tax::is_looked_up(self.id, view) {
            let (amount, tax) = (self.amount, self.tax_amount);
            us_sales_tax::write_taxability(self.id, amount, tax, decimals, out);
        }
        out.key("LineItemID").guid(self.id);
        if fields.account_id {
            out.key("AccountID").guid(self.account.id);
        }
        if fields.entered {
            out.key("DiscountEnteredAsPercent").bool(true);
            out.key("ValidationErrors").empty_array();
        }
        out.close_object();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extends_in_the_decimals_of_the_currency() {
        for (quantity, unit_amount, decimals, expected) in [
            (10_000, 199_500, 2, 1_995),
            (15_000, 33_333, 2, 500),
            (20_000, 15_000_000, 0, 3_000),
            (10_000, 12_340, 3, 1_234),
            (1, 100, 2, 0),
        ] {
            assert_eq!(extend(quantity, unit_amount, decimals), expected);
        }
    }
}
