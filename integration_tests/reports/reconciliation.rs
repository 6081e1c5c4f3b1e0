//! Reports reconcile with each other and with the books, and their rows join the other streams.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, Months, NaiveDate, Utc};
use serde_json::Value;
use xero_sim::Comparisons;

use crate::support::conformance::Conformance;
use crate::support::connector::Run;
use crate::support::scene::Scene;
use crate::support::streams;

const PROFIT: &str = "report_profit_and_loss";
const BALANCE: &str = "report_balance_sheet";
const TRIAL: &str = "report_trial_balance";
const RECEIVABLE: &str = "report_aged_receivables_by_contact";

/// A config for all reports with fewer calls than one minute allows.
fn short(scene: &Scene) -> Value {
    let today = Utc::now().date_naive();
    let mut config = scene.flat();
    config["start_date"] = (today - Months::new(2)).to_string().into();
    config["max_calls_per_sync"] = 12.into();
    config
}

/// A config that reads from 1 April two years ago, the first day of a financial year.
fn config(scene: &Scene) -> Value {
    let today = Utc::now().date_naive();
    let april = NaiveDate::from_ymd_opt(today.year() - 1, 4, 1).expect("a day");
    let mut config = scene.flat();
    config["start_date"] = (april - Months::new(12)).to_string().into();
    config
}

/// An amount in the smallest unit of the currency. The simulator writes no separators.
fn units(row: &Value) -> i64 {
    let text = row["AmountText"].as_str().expect("every cell has a text");
    text.replace('.', "").parse().unwrap_or_default()
}

/// The sums of a stream's rows that `of` finds, by the last day of their period.
fn sums(run: &Run, stream: &str, of: impl Fn(&Value) -> bool) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for row in run.records(stream).into_iter().filter(|row| of(row)) {
        let end = row["PeriodEnd"].as_str().expect("a period has an end");
        *sums.entry(end.to_owned()).or_default() += units(row);
    }
    sums
}

fn titled(title: &str) -> impl Fn(&Value) -> bool {
    move |row| row["RowTitle"] == title
}

