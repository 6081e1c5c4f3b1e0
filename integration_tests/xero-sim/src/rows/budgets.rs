//! Budgets. Lists hold no lines; the budget itself has twelve months of them.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate};

use super::accounts::{self, AccountCode};
use super::draw::{self, Aspect, Versioned};
use super::tracking_categories::{self, Choice};
use super::{Row, View, chart_of_accounts, common_fields};
use crate::json::Json;

/// Accounts that a budget plans at most.
const LINES: usize = 8;
/// Months that a budget plans.
const MONTHS: u32 = 12;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let plan = Plan::of(row, view);
    out.key("BudgetID").guid(row.id);
    out.key("Status").string(row.status);
    let title = format_args!("Pūtea {} / plan {}", year_of(row), row.number);
    out.key("Description")
        .display(Versioned(title, row.version));
    out.key("Type").string(if plan.choices.is_empty() {
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
        common_fields::updated(row, out);
    }
    out.key("BudgetLines").open_array();
    if view.is_single() {
        for (account, amount) in plan.lines {
            out.open_object();
            out.key("AccountID").guid(account.id);
            out.key("AccountCode").display(AccountCode(&account));
            write_balances(row, amount, out);
            out.close_object();
        }
    }
    out.close_array();
    tracking_categories::write("Tracking", plan.choices.iter(), out);
}

/// The year that a budget plans. It follows from the number alone: periods are part of what
/// identifies a line, and must not move with the day on which a world is made.
fn year_of(row: &Row) -> i32 {
    2020 + (row.number % 8) as i32
}

/// What a budget is for and what it plans.
pub(super) struct Plan {
    /// The options that it is for; a budget of the whole organisation has none.
    pub(super) choices: Vec<Choice>,
    /// Accounts, and what each adds from month to month.
    pub(super) lines: Vec<(Row, u32)>,
}

impl Plan {
    pub(super) fn of(row: &Row, view: View<'_>) -> Self {
        let mut rng = draw::rng_of(row, Aspect::Head);
        let choices = tracking_categories::any(view, &mut rng).collect();
        let mut planned = HashSet::new();
        let line = |_| {
            let account = accounts::any(view.books, chart_of_accounts::EXPENSES, &mut rng);
            (account, rng.u32(1..5_000))
        };
        Self {
            choices,
            // An account has one line in a budget.
            lines: (0..LINES)
                .map(line)
                .filter(|(account, _)| planned.insert(account.id))
                .collect(),
        }
    }
}

/// The first day of each month that a budget plans, and how often its amount counts there.
pub(super) fn months(row: &Row) -> impl Iterator<Item = (NaiveDate, u32)> {
    let year = year_of(row);
    let first = move |month| NaiveDate::from_ymd_opt(year, month, 1);
    (1..=MONTHS).map(move |month| (first(month).expect("a month of the calendar"), month))
}

/// Writes an amount, as a string, for each month of the budget's year.
fn write_balances(row: &Row, amount: u32, out: &mut Json) {
    out.key("BudgetBalances").open_array();
    for (month, times) in months(row) {
        out.open_object();
        out.key("Period").display(month.format("%Y-%m"));
        out.key("Amount").display(amount * times);
        out.key("UnitAmount").display(amount);
        out.key("Notes")
            .string(if times == 1 { "Sample note" } else { "" });
        out.close_object();
    }
    out.close_array();
}

fn day_of(at: super::Millis) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp_millis(at).expect("stamps are of this century")
}
