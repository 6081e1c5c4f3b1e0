//! Names and other values of rows that reports show in addition to postings.

use std::collections::BTreeMap;

use super::budgets::{self, Plan};
use super::contact_stub::ContactName;
use super::settle::view;
use super::{Books, Row, currencies};
use crate::books::{Day, month_end};
use crate::entity::Entity;

/// Decimals of amounts in the books' currency.
pub(crate) fn decimals(books: &dyn Books) -> u8 {
    currencies::base(books).decimals
}

/// A contact's row and name, if it can be looked up.
pub(crate) fn contact(books: &dyn Books, id: u128) -> Option<(&Row, String)> {
    let mut contacts = books.rows(Entity::Contacts).iter();
    let row = contacts.find(|row| row.id == id)?;
    Some((row, ContactName(row).to_string()))
}

/// The budget of the whole organisation: for the last day of each month what is planned for
/// the accounts, by their ids, in the last place of the books' currency. Of several the
/// first counts.
pub(crate) fn budget(books: &dyn Books) -> BTreeMap<Day, Vec<(u128, i64)>> {
    let view = view(books);
    let budgets = books.rows(Entity::Budgets).iter();
    let mut plans = budgets.map(|row| (row, Plan::of(row, view)));
    let Some((row, plan)) = plans.find(|(_, plan)| plan.choices.is_empty()) else {
        return BTreeMap::new();
    };
    let unit = 10_i64.pow(decimals(books).into());
    let months = budgets::months(row).map(|(day, times)| {
        let amounts = plan.lines.iter().map(|(account, amount)| {
            let amount = i64::from(*amount) * i64::from(times) * unit;
            (account.id, amount)
        });
        (month_end(day), amounts.collect())
    });
    months.collect()
}
