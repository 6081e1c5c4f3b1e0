//! Entries: what documents post, in double entry.

use std::sync::Arc;

use super::{Books, DocumentKey, Row, chart_of_accounts, draw};
use crate::books::Basis;
use crate::clock::Millis;
use crate::entity::Entity;
use crate::rows::draw::Versioned;
use crate::rows::tax_rates::TaxRate;
use crate::rows::tracking_categories::Choice;

/// What one event of a document posts. Debits are positive and equal the credits; amounts are in the
/// last place of the books' currency.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The document that posts it.
    pub(crate) document: DocumentKey,
    /// Which of the document's entries it is: the id of an allocation, or 0.
    pub(crate) part: u128,
    /// Xero's SourceType and SourceID. Balances that were brought over have none.
    pub(crate) source: Option<(&'static str, u128)>,
    pub(crate) bases: Bases,
    pub(crate) date: Millis,
    pub(crate) reference: Versioned<&'static str>,
    pub(crate) contact: Option<u128>,
    pub(crate) lines: Vec<EntryLine>,
}

/// The bases on which an entry counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bases {
    Accrual,
    Cash,
    Both,
}

impl Bases {
    /// Whether an entry counts on a basis.
    pub(crate) fn include(self, basis: Basis) -> bool {
        match self {
            Self::Accrual => basis == Basis::Accrual,
            Self::Cash => basis == Basis::Cash,
            Self::Both => true,
        }
    }
}

/// One side of an entry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EntryLine {
    /// The account's number.
    pub(crate) account: u64,
    pub(crate) net: i64,
    /// The tax of a line of a document, which the tax account has as well.
    pub(crate) tax: Option<(i64, &'static TaxRate)>,
    pub(crate) description: &'static str,
    pub(crate) tracking: [Option<Choice>; 2],
}

impl Entry {
    /// An entry of a document without lines.
    pub(super) fn new(document: DocumentKey, source: (&'static str, u128), bases: Bases) -> Self {
        Self {
            document,
            part: 0,
            source: Some(source),
            bases,
            date: 0,
            reference: Versioned("", 1),
            contact: None,
            lines: Vec::new(),
        }
    }

    /// Posts an amount to an account.
    pub(super) fn post(&mut self, account: u64, net: i64) {
        self.post_line(EntryLine {
            account,
            net,
            tax: None,
            description: "",
            tracking: [None; 2],
        });
    }

    pub(super) fn post_line(&mut self, line: EntryLine) {
        if line.net != 0 {
            self.lines.push(line);
        }
    }

    /// Posts what is left to an account, so that the entry balances. `None` if nothing is posted.
    pub(super) fn closed_with(mut self, account: u64) -> Option<Self> {
        let sum: i64 = self.lines.iter().map(|line| line.net).sum();
        self.post(account, -sum);
        (!self.lines.is_empty()).then_some(self)
    }

    /// The same, with the difference that rounding left.
    pub(super) fn rounded(self) -> Option<Self> {
        self.closed_with(chart_of_accounts::ROUNDING)
    }
}

/// An entry with the number of its journal.
#[derive(Clone, Debug)]
pub(crate) struct PostedEntry {
    pub(crate) number: u64,
    pub(crate) entry: Arc<Entry>,
    /// Whether it takes the entry back.
    pub(crate) is_reversal: bool,
}

impl PostedEntry {
    /// 1, or -1 for an entry that takes another one back.
    pub(crate) fn sign(&self) -> i64 {
        match self.is_reversal {
            false => 1,
            true => -1,
        }
    }
}

/// The account of a line.
pub(crate) fn account(line: &EntryLine, books: &dyn Books) -> Row {
    draw::numbered(books, Entity::Accounts, line.account)
}
