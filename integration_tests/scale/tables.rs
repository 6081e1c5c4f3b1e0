//! The tables of `docs/scale.md` that the model writes.
//!
//! `UPDATE_DOCS=1 cargo test --test integration scale::tables` writes them anew.

use super::model::{
    CALLS_A_DAY, Cost, Organisation, TIERS, days, minutes_of_organisation, minutes_of_process,
    minutes_of_xero, price, tier_of,
};
use crate::support::generated::{compare_part, table};

const PAGE: &str = "docs/scale.md";
const SYNCS_A_DAY: f64 = 4.0;
/// The history of the organisations, over which their rows are spread evenly.
const DAYS_OF_HISTORY: f64 = 5.0 * 365.0;
const DAYS_OF_MONTH: f64 = 30.0;

/// An organisation of the tables.
struct Profile {
    name: &'static str,
    organisation: Organisation,
    ledger: bool,
}

fn profiles() -> [Profile; 3] {
    let small = vec![
        ("invoices", 1_000),
        ("contacts", 300),
        ("bank_transactions", 2_000),
        ("payments", 1_000),
        ("credit_notes", 30),
        ("manual_journals", 60),
        ("quotes", 50),
        ("items", 50),
        ("bank_transfers", 100),
    ];
    let long = vec![
        ("invoices", 50_000),
        ("contacts", 10_000),
        ("bank_transactions", 60_000),
        ("payments", 50_000),
        ("credit_notes", 2_000),
        ("manual_journals", 3_000),
        ("purchase_orders", 5_000),
        ("overpayments", 200),
        ("prepayments", 100),
        ("quotes", 2_000),
        ("items", 2_000),
        ("bank_transfers", 2_000),
        ("batch_payments", 2_000),
    ];
    let mut with_ledger = long.clone();
    with_ledger.push(("journals", 200_000));
    let profile = |name, rows, ledger| Profile {
        name,
        organisation: Organisation { rows },
        ledger,
    };
    [
        profile("small", small, false),
        profile("long", long, false),
        profile("long, with the ledger", with_ledger, true),
    ]
}

impl Profile {
    fn later(&self) -> Cost {
        self.organisation.later(1.0 / DAYS_OF_HISTORY / SYNCS_A_DAY)
    }
}

#[test]
fn the_table_of_organisations_is_current() {
    let rows = profiles().map(|profile| {
        let (first, later) = (profile.organisation.first(), profile.later());
        [
            profile.name.to_owned(),
            grouped(first.calls as f64),
            format!("{:.1}", first.bytes / 1e6),
            grouped(first.records),
            duration(minutes_of_organisation(first)),
            grouped(later.calls as f64),
            format!("{:.2}", later.bytes / 1e6),
            grouped((CALLS_A_DAY / later.calls as f64).floor()),
        ]
    });
    let head = [
        "organisation",
        "first sync: calls",
        "MB",
        "records",
        "least time",
        "later sync: calls",
        "MB",
        "most syncs a day",
    ];
    compare_part(PAGE, "organisations of the model", &table(head, rows));
}

#[test]
fn the_table_of_the_first_sync_is_current() {
    let rows = fleets().map(|(count, profile)| {
        let first = profile.organisation.first();
        [
            grouped(count as f64),
            profile.name.to_owned(),
            grouped(count as f64 * first.calls as f64),
            grouped(days(first) as f64),
            duration(minutes_of_xero(count, first)),
            duration(minutes_of_process(count, first)),
            gigabytes(count as f64 * first.bytes / 1e9),
        ]
    });
    let head = [
        "organisations",
        "each",
        "calls",
        "days",
        "least time by Xero's limits",
        "one process",
        "GB",
    ];
    compare_part(PAGE, "first sync of the model", &table(head, rows));
}

#[test]
fn the_table_of_later_syncs_is_current() {
    let rows = fleets().map(|(count, profile)| {
        let (first, later) = (profile.organisation.first(), profile.later());
        let month = count as f64 * later.bytes * SYNCS_A_DAY * DAYS_OF_MONTH / 1e9;
        let tier = tier_of(count, profile.ledger);
        [
            grouped(count as f64),
            profile.name.to_owned(),
            grouped(count as f64 * later.calls as f64),
            duration(minutes_of_xero(count, later)),
            duration(minutes_of_process(count, later)),
            gigabytes(month),
            tier.name.to_owned(),
            grouped(price(tier, month)),
            grouped(price(tier, month + count as f64 * first.bytes / 1e9)),
        ]
    });
    let head = [
        "organisations",
        "each",
        "calls of a sync",
        "least time by Xero's limits",
        "one process",
        "GB a month",
        "tier",
        "AUD a month",
        "AUD of the first month",
    ];
    compare_part(PAGE, "later syncs of the model", &table(head, rows));
}

#[test]
fn the_table_of_tiers_is_current() {
    let rows = TIERS.each_ref().map(|tier| {
        [
            tier.name.to_owned(),
            grouped(tier.connections as f64),
            grouped(tier.fee),
            tier.gigabytes.map_or("unlimited".to_owned(), grouped),
        ]
    });
    let head = ["tier", "organisations", "AUD a month", "GB included"];
    compare_part(PAGE, "tiers of the model", &table(head, rows));
}

fn fleets() -> impl Iterator<Item = (u64, Profile)> {
    [100, 1_000, 10_000]
        .into_iter()
        .flat_map(|count| profiles().map(move |profile| (count, profile)))
}

/// Writes minutes, or hours from two on.
fn duration(minutes: f64) -> String {
    match minutes {
        ..1.0 => "below 1 min".to_owned(),
        ..120.0 => format!("{minutes:.0} min"),
        _ => format!("{:.1} h", minutes / 60.0),
    }
}

fn gigabytes(number: f64) -> String {
    match number {
        ..10.0 => format!("{number:.1}"),
        _ => grouped(number),
    }
}

/// Writes a whole number with commas.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
