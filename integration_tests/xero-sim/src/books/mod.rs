//! Double-entry books: which amount each document posts to which account on which day, in the base
//! currency, and the sums that reports need. This module knows no layout of documents or reports.

mod calendar;
mod ledger;
mod owing;

pub use calendar::Comparisons;
pub(crate) use calendar::{Day, Span, YearEnd, day_of, month_end};
pub(crate) use ledger::{Ledger, Sums, Tracked};
pub(crate) use owing::{BROUGHT_OVER, Item, Owed, Owing};

use crate::entity::Entity;

/// The accounting basis: when income and expenses are recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// On the day of the document.
    Accrual,
    /// When it is paid, in proportion to the payment (`paymentsOnly=true`).
    Cash,
}

/// Who owes: the customer or the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owes {
    /// Accounts receivable.
    Customer,
    /// Accounts payable.
    Organisation,
}

/// One side of an entry. All postings of one entry add up to zero.
#[derive(Clone, Debug)]
pub(crate) struct Posting {
    pub(crate) day: Day,
    /// The account's id.
    pub(crate) account: u128,
    /// The amount in the smallest unit of the base currency. Debits are positive.
    pub(crate) amount: i64,
    /// Ids of the tracking options, at most one of each category.
    pub(crate) options: [Option<u128>; 2],
    /// The contact of the document, if it has one.
    pub(crate) contact: Option<u128>,
    pub(crate) source: DocumentKey,
}

/// The table and the number of a document.
pub type DocumentKey = (Entity, u64);

/// The section of reports that an account belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Bank,
    CurrentAssets,
    FixedAssets,
    NonCurrentAssets,
    CurrentLiabilities,
    NonCurrentLiabilities,
    Equity,
    Income,
    CostOfSales,
    Expenses,
    Overheads,
    Depreciation,
    OtherIncome,
}

impl Group {
    /// The group of Xero's AccountType.
    pub(crate) fn of(kind: &str) -> Self {
        match kind {
            "BANK" => Self::Bank,
            "CURRENT" | "INVENTORY" | "PREPAYMENT" => Self::CurrentAssets,
            "FIXED" => Self::FixedAssets,
            "NONCURRENT" => Self::NonCurrentAssets,
            "CURRLIAB" | "PAYG" => Self::CurrentLiabilities,
            "LIABILITY" | "TERMLIAB" => Self::NonCurrentLiabilities,
            "EQUITY" => Self::Equity,
            "REVENUE" | "SALES" => Self::Income,
            "OTHERINCOME" => Self::OtherIncome,
            "DIRECTCOSTS" => Self::CostOfSales,
            "OVERHEADS" => Self::Overheads,
            "DEPRECIATN" => Self::Depreciation,
            _ => Self::Expenses,
        }
    }

    /// Whether the balances of its accounts start each fiscal year at zero.
    pub(crate) fn is_of_profit(self) -> bool {
        use Group::*;
        matches!(
            self,
            Income | CostOfSales | Expenses | Overheads | Depreciation | OtherIncome
        )
    }

    /// Returns the growth of an account from the sum of its debits.
    pub(crate) fn growth(self, debits: i64) -> i64 {
        if self.grows_by_debits() {
            debits
        } else {
            -debits
        }
    }

    /// Whether debits increase its accounts.
    pub(crate) fn grows_by_debits(self) -> bool {
        use Group::*;
        !matches!(
            self,
            CurrentLiabilities | NonCurrentLiabilities | Equity | Income | OtherIncome
        )
    }
}

/// The role of an account in postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Usual,
    Receivable,
    Payable,
    Tax,
    RetainedEarnings,
    /// Gains and losses from changing exchange rates.
    CurrencyGains,
}

impl Role {
    /// The role of Xero's SystemAccount.
    pub(crate) fn of(system: &str) -> Self {
        match system {
            "DEBTORS" => Self::Receivable,
            "CREDITORS" => Self::Payable,
            "GST" => Self::Tax,
            "RETAINEDEARNINGS" => Self::RetainedEarnings,
            "BANKCURRENCYGAIN" | "UNREALISEDCURRENCYGAIN" | "REALISEDCURRENCYGAIN" => {
                Self::CurrencyGains
            }
            _ => Self::Usual,
        }
    }
}

/// An account of the chart.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: u128,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) group: Group,
    pub(crate) role: Role,
}

#[cfg(test)]
pub(crate) mod tests;
