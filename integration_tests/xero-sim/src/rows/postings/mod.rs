//! What the documents post. Drafts, voided and deleted documents post nothing; the rest
//! balances document by document.
//!
//! Two things are posted as the documents state them, although no real books would hold them:
//! an invoice says how much credit it took, a credit note how much it gave, and the two do
//! not name each other. What lies between stands on the suspense account, so that the
//! control accounts still equal what the documents say is open.

mod debts;
mod entry;
mod money;
mod parts;
mod settled;

use super::accounts::{self, AccountCode, AccountName};
use super::{Books, Detail, Row, View, chart_of_accounts, draw, tracking_categories};
use crate::books::{
    Account, BROUGHT_OVER, Basis, Group, Item, Ledger, Owing, Role, YearEnd, day_of,
};
use crate::entity::Entity;
use entry::Journal;

/// The ledger of an organisation on a basis.
pub(crate) fn ledger(books: &dyn Books, basis: Basis, year_end: YearEnd) -> Ledger {
    let mut journal = Journal::new(books);
    for debt in debts::all(view(books)) {
        match basis {
            Basis::Accrual => debt.accrue(&mut journal),
            Basis::Cash => debt.settle(&mut journal),
        }
    }
    money::post(view(books), basis, &mut journal);
    if basis == Basis::Accrual {
        bring_over(books, &mut journal);
    }
    Ledger::new(chart(books), journal.into_postings(), year_end)
}

/// All documents that contacts owe or are owed for.
pub(crate) fn items(books: &dyn Books) -> impl Iterator<Item = Item> {
    debts::all(view(books)).map(|debt| debt.item())
}

/// What is open with each contact, without what was brought over.
pub(crate) fn owing(books: &dyn Books) -> Owing {
    Owing::of(items(books))
}

/// The options of a tracking category, if there is one of this id: ids and names.
pub(crate) fn options(books: &dyn Books, category: u128) -> Option<Vec<(u128, &'static str)>> {
    let mut categories = books.rows(Entity::TrackingCategories).iter();
    let category = categories.find(|row| row.id == category)?;
    Some(tracking_categories::options(category))
}

fn chart(books: &dyn Books) -> Vec<Account> {
    let account = |row: &Row| {
        let entry = accounts::entry(row);
        Account {
            id: row.id,
            code: AccountCode(row).to_string(),
            name: AccountName(row).to_string(),
            group: Group::of(entry.kind),
            role: Role::of(entry.system),
        }
    };
    books.rows(Entity::Accounts).iter().map(account).collect()
}

/// Documents with all that their lists show.
pub(super) fn view(books: &dyn Books) -> View<'_> {
    View {
        books,
        detail: Detail::Paged,
        unitdp: 4,
    }
}

/// Posts what contacts brought over from an older system.
fn bring_over(books: &dyn Books, journal: &mut Journal) {
    let contacts = books.rows(Entity::Contacts).iter();
    for contact in contacts.filter(|contact| contact.silent_edits > 0) {
        let amount = BROUGHT_OVER * i64::from(contact.silent_edits);
        let day = day_of(contact.created);
        let mut entry = journal.entry(day, (Entity::Contacts, contact.id), Some(contact.id));
        entry.post(chart_of_accounts::RECEIVABLE, amount);
        entry.post(chart_of_accounts::PAYABLE, -amount);
        entry.close(chart_of_accounts::HISTORICAL);
    }
}
