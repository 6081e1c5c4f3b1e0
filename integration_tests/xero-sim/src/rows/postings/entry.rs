//! Entries. Each entry balances.

use std::collections::HashMap;

use super::{Books, draw};
use crate::books::{Day, Posting};
use crate::entity::Entity;

/// All entries of the books.
pub(super) struct Journal<'a> {
    books: &'a dyn Books,
    /// Ids of accounts by their numbers.
    accounts: HashMap<u64, u128>,
    postings: Vec<Posting>,
}

impl<'a> Journal<'a> {
    pub(super) fn new(books: &'a dyn Books) -> Self {
        Self {
            books,
            accounts: HashMap::new(),
            postings: Vec::new(),
        }
    }

    /// Begins an entry of a document.
    pub(super) fn entry(
        &mut self,
        day: Day,
        source: (Entity, u128),
        contact: Option<u128>,
    ) -> Entry<'_, 'a> {
        Entry {
            journal: self,
            day,
            source,
            contact,
            sum: 0,
        }
    }

    pub(super) fn into_postings(self) -> Vec<Posting> {
        self.postings
    }

    fn account(&mut self, number: u64) -> u128 {
        let books = self.books;
        let found = self.accounts.entry(number);
        *found.or_insert_with(|| draw::numbered(books, Entity::Accounts, number).id)
    }
}

/// An entry under way.
pub(super) struct Entry<'j, 'a> {
    journal: &'j mut Journal<'a>,
    day: Day,
    source: (Entity, u128),
    contact: Option<u128>,
    sum: i64,
}

impl Entry<'_, '_> {
    /// Posts to an account of a number, debits positive.
    pub(super) fn post(&mut self, account: u64, amount: i64) {
        self.post_tracked(account, amount, [None; 2]);
    }

    /// The same under tracking options.
    pub(super) fn post_tracked(&mut self, account: u64, amount: i64, options: [Option<u128>; 2]) {
        if amount == 0 {
            return;
        }
        self.sum += amount;
        let account = self.journal.account(account);
        self.journal.postings.push(Posting {
            day: self.day,
            account,
            amount,
            options,
            contact: self.contact,
            source: self.source,
        });
    }

    /// Posts what is left to an account, so that the entry balances.
    pub(super) fn close(mut self, account: u64) {
        self.post(account, -self.sum);
    }
}
