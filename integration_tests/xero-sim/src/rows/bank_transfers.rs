//! Bank transfers. They have no UpdatedDateUTC: only their creation is stamped.

use super::common_fields::{DAY, midnight};
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::REFERENCES;
use super::{
    Row, View, accounts, attachments, chart_of_accounts, common_fields, currencies,
    tracking_categories,
};
use crate::clock::Millis;
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
        let mut rng = draw::rng_of(row, Aspect::Lines);
        // Never from an account to itself.
        let (first, last) = (
            *chart_of_accounts::BANK.start(),
            *chart_of_accounts::BANK.end(),
        );
        let from = rng.u64(chart_of_accounts::BANK);
        Self {
            from,
            to: if from == last { first } else { from + 1 },
            amount: rng.i64(100..5_000_000),
        }
    }
}

/// The date of a transfer, which can have a time of day.
pub(super) fn date(row: &Row) -> Millis {
    let times = [0, 33 * 60_000, DAY / 2];
    midnight(row.created) + times[draw::rng_of(row, Aspect::Date).usize(..times.len())]
}

/// The reference of a transfer.
pub(super) fn reference(row: &Row) -> Versioned<&'static str> {
    let mut rng = draw::rng_of(row, Aspect::Terms);
    Versioned(draw::one_of(&mut rng, REFERENCES), row.version)
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Head);
    let Transfer { from, to, amount } = Transfer::of(row);
    out.key("BankTransferID").guid(row.id);
    out.key("CreatedDateUTCString").date_string(row.created);
    out.key("CreatedDateUTC").date(row.created);
    common_fields::day("DateString", "Date", date(row), out);
    out.key("Status").string(row.status);
    for (key, number) in [("FromBankAccount", from), ("ToBankAccount", to)] {
        let account = draw::numbered(view.books, Entity::Accounts, number);
        accounts::write_stub(key, &account, out);
    }
    let decimals = currencies::base(view.books).decimals;
    out.key("Amount").decimal(amount, decimals);
    let sides = view.books.made_for((Entity::BankTransfers, row.number));
    let keys = ["FromBankTransactionID", "ToBankTransactionID"];
    for (key, side) in keys.into_iter().zip(sides) {
        let side = draw::row(view.books, *side);
        out.key(key).guid(side.id);
    }
    out.key("FromIsReconciled").bool(rng.bool());
    out.key("ToIsReconciled").bool(rng.bool());
    out.key("Reference").display(reference(row));
    out.key("CurrencyRate").number("1.000000");
    attachments::write("banktransfer", row, view, out);
    for key in ["FromTracking", "ToTracking"] {
        let choices: Vec<_> = tracking_categories::any(view, &mut rng).collect();
        tracking_categories::write(key, choices.iter(), out);
    }
}
