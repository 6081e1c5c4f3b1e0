//! Payments and credit that settle a document.

use super::{Books, Row};
use crate::books::{Day, day_of};
use crate::rows::document::Document;
use crate::rows::{common_fields, payment_amounts, payments};

/// What took something off a debt.
pub(super) struct Settled {
    pub(super) day: Day,
    /// What it took, in the document's currency.
    pub(super) amount: i64,
    pub(super) by: By,
}

/// How something was taken off.
pub(super) enum By {
    /// A payment of this id through an account of this number, in the books' currency.
    Payment { id: u128, bank: u64, money: i64 },
    /// Credit, or an invoice that took it.
    Credit,
}

impl Settled {
    /// Credit of an amount in the document's currency. Xero gives it no day: it is
    /// that of the last edit.
    pub(super) fn credited(row: &Row, amount: i64, document: &Document<'_>) -> Self {
        Self {
            day: day_of(common_fields::midnight(row.updated).max(document.date)),
            amount,
            by: By::Credit,
        }
    }

    /// A payment of an amount in the document's currency.
    pub(super) fn paid(
        payment: &Row,
        amount: i64,
        document: &Document<'_>,
        books: &dyn Books,
    ) -> Self {
        Self {
            day: day_of(payment_amounts::day(payment, document)),
            amount,
            by: By::Payment {
                id: payment.id,
                bank: payments::account(payment, books).number,
                money: payment_amounts::bank_amount(payment, amount, document, books),
            },
        }
    }
}
