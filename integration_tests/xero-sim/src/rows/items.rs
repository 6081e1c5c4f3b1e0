//! Items: what is bought and sold.

use std::fmt;

use fastrand::Rng;

use super::accounts::{self, AccountCode};
use super::currencies;
use super::document_kind::Side;
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::{DESCRIPTIONS, THINGS};
use super::{Row, View, chart_of_accounts, common_fields, tax_rates};
use crate::entity::Entity;
use crate::json::Json;

/// Numeric codes count from here.
const FIRST_NUMERIC_CODE: u64 = 1_000;

/// An item's code, distinct for each number.
pub(super) struct ItemCode<'a>(pub(super) &'a Row);

impl fmt::Display for ItemCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefixes = ["BOOK", "GB1/W", "SVC", "T-S"];
        match self.0.seed % 5 {
            // Many users only count: a reader must not take these texts for numbers.
            4 => write!(f, "{}", FIRST_NUMERIC_CODE + self.0.number),
            at => write!(f, "{}-{:03}", prefixes[at as usize], self.0.number),
        }
    }
}

fn name(row: &Row) -> &'static str {
    THINGS[row.number as usize % THINGS.len()]
}

/// Writes the item of a line.
pub(super) fn write_stub(item: &Row, out: &mut Json) {
    out.key("Item").open_object();
    out.key("ItemID").guid(item.id);
    out.key("Name").string(name(item));
    out.key("Code").display(ItemCode(item));
    out.close_object();
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Head);
    // Stock has to be bought before it is sold.
    let stocked = draw::one_in(&mut rng, 3);
    let sold = stocked || rng.u8(..5) > 0;
    let bought = stocked || !sold || rng.bool();
    let cost = rng.i64(5_000..5_000_000);
    let description = DESCRIPTIONS[rng.usize(..DESCRIPTIONS.len())];

    out.key("ItemID").guid(row.id);
    out.key("Code").display(ItemCode(row));
    out.key("Description")
        .display(Versioned(description, row.version));
    if bought {
        out.key("PurchaseDescription").string(description);
    }
    common_fields::updated(row, out);
    out.key("PurchaseDetails").open_object();
    if bought {
        let account = if stocked {
            "COGSAccountCode"
        } else {
            "AccountCode"
        };
        write_price(cost, account, Side::Purchases, view, &mut rng, out);
    }
    out.close_object();
    out.key("SalesDetails").open_object();
    if sold {
        write_price(cost * 2, "AccountCode", Side::Sales, view, &mut rng, out);
    }
    out.close_object();
    out.key("Name").string(name(row));
    out.key("IsTrackedAsInventory").bool(stocked);
    if stocked {
        write_stock(cost, view, &mut rng, out);
    }
    out.key("IsSold").bool(sold);
    out.key("IsPurchased").bool(bought);
}

fn write_price(
    price: i64,
    account_key: &str,
    side: Side,
    view: View<'_>,
    rng: &mut Rng,
    out: &mut Json,
) {
    let group = side.choose(chart_of_accounts::SALES, chart_of_accounts::EXPENSES);
    let account = accounts::any(view.books, group, rng);
    out.key("UnitPrice");
    common_fields::write_unit_amount(price, view, out);
    out.key(account_key).display(AccountCode(&account));
    out.key("TaxType")
        .string(tax_rates::any(view.books, side, rng).code);
}

fn write_stock(cost: i64, view: View<'_>, rng: &mut Rng, out: &mut Json) {
    let account = draw::numbered(view.books, Entity::Accounts, chart_of_accounts::INVENTORY);
    let quantity = rng.i64(0..500);
    let decimals = currencies::base(view.books).decimals;
    out.key("InventoryAssetAccountCode")
        .display(AccountCode(&account));
    out.key("TotalCostPool").decimal(
        quantity * cost / 10_i64.pow(4 - u32::from(decimals)),
        decimals,
    );
    out.key("QuantityOnHand").decimal(quantity * 10_000, 4);
}
