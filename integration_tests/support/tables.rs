//! The tables of the simulator: which stream reads each, and how many rows it gets.

use xero_sim::entity::history;
use xero_sim::{ENDPOINTS, Entity};

/// Each table of the simulator with the stream that reads it. `journals_cash` shows a part of
/// its table.
pub(crate) fn tables() -> impl Iterator<Item = (&'static str, Entity)> {
    ENDPOINTS
        .iter()
        .map(|endpoint| (endpoint.name, endpoint.entity))
}

/// Numbers of rows in the usual organisation, in the order in which the tables are filled.
const SIZES: [(Entity, usize); 20] = [
    (Entity::Contacts, 40),
    (Entity::Items, 30),
    (Entity::Invoices, 120),
    (Entity::Payments, 60),
    (Entity::BankTransactions, 50),
    (Entity::Journals, 250),
    (Entity::BankTransfers, 20),
    (Entity::BatchPayments, 20),
    (Entity::Budgets, 3),
    (Entity::ContactGroups, 5),
    (Entity::CreditNotes, 40),
    (Entity::ExpenseClaims, 20),
    (Entity::ManualJournals, 40),
    (Entity::Overpayments, 30),
    (Entity::Prepayments, 30),
    (Entity::PurchaseOrders, 40),
    (Entity::Quotes, 130),
    (Entity::LinkedTransactions, 130),
    (Entity::Receipts, 30),
    (Entity::RepeatingInvoices, 20),
];
/// Number of rows of a table that has no number in [`SIZES`].
const USUAL_SIZE: usize = 20;

/// The tables that are empty in a new organisation, each with the number of rows that tests put
/// into it.
pub(crate) fn books() -> impl Iterator<Item = (Entity, usize)> {
    history(&SIZES, USUAL_SIZE)
}
