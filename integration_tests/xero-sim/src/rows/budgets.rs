//! Budgets. Lists hold no lines; the budget itself has twelve months of them.

use std::collections::HashSet;

use chrono::DateTime;

use super::accounts::{self, Code};
use super::pick::{self, Aspect, Versioned};
use super::{Row, View, chart, fields, tracking};
use crate::json::Json;

/// Accounts that a budget plans at most.
const LINES: usize = 8;
/// Months that a budget plans.
const MONTHS: u32 = 12;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = pick::dice(row, Aspect::Head);
    let choices: Vec<_> = tracking::any(view, &mut rng).collect();
    out.key("BudgetID").guid(row.id);
    out.key("Status").string(row.status);
    let plan = format_args!("Pūtea {} / plan {}", year_of(row), row.number);
    out.key("Description").display(Versioned(plan, row.version));
    out.key("Type").string(if choices.is_empty() {
        "OVERALL"
    } else {
        "TRACKING"
    });
    if view.is_single() {
        // Alone of all documents, a budget by its id has an ISO date.
        let stamp = day_of(row.updated);
        out.key("UpdatedDateUTC")
            .display(stamp.format("%Y-%m-%dT%H:%M:%S%.3f"));
    } else {
        fields::updated(row, out);
    }
    out.key("BudgetLines").open_array();
    if view.is_single() {
        // An account has one line in a budget.
        let mut planned = HashSet::new();
        for _ in 0..LINES {
            let account = accounts::any(view.books, chart::EXPENSES, &mut rng);
            if !planned.insert(account.id) {
                continue;
            }
            out.open_object();
            out.key("AccountID").guid(account.id);
            out.key("AccountCode").display(Code(&account));
            write_balances(row, rng.u32(1..5_000), out);
            out.close_object();
        }
    }
    out.close_array();
    tracking::write("Tracking", choices.iter(), out);
}

/// The year that a budget plans. It follows from the number alone: periods are part of what
/// tells one line from another, and must not move with the day on which a world is made.
fn year_of(row: &Row) -> u64 {
    2020 + row.number % 8
}

/// Writes an amount, as a string, for each month of the budget's year.
fn write_balances(row: &Row, amount: u32, out: &mut Json) {
    out.key("BudgetBalances").open_array();
    for month in 0..MONTHS {
        out.open_object();
        out.key("Period")
            .display(format_args!("{}-{:02}", year_of(row), month + 1));
        out.key("Amount").display(amount * (month + 1));
        out.key("UnitAmount").display(amount);
        out.key("Notes")
            .string(if month == 0 { "Sample note" } else { "" });
        out.close_object();
    }
    out.close_array();
}

fn day_of(at: super::Millis) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp_millis(at).expect("stamps are of this century")
}
