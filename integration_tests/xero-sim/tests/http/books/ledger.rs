//! Sums of journal lines.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde_json::Value;

use super::fields::{day, list, text};
use super::reader::Books;

/// A sum for each account, debits positive, without those that are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums(BTreeMap<String, i128>);

impl Sums {
    /// Adds to an account.
    pub fn add(&mut self, account: &str, amount: i128) {
        let sum = self.0.entry(account.to_owned()).or_default();
        *sum += amount;
        if *sum == 0 {
            self.0.remove(account);
        }
    }

    /// Adds all sums of others.
    pub fn extend(&mut self, others: &Self) {
        others
            .iter()
            .for_each(|(account, sum)| self.add(account, sum));
    }

    /// The sum of an account.
    pub fn of(&self, account: &str) -> i128 {
        self.0.get(account).copied().unwrap_or_default()
    }

    /// The sums by account.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i128)> {
        self.0.iter().map(|(account, sum)| (account.as_str(), *sum))
    }

    /// The sums of some accounts.
    pub fn only(&self, takes: impl Fn(&str) -> bool) -> Self {
        let taken = self.0.iter().filter(|(account, _)| takes(account));
        Self(
            taken
                .map(|(account, sum)| (account.clone(), *sum))
                .collect(),
        )
    }

    /// Whether every account is at zero.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sums with the codes of their accounts, for messages.
    pub fn shown(&self, books: &Books) -> String {
        let shown = self.0.iter().map(|(id, sum)| {
            let account = books.find("accounts", id);
            let code = account.map_or(id.as_str(), |account| text(account, "Code"));
            format!("{code}: {sum}")
        });
        format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
    }
}

/// The sums of one journal.
pub fn of_journal(books: &Books, journal: &Value) -> Sums {
    let mut sums = Sums::default();
    for line in list(journal, "JournalLines") {
        sums.add(text(line, "AccountID"), books.amount(line, "NetAmount"));
    }
    sums
}

/// The sums of the journals of each source, by its id.
pub fn by_source(books: &Books, stream: &str) -> HashMap<String, Sums> {
    let mut sources: HashMap<String, Sums> = HashMap::new();
    for journal in books.rows(stream) {
        let source = sources.entry(text(journal, "SourceID").to_owned());
        source.or_default().extend(&of_journal(books, journal));
    }
    sources
}

/// The sums of the journals of the days from one to another.
pub fn within(books: &Books, stream: &str, first: NaiveDate, last: NaiveDate) -> Sums {
    let mut sums = Sums::default();
    for journal in books.rows(stream) {
        let day = day(journal, "JournalDate");
        if day.is_some_and(|day| (first..=last).contains(&day)) {
            sums.extend(&of_journal(books, journal));
        }
    }
    sums
}

/// Whether an account counts towards the profit.
pub fn is_of_profit(books: &Books, account: &str) -> bool {
    let account = books.find("accounts", account);
    account.is_some_and(|account| matches!(text(account, "Class"), "REVENUE" | "EXPENSE"))
}
