//! Documents that post the same on either basis: bank transactions, transfers between
//! bank accounts, and manual journals, as far as they say so.

use super::entry::Journal;
use super::parts::parts;
use super::{View, chart_of_accounts};
use crate::books::{Basis, day_of};
use crate::entity::Entity;
use crate::rows::bank_transfers::Transfer;
use crate::rows::document_kind::Side;
use crate::rows::tracking_categories::Choice;
use crate::rows::{bank_transactions, common_fields, currencies, manual_journals};

/// Posts all of them.
pub(super) fn post(view: View<'_>, basis: Basis, journal: &mut Journal<'_>) {
    bank_transactions(view, journal);
    bank_transfers(view, journal);
    manual_journals(view, basis, journal);
}

fn bank_transactions(view: View<'_>, journal: &mut Journal<'_>) {
    let rows = view.books.rows(Entity::BankTransactions).iter();
    let standing = rows.filter(|row| row.status == "AUTHORISED");
    for row in standing.filter(|row| !bank_transactions::is_of_another(row)) {
        let document = bank_transactions::document(row, view);
        let bank = bank_transactions::bank_account(row, view.books).number;
        let sign = Side::of(row).choose(1, -1);
        let (currency, rate) = (document.currency, document.rate);
        let total = currencies::in_base(document.total, currency, rate, view.books);
        let source = (Entity::BankTransactions, row.id);
        let mut entry = journal.entry(day_of(document.date), source, Some(document.contact.id));
        entry.post(bank, sign * total);
        for part in parts(&document, view.books) {
            entry.post_tracked(part.account, -sign * part.amount, part.options);
        }
        entry.close(chart_of_accounts::ROUNDING);
    }
}

fn bank_transfers(view: View<'_>, journal: &mut Journal<'_>) {
    let rows = view.books.rows(Entity::BankTransfers).iter();
    for row in rows.filter(|row| row.status == "AUTHORISED") {
        let Transfer { from, to, amount } = Transfer::of(row);
        let mut entry = journal.entry(day_of(row.created), (Entity::BankTransfers, row.id), None);
        entry.post(to, amount);
        entry.close(from);
    }
}

fn manual_journals(view: View<'_>, basis: Basis, journal: &mut Journal<'_>) {
    let rows = view.books.rows(Entity::ManualJournals).iter();
    let posted = rows.filter(|row| row.status == "POSTED");
    for row in posted.filter(|row| basis == Basis::Accrual || manual_journals::is_cash_basis(row)) {
        let day = day_of(common_fields::midnight(row.created));
        let mut entry = journal.entry(day, (Entity::ManualJournals, row.id), None);
        for line in manual_journals::Draw::of(row, view).lines {
            let mut options = line.tracking.iter().map(Choice::id);
            let options = [options.next(), options.next()];
            entry.post_tracked(line.account.number, line.amount, options);
        }
        entry.close(chart_of_accounts::ROUNDING);
    }
}
