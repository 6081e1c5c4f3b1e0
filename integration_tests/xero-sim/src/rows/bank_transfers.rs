//! Bank transfers. They have no UpdatedDateUTC: only their creation is stamped.

use super::fields::{DAY, midnight};
use super::pick::{self, Aspect, Versioned};
use super::words::REFERENCES;
use super::{Row, View, accounts, attachments, chart, currencies, fields, tracking};
use crate::entity::Entity;
use crate::json::Json;

/// What is moved, from where to where: numbers of accounts.
pub(super) struct Transfer {
    pub(super) from: u64,
    pub(super) to: u64,
    /// In the last place of the books' currency.
    pub(super) amount: i64,
}

impl Transfer {
    pub(super) fn of(row: &Row) -> Self {
        let mut rng = pick::dice(row, Aspect::Lines);
        // Never from an account to itself.
        let (first, last) = (*chart::BANK.start(), *chart::BANK.end());
        let from = rng.u64(chart::BANK);
        Self {
            from,
            to: if from == last { first } else { from + 1 },
            amount: rng.i64(100..5_000_000),
        }
    }
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = pick::dice(row, Aspect::Head);
    let Transfer { from, to, amount } = Transfer::of(row);
    // The date of a transfer can have a time of day.
    let date = midnight(row.created) + [0, 33 * 60_000, DAY / 2][rng.usize(..3)];
    out.key("BankTransferID").guid(row.id);
    out.key("CreatedDateUTCString").date_string(row.created);
    out.key("CreatedDateUTC").date(row.created);
    fields::day("DateString", "Date", date, out);
    out.key("Status").string(row.status);
    for (key, number) in [("FromBankAccount", from), ("ToBankAccount", to)] {
        let account = pick::numbered(view.books, Entity::Accounts, number);
        accounts::write_stub(key, &account, out);
    }
    let decimals = currencies::base(view.books).decimals;
    out.key("Amount").decimal(amount, decimals);
    out.key("FromBankTransactionID")
        .guid(pick::child_id(row.id, 0));
    out.key("ToBankTransactionID")
        .guid(pick::child_id(row.id, 1));
    out.key("FromIsReconciled").bool(rng.bool());
    out.key("ToIsReconciled").bool(rng.bool());
    out.key("Reference")
        .display(Versioned(pick::one(&mut rng, REFERENCES), row.version));
    out.key("CurrencyRate").number("1.000000");
    attachments::write("banktransfer", row, view, out);
    for key in ["FromTracking", "ToTracking"] {
        let choices: Vec<_> = tracking::any(view, &mut rng).collect();
        tracking::write(key, choices.iter(), out);
    }
}