#[test]
fn every_report_fits_its_schema_and_every_key_is_unique() {
    for currency in ["NZD", "AUD", "USD"] {
        let scene = Scene::abroad(currency);
        let discovered = scene.discover(&scene.flat());
        let mut catalogs = discovered.payloads("CATALOG", "catalog");
        let catalog = catalogs.next().expect("there is a catalog");
        let run = scene.read(&short(&scene), streams::reports(), None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        for stream in catalog["streams"].as_array().expect("streams") {
            let name = stream["name"].as_str().expect("a name");
            if !streams::reports().contains(&name) {
                continue;
            }
            let rows = run.records(name);
            let is_elsewhere = match name {
                "report_ten_ninety_nine" => currency != "USD",
                "report_tax" => currency == "USD",
                _ => false,
            };
            assert_eq!(rows.is_empty(), is_elsewhere, "{currency} {name}");
            let conformance = Conformance::new(&stream["json_schema"]);
            let key = stream["source_defined_primary_key"]
                .as_array()
                .expect("a key");
            let mut keys = HashSet::new();
            for row in rows {
                assert_eq!(conformance.faults(row), [] as [&str; 0], "{name}");
                let values = key
                    .iter()
                    .map(|path| &row[path[0].as_str().expect("a field")]);
                let values: Vec<_> = values
                    .map(|value| value.as_str().expect("no key is null"))
                    .collect();
                assert!(
                    keys.insert(format!("{values:?}")),
                    "{name}: twice {values:?}"
                );
                if let Some(currency_of_row) = row["Currency"].as_str() {
                    assert_eq!(currency_of_row, currency);
                }
            }
        }
    }
}

#[test]
fn months_add_up_to_years_and_both_are_those_of_the_books() {
    for stream in [PROFIT, "report_profit_and_loss_cash"] {
        let scene = Scene::new();
        let mut config = config(&scene);
        let months = scene.read(&config, &[stream], None);
        assert_eq!(
            months.logs("WARN"),
            [] as [&str; 0],
            "the comparisons add up"
        );
        config["report_interval"] = "year".into();
        let years = scene.read(&config, &[stream], None);
        let is_profit = |row: &Value| {
            let title = row["RowTitle"].as_str().unwrap_or_default();
            title.eq_ignore_ascii_case("net profit")
        };
        let by_month = sums(&months, stream, is_profit);
        let by_year = sums(&years, stream, is_profit);
        assert!(by_month.len() >= 19 && by_year.len() >= 2, "{by_month:?}");
        let mut compared = 0;
        for row in years
            .records(stream)
            .into_iter()
            .filter(|row| is_profit(row))
        {
            let [start, end] = ["PeriodStart", "PeriodEnd"].map(|it| row[it].as_str().expect(it));
            let profit = scene
                .sim
                .world(|world| world.profit(&scene.tenant, start, end, stream != PROFIT));
            assert_eq!(units(row), profit, "{start} to {end}");
            let own = by_month.range(start.to_owned()..=end.to_owned());
            let own: Vec<_> = own.map(|(_, profit)| profit).collect();
            if own.len() == 12 {
                assert_eq!(own.into_iter().sum::<i64>(), profit, "{start} to {end}");
                compared += 1;
            }
        }
        assert!(compared > 0, "a whole year was compared");
    }
}

#[test]
fn assets_less_liabilities_are_equity_at_every_month_end() {
    let scene = Scene::new();
    let run = scene.read(&config(&scene), &[BALANCE, TRIAL], None);
    let total = |title| sums(&run, BALANCE, titled(title));
    let (assets, liabilities) = (total("Total Assets"), total("Total Liabilities"));
    let (net, equity) = (total("Net Assets"), total("Total Equity"));
    assert!(assets.len() >= 19, "{assets:?}");
    for (end, assets) in &assets {
        assert_eq!(assets - liabilities[end], equity[end], "{end}");
        assert_eq!(net[end], equity[end], "{end}");
    }
    // Only lines add up to the assets. Subtotals and totals are marked as such.
    let lines = sums(&run, BALANCE, |row| {
        let path = row["SectionPath"].as_str().unwrap_or_default();
        row["RowKind"] == "line" && path.starts_with("Assets/")
    });
    assert_eq!(lines, assets);
    for year in ["", "YTD "] {
        let side = |side: &str| {
            let column = format!("{year}{side}");
            sums(&run, TRIAL, |row| {
                row["ColumnTitle"] == *column && row["RowKind"] == "line"
            })
        };
        assert_eq!(side("Debit"), side("Credit"));
    }
}

#[test]
fn rows_join_the_accounts_and_the_contacts() {
    let scene = Scene::new();
    let mut config = short(&scene);
    config["max_calls_per_sync"] = 100.into();
    let reports = [PROFIT, BALANCE, TRIAL, RECEIVABLE, "report_bank_summary"];
    let run = scene.read(&config, &reports, None);
    // The sums include accounts that did not change since the start date of the reports.
    let lists = scene.read(&scene.flat(), &["accounts", "contacts"], None);
    let accounts: HashSet<_> = lists.column("accounts", "AccountID").into_iter().collect();
    let mut joined = 0;
    for row in reports.iter().flat_map(|stream| run.records(stream)) {
        if let Some(account) = row["AccountID"].as_str() {
            assert!(accounts.contains(account), "{row}");
            joined += 1;
        }
    }
    assert!(joined > 50, "{joined} rows are of accounts");
    let mut due: HashMap<&str, i64> = HashMap::new();
    let is_due =
        |row: &&&Value| row["ColumnTitle"] == "Due" && row["RowTitle"] == "Closing Balance";
    for row in run.records(RECEIVABLE).iter().filter(is_due) {
        *due.entry(row["ContactID"].as_str().expect("a contact"))
            .or_default() += units(row);
    }
    assert!(!due.is_empty());
    for contact in lists.records("contacts") {
        let id = contact["ContactID"].as_str().expect("a contact has an id");
        let open = contact["Balances"]["AccountsReceivable"]["Outstanding"].as_f64();
        let open = (open.unwrap_or_default() * 100.0).round() as i64;
        assert_eq!(due.get(id).copied().unwrap_or_default(), open, "{id}");
    }
}

#[test]
fn other_rules_for_comparisons_are_detected() {
    for comparisons in [Comparisons::StepByStep, Comparisons::SameLength] {
        let scene = Scene::new();
        let tenant = scene.tenant.clone();
        scene
            .sim
            .world(|world| world.compare_by(&tenant, comparisons));
        let run = scene.read(&config(&scene), &[PROFIT], None);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        assert!(
            run.logs("WARN")[0].contains("do not add up"),
            "{comparisons:?}"
        );
        for row in run.records(PROFIT) {
            if row["RowTitle"]
                .as_str()
                .unwrap_or_default()
                .eq_ignore_ascii_case("net profit")
            {
                let [start, end] =
                    ["PeriodStart", "PeriodEnd"].map(|it| row[it].as_str().expect(it));
                let profit = scene
                    .sim
                    .world(|world| world.profit(&tenant, start, end, false));
                assert_eq!(units(row), profit, "{comparisons:?} {start}");
            }
        }
    }
}
