//! Budgets: one of the whole organisation for this year and the next, and some of tracking options
//! for a year. Lists hold no lines; the budget itself has a line for each account.

use chrono::{DateTime, Datelike, Months, NaiveDate};
use fastrand::Rng;

use super::accounts::AccountCode;
use super::draw::{self, Aspect, Versioned};
use super::tracking_categories::{self, Choice};
use super::{Row, View, chart_of_accounts, common_fields};
use crate::entity::Entity;
use crate::json::Json;

/// Accounts of sales that a budget plans at most.
const SALES: usize = 3;
/// Accounts of expenses that a budget plans at most.
const EXPENSES: usize = 8;
/// Months of a year, which a budget plans.
const YEAR: u32 = 12;

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

/// Whether it is the budget of the whole organisation: Xero has one.
fn is_overall(row: &Row) -> bool {
    row.number == 1
}

/// The first year that a budget plans: the one in which it was made, or for every two of tracking
/// options one earlier.
fn year_of(row: &Row) -> i32 {
    let earlier = row.number.saturating_sub(2) / 2 % 8;
    day_of(row.created).year() - earlier as i32
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
        let choices = match is_overall(row) {
            true => Vec::new(),
            false => some_choices(view, &mut rng),
        };
        let mut lines = Vec::new();
        for (count, group, amounts) in [
            (SALES, chart_of_accounts::SALES, 5_000..20_000),
            (EXPENSES, chart_of_accounts::EXPENSES, 1..5_000),
        ] {
            let mut numbers: Vec<u64> = group.collect();
            rng.shuffle(&mut numbers);
            // An account has one line in a budget.
            for number in numbers.into_iter().take(count) {
                let account = draw::numbered(view.books, Entity::Accounts, number);
                lines.push((account, rng.u32(amounts.clone())));
            }
        }
        Self { choices, lines }
    }
}

/// The options of a budget that is not of the whole organisation.
fn some_choices(view: View<'_>, rng: &mut Rng) -> Vec<Choice> {
    let draws = (0..32).map(|_| tracking_categories::any(view, rng).collect());
    let found = draws
        .into_iter()
        .find(|choices: &Vec<Choice>| !choices.is_empty());
    found.unwrap_or_default()
}

/// The first day of each month that a budget plans, and how often its amount counts there.
pub(super) fn months(row: &Row) -> impl Iterator<Item = (NaiveDate, u32)> {
    let first = NaiveDate::from_ymd_opt(year_of(row), 1, 1).expect("a year of the calendar");
    let count = if is_overall(row) { 2 * YEAR } else { YEAR };
    (0..count).map(move |month| (first + Months::new(month), month % YEAR + 1))
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
