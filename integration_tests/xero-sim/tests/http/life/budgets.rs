//! The budget of the whole organisation, in the list, by its id and in the report.

use serde_json::Value;
use xero_sim::Entity;

use crate::client::fixture;

/// The cells of the lines of a report.
fn lines(report: &Value) -> Vec<Vec<&str>> {
    let sections = report["Rows"].as_array().expect("sections").iter();
    let rows = sections.flat_map(|section| section["Rows"].as_array().into_iter().flatten());
    rows.map(|row| {
        let cells = row["Cells"].as_array().expect("cells").iter();
        cells
            .map(|cell| cell["Value"].as_str().unwrap_or_default())
            .collect()
    })
    .collect()
}

#[test]
fn the_report_shows_what_the_budget_plans() {
    let mut fixture = fixture(|world, demo| {
        world.history_ends(1_782_864_000_000); // 2026-07-01
        world.fix_clock(1_782_864_000_000);
        world.unlimited();
        world.fill(demo, Entity::Budgets, 3);
    });
    let scopes = "accounting.budgets.read accounting.reports.budgetsummary.read";
    let demo = [fixture.demo.clone()];
    fixture.tokens = fixture
        .sim
        .world(|world| world.consent(&fixture.app, &demo, scopes));
    let list = fixture.get("/Budgets").json();
    let types: Vec<_> = list["Budgets"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["Type"].as_str())
        .collect();
    assert_eq!(types, [Some("OVERALL"), Some("TRACKING"), Some("TRACKING")]);
    let id = list["Budgets"][0]["BudgetID"].as_str().expect("an id");
    let budget = fixture.get(&format!("/Budgets/{id}")).json();
    let planned = |line: &Value| {
        let balances = line["BudgetBalances"].as_array().expect("balances").iter();
        let july = balances.filter(|it| it["Period"] == "2026-07");
        let amounts = july.map(|it| format!("{}.00", it["Amount"].as_str().expect("a string")));
        amounts.collect::<Vec<_>>()
    };
    let report = fixture.get("/Reports/BudgetSummary").json();
    let lines = lines(&report["Reports"][0]);
    let budgeted = budget["Budgets"]["BudgetLines"].as_array().expect("lines");
    assert_eq!(budgeted.len(), 11);
    for line in budgeted {
        let [amount] = &planned(line)[..] else {
            panic!("{line}");
        };
        assert!(
            lines
                .iter()
                .any(|cells| cells.get(1) == Some(&amount.as_str())),
            "{amount}"
        );
    }
}
