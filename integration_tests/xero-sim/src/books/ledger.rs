//! The general ledger: all postings on one basis, and sums of them.

use std::collections::{BTreeMap, HashMap};

use chrono::Days;

use super::{Account, Day, DocumentKey, Group, Posting, Role, Span, YearEnd};
use crate::entity::Entity;

/// The postings that a sum includes, by their tracking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tracked {
    /// All postings.
    Any,
    /// Postings tracked under this option, and also under the second one if it is given.
    Under(u128, Option<u128>),
}

impl Tracked {
    fn takes(self, posting: &Posting) -> bool {
        let has = |option| posting.options.contains(&Some(option));
        match self {
            Self::Any => true,
            Self::Under(one, other) => has(one) && other.is_none_or(has),
        }
    }
}

/// A sum for each account, debits positive.
#[derive(Debug, Default)]
pub(crate) struct Sums(HashMap<u128, i64>);

impl Sums {
    /// The sum of one account.
    pub(crate) fn of(&self, account: &Account) -> i64 {
        self.0.get(&account.id).copied().unwrap_or_default()
    }

    /// Subtracts the sums of others.
    pub(crate) fn less(&self, others: &[Self]) -> Self {
        let mut rest = self.0.clone();
        for (account, sum) in others.iter().flat_map(|other| &other.0) {
            *rest.entry(*account).or_default() -= sum;
        }
        Self(rest)
    }
}

/// The postings sorted by day, and the chart of accounts.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// By their names.
    pub(super) accounts: Vec<Account>,
    postings: Vec<Posting>,
    year_end: YearEnd,
}

impl Ledger {
    pub(crate) fn new(
        mut accounts: Vec<Account>,
        mut postings: Vec<Posting>,
        year_end: YearEnd,
    ) -> Self {
        accounts.sort_by(|one, other| one.name.cmp(&other.name));
        postings.sort_by_key(|posting| posting.day);
        Self {
            accounts,
            postings,
            year_end,
        }
    }

    /// The accounts of some groups by their names.
    pub(crate) fn accounts_of(&self, groups: &[Group]) -> Vec<&Account> {
        let accounts = self.accounts.iter();
        accounts.filter(|it| groups.contains(&it.group)).collect()
    }

    /// Returns the sum of the account with a role. 0 if there is none.
    pub(crate) fn sum_of(&self, role: Role, sums: &Sums) -> i64 {
        let accounts = self.accounts.iter().filter(|account| account.role == role);
        accounts.map(|account| sums.of(account)).sum()
    }

    /// The postings of some days.
    pub(crate) fn within(&self, span: Span) -> &[Posting] {
        let first = self.postings.partition_point(|it| it.day < span.first);
        let end = self.postings.partition_point(|it| it.day <= span.last);
        &self.postings[first..end.max(first)]
    }

    /// Returns the movement of each account in a span.
    pub(crate) fn moved(&self, span: Span, tracked: Tracked) -> Sums {
        let mut sums = Sums::default();
        for posting in self.within(span).iter().filter(|it| tracked.takes(it)) {
            *sums.0.entry(posting.account).or_default() += posting.amount;
        }
        sums
    }

    /// Returns what came to an account in a span and what left it. Each document counts with what it moved on the
    /// whole, so a document that was voided counts on neither side.
    pub(crate) fn received_and_spent(&self, span: Span, account: &Account) -> [i64; 2] {
        let mut by_source = HashMap::<_, i64>::new();
        let postings = self.within(span).iter();
        for posting in postings.filter(|it| it.account == account.id) {
            *by_source.entry(posting.source).or_default() += posting.amount;
        }
        by_source
            .into_values()
            .fold([0, 0], |[received, spent], amount| {
                [received + amount.max(0), spent - amount.min(0)]
            })
    }

    /// Returns the balance of each account at the end of a day. Balances of income and expenses
    /// start each fiscal year at zero; earlier amounts are in retained earnings.
    pub(crate) fn standing(&self, day: Day) -> Sums {
        let mut sums = self.moved(Span::until(day), Tracked::Any);
        let before = Span::until(self.fiscal_year(day) - Days::new(1));
        let earned = self.moved(before, Tracked::Any);
        for account in &self.accounts {
            let held = earned.of(account);
            if account.group.is_of_profit() && held != 0 {
                *sums.0.entry(account.id).or_default() -= held;
            }
        }
        let mut accounts = self.accounts.iter();
        if let Some(retained) = accounts.find(|it| it.role == Role::RetainedEarnings) {
            *sums.0.entry(retained.id).or_default() -= self.earned(&earned);
        }
        sums
    }

    /// Returns the profit in these movements.
    pub(crate) fn earned(&self, sums: &Sums) -> i64 {
        let of_profit = self.accounts.iter().filter(|it| it.group.is_of_profit());
        -of_profit.map(|account| sums.of(account)).sum::<i64>()
    }

    /// Returns the profit of a span.
    pub(crate) fn profit(&self, span: Span) -> i64 {
        self.earned(&self.moved(span, Tracked::Any))
    }

    /// The first day of the fiscal year that a day is in.
    pub(crate) fn fiscal_year(&self, day: Day) -> Day {
        self.year_end.year_of(day)
    }

    /// The day of the first posting, if there is any.
    pub(crate) fn first_day(&self) -> Option<Day> {
        self.postings.first().map(|posting| posting.day)
    }

    /// Returns the number of sales invoices of a span that were not taken back.
    pub(crate) fn sales(&self, span: Span) -> usize {
        let control = self.accounts.iter().find(|it| it.role == Role::Receivable);
        let control = control.map(|account| account.id);
        let mut sums = HashMap::<_, i64>::new();
        for posting in self.within(span) {
            if posting.source.0 == Entity::Invoices && Some(posting.account) == control {
                *sums.entry(posting.source).or_default() += posting.amount;
            }
        }
        sums.values().filter(|sum| **sum > 0).count()
    }

    /// The documents whose postings in some days were not taken back, each once.
    pub(crate) fn documents(&self, span: Span) -> Vec<DocumentKey> {
        let mut sums = BTreeMap::<_, HashMap<u128, i64>>::new();
        for posting in self.within(span) {
            let sums = sums.entry(posting.source).or_default();
            *sums.entry(posting.account).or_default() += posting.amount;
        }
        let counts = |sums: &HashMap<u128, i64>| sums.values().any(|sum| *sum != 0);
        let documents = sums.into_iter().filter(|(_, sums)| counts(sums));
        documents.map(|(document, _)| document).collect()
    }
}
