//! The settlement of an invoice: the payments, and the credit for the rest.

use super::{Books, Row, payment_targets};
use crate::entity::Entity;

/// What was paid and credited, in the last place of the invoice's currency.
pub(super) struct Settlement {
    /// Payments that stand, and what each pays.
    pub(super) payments: Vec<(Row, i64)>,
    pub(super) paid: i64,
    pub(super) credited: i64,
}

impl Settlement {
    /// The settlement of an invoice.
    pub(super) fn of(invoice: &Row, total: i64, books: &dyn Books) -> Self {
        let payments = match invoice.status {
            "PAID" | "AUTHORISED" => payment_targets::standing(Entity::Invoices, invoice, books),
            _ => Vec::new(),
        };
        let share = match (invoice.status, payments.len() as i64) {
            ("PAID", count @ 1..) => total / count,
            _ => total / 4,
        };
        let last = payments.len().saturating_sub(1);
        let mut paid = 0;
        let payments = payments.into_iter().enumerate().map(|(at, payment)| {
            let rest = invoice.status == "PAID" && at == last;
            let amount = if rest { total - paid } else { share };
            paid += amount;
            (payment, amount)
        });
        let payments: Vec<_> = payments.collect();
        let credited = match invoice.status {
            "PAID" => total - paid,
            _ => 0,
        };
        Self {
            payments,
            paid,
            credited,
        }
    }

    /// What one payment pays of the total; one that does not stand once paid all.
    pub(super) fn part(&self, payment: &Row, total: i64) -> i64 {
        let found = self.payments.iter().find(|(row, _)| row.id == payment.id);
        found.map_or(total, |(_, amount)| *amount)
    }
}
