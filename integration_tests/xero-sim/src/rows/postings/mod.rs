//! The general ledger: what each document posts. Journals and reports are written from these entries.

mod debts;
mod documents;
mod entry;
mod parts;
mod settled;

use std::sync::Arc;

use super::accounts::{self, AccountCode, AccountName};
use super::settle::view;
use super::{Books, DocumentKey, Row, View, chart_of_accounts, draw, tracking_categories};
use crate::books::{Account, Basis, Group, Ledger, Posting, Role, YearEnd, day_of};
use crate::clock::Millis;
use crate::entity::Entity;

pub(crate) use debts::{items, owing};
pub(crate) use entry::{Entry, EntryLine, PostedEntry, account};

/// The tables whose documents post.
pub(crate) const POSTING: [Entity; 9] = [
    Entity::BankTransactions,
    Entity::BankTransfers,
    Entity::CreditNotes,
    Entity::ExpenseClaims,
    Entity::Invoices,
    Entity::ManualJournals,
    Entity::Overpayments,
    Entity::Payments,
    Entity::Prepayments,
];

/// Whether a document is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It never was: a draft, or a document of a status that nobody knows.
    Unposted,
    Posted,
    /// It was, until it was voided or deleted.
    Reversed,
}

impl State {
    fn of(entity: Entity, row: &Row) -> Self {
        match (entity, row.status) {
            (Entity::ManualJournals, "POSTED") => Self::Posted,
            (Entity::Contacts, _) if row.silent_edits > 0 => Self::Posted,
            (Entity::ManualJournals | Entity::Contacts, status) if status != "VOIDED" => {
                Self::Unposted
            }
            _ if row.stands() => Self::Posted,
            (_, "VOIDED") => Self::Reversed,
            // Of these, no draft exists that could be deleted.
            (Entity::BankTransactions | Entity::BankTransfers | Entity::Payments, "DELETED") => {
                Self::Reversed
            }
            _ => Self::Unposted,
        }
    }
}

/// What a document posts as it is now.
pub(crate) fn entries(document: DocumentKey, books: &dyn Books) -> Vec<Arc<Entry>> {
    let (entity, number) = document;
    let row = books.row(entity, number);
    match row.filter(|row| State::of(entity, row) == State::Posted) {
        Some(row) => written(entity, row, books),
        None => Vec::new(),
    }
}

fn written(entity: Entity, row: &Row, books: &dyn Books) -> Vec<Arc<Entry>> {
    let view = view(books);
    let one = |entry: Option<Entry>| entry.into_iter().collect();
    let entries: Vec<Entry> = match entity {
        Entity::Invoices => one(documents::invoice(row, view)),
        Entity::CreditNotes => one(documents::credit_note(row, view)),
        Entity::Prepayments | Entity::Overpayments => documents::money_ahead(entity, row, view),
        Entity::Payments => settled::payment(row, view),
        Entity::BankTransactions => one(documents::bank_transaction(row, view)),
        Entity::BankTransfers => one(documents::bank_transfer(row)),
        Entity::ManualJournals => one(documents::manual_journal(row, view)),
        Entity::ExpenseClaims => documents::expense_claim(row, view),
        Entity::Contacts => one(documents::brought_over(row)),
        _ => Vec::new(),
    };
    let used = super::settle::CREDIT.contains(&entity);
    let allocations = used.then(|| settled::allocations(entity, row, view));
    let entries = entries.into_iter().chain(allocations.into_iter().flatten());
    entries.map(Arc::new).collect()
}

/// What a journal without a document posts: wages.
pub(crate) fn wages(row: &Row) -> Option<Arc<Entry>> {
    documents::wages(row).map(Arc::new)
}

/// An entry that was posted or taken back at some time.
pub(crate) struct Event {
    pub(crate) at: Millis,
    pub(crate) entry: Arc<Entry>,
    pub(crate) is_reversal: bool,
}

/// What a document posted since it was made, without what it posts when it is edited.
pub(crate) fn events(entity: Entity, row: &Row, books: &dyn Books) -> Vec<Event> {
    let state = State::of(entity, row);
    if state == State::Unposted {
        return Vec::new();
    }
    let mut events = Vec::new();
    for entry in written(entity, row, books) {
        let posted = entry_time(row, &entry, books);
        let reversed = (state == State::Reversed).then(|| Event {
            at: row.updated.max(posted),
            entry: Arc::clone(&entry),
            is_reversal: true,
        });
        events.push(Event {
            at: posted,
            entry,
            is_reversal: false,
        });
        events.extend(reversed);
    }
    events
}

/// Credit is used no earlier than its invoice is made.
fn entry_time(row: &Row, entry: &Entry, books: &dyn Books) -> Millis {
    let mut allocations = books.settlements().by(entry.document);
    let allocation = allocations.find(|it| it.id == entry.part);
    let invoice = allocation.and_then(|it| books.row(it.of.0, it.of.1));
    invoice.map_or(row.created, |invoice| invoice.created.max(row.created))
}

/// The ledger of an organisation on a basis, from what its journals posted.
pub(crate) fn ledger(
    books: &dyn Books,
    posted: &[PostedEntry],
    basis: Basis,
    year_end: YearEnd,
) -> Ledger {
    let accounts = books.rows(Entity::Accounts);
    let ids: Vec<u128> = (0..=accounts.last().map_or(0, |row| row.number))
        .map(|number| draw::numbered(books, Entity::Accounts, number).id)
        .collect();
    let id = |number: u64| ids.get(number as usize).copied();
    let mut postings = Vec::new();
    for posted in posted.iter().filter(|it| it.entry.bases.include(basis)) {
        let Entry { document, .. } = *posted.entry;
        for line in &posted.entry.lines {
            postings.push(Posting {
                day: day_of(posted.entry.date),
                account: id(line.account).unwrap_or_default(),
                amount: posted.sign() * line.net,
                options: line.tracking.map(|choice| choice.map(|it| it.id())),
                contact: posted.entry.contact,
                source: document,
            });
        }
    }
    Ledger::new(chart(books), postings, year_end)
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
