//! The amounts of reports equal those of the simulator's double-entry books.

use std::collections::HashSet;

use chrono::{Datelike, Months, NaiveDate, Utc};
use serde_json::Value;
use xero_sim::{Comparisons, Entity};

use crate::support::scene::{SCOPES, Scene};
use crate::support::streams;
use crate::support::tables::books;

/// The pseudo accounts of reports: currency gains, and the earnings of the current year.
const NO_ACCOUNTS: [&str; 2] = ["FXGROUPID", "00000000-0000-0000-0000-000000000000"];

/// Creates an organisation with a few rows in every table and no limits.
fn scene() -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        for (entity, rows) in books() {
            world.fill(tenant, entity, rows);
        }
        world.unlimited();
    })
}

/// A config that reads this number of months before the current one.
fn since(scene: &Scene, months: u32) -> Value {
    let month = Utc::now().date_naive().with_day(1).expect("a first day");
    let mut config = scene.flat();
    config["start_date"] = (month - Months::new(months)).to_string().into();
    config
}

/// An amount with two decimals in cents.
fn cents(row: &Value) -> i64 {
    let text = row["AmountText"].as_str().expect("a text");
    text.replace('.', "").parse().expect("an amount")
}

#[test]
fn every_month_has_the_profit_of_the_books_for_each_way_of_comparison() {
    for comparisons in [
        Comparisons::SameDays,
        Comparisons::StepByStep,
        Comparisons::SameLength,
    ] {
        let scene = scene();
        // Periods of other days show in the sum of all only if something is posted on the days that are
        // missing or counted twice.
        scene.sim.world(|world| {
            world.fill(&scene.tenant, Entity::Invoices, 1_000);
            world.compare_by(&scene.tenant, comparisons);
        });
        let streams = ["report_profit_and_loss", "report_profit_and_loss_cash"];
        let run = scene.read(&since(&scene, 20), &streams, None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        for (stream, cash) in streams.iter().zip([false, true]) {
            let (mut starts, mut moved) = (HashSet::new(), 0);
            for row in run.records(stream) {
                if row["RowTitle"] != "NET PROFIT" {
                    continue;
                }
                let [start, end] =
                    ["PeriodStart", "PeriodEnd"].map(|key| row[key].as_str().expect(key));
                let earned = scene
                    .sim
                    .world(|world| world.profit(&scene.tenant, start, end, cash));
                assert_eq!(cents(row), earned, "{comparisons:?} {start} to {end}");
                let first: NaiveDate = start.parse().expect("a date");
                assert_eq!(first.day(), 1);
                starts.insert(first);
                moved += usize::from(earned != 0);
            }
            assert_eq!(starts.len(), 21, "{stream} {comparisons:?}");
            assert!(
                moved > 15,
                "{stream}: {moved} months with a profit or a loss"
            );
        }
    }
}

#[test]
fn every_report_is_read_and_names_existing_accounts() {
    let scene = scene();
    let run = scene.read(&since(&scene, 3), streams::reports(), None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let accounts: HashSet<String> = scene.ids(Entity::Accounts).into_iter().collect();
    let contacts: HashSet<String> = scene.ids(Entity::Contacts).into_iter().collect();
    let mut joined = 0;
    for stream in streams::reports() {
        assert_eq!(run.status(stream), "COMPLETE", "{stream}");
        for row in run.records(stream) {
            if let Some(id) = row["AccountID"].as_str() {
                let known = accounts.contains(id) || NO_ACCOUNTS.contains(&id);
                assert!(known, "{stream}: {row}");
                joined += 1;
            }
            if let Some(id) = row["ContactID"].as_str() {
                assert!(contacts.contains(id), "{stream}: {row}");
            }
        }
        // 1099 reports do not exist in New Zealand.
        let is_empty = run.records(stream).is_empty();
        assert_eq!(is_empty, *stream == "report_ten_ninety_nine", "{stream}");
    }
    assert!(joined > 500, "{joined} rows with an account");
}

#[test]
fn without_permission_for_reports_other_streams_are_read() {
    let scene = scene();
    scene
        .sim
        .world(|world| world.show_reports(&scene.tenant, false));
    let streams = ["accounts", "report_balance_sheet"];
    let run = scene.read(&since(&scene, 3), &streams, None);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.status("accounts"), "COMPLETE");
    assert_eq!(run.status("report_balance_sheet"), "INCOMPLETE");
    let errors = run.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].2.contains("role"), "{errors:?}");
}
