//! Reports have the layout of Xero.

use serde_json::json;

use super::*;

#[test]
fn a_report_has_its_head() {
    let stage = Stage::new(1, "NZD");
    let query = "fromDate=2026-01-01&toDate=2026-01-31";
    let report = stage.report("/ProfitAndLoss", query);
    assert_eq!(report["ReportID"], "ProfitAndLoss");
    assert_eq!(report["ReportType"], "ProfitAndLoss");
    assert_eq!(report["ReportName"], "Profit and Loss");
    let expected = json!([
        "Profit & Loss",
        "Demo Company",
        "1 January 2026 to 31 January 2026"
    ]);
    assert_eq!(report["ReportTitles"], expected);
    assert_eq!(report["Fields"], json!([]));
    let expected = json!({"RowType": "Header", "Cells": [{"Value": ""}, {"Value": "31 Jan 26"}]});
    assert_eq!(report["Rows"][0], expected);
}

#[test]
fn headings_are_empty_sections_before_their_groups() {
    let stage = Stage::new(1, "NZD");
    let sheet = stage.report("/BalanceSheet", "");
    let titles = titles(&sheet);
    assert_eq!(titles[..3], ["Assets", "Bank", "Current Assets"]);
    assert_eq!(sheet["Rows"][1]["Rows"], json!([]));
    assert_eq!(titles.last().map(String::as_str), Some("Equity"));
    assert_eq!(
        lines(&sheet)
            .iter()
            .filter(|it| it[0] == "Net Assets")
            .count(),
        1
    );
}

#[test]
fn profit_and_loss_has_a_standard_layout_and_one_with_headings() {
    let stage = Stage::new(1, "NZD");
    let year = stage.past_year();
    let own = stage.report("/ProfitAndLoss", &year);
    let standard = stage.report("/ProfitAndLoss", &format!("{year}&standardLayout=true"));
    let expected = [
        " Income",
        " Less Cost of Sales",
        "",
        " Less Operating Expenses",
    ];
    assert_eq!(titles(&standard)[..4], expected);
    assert_eq!(titles(&own)[..5], [&expected[..], &["Expenses"]].concat());
    let heading = &own["Rows"][4];
    assert_eq!(heading["Rows"], json!([]), "{heading}");
    for report in [&own, &standard] {
        let rows = report["Rows"].as_array().expect("rows");
        let last = rows.last().expect("a section");
        assert_eq!(last["Title"], "");
        assert_eq!(last["Rows"][0]["RowType"], "Row");
        assert_eq!(last["Rows"][0]["Cells"][0], json!({"Value": "NET PROFIT"}));
    }
    assert_eq!(line(&own, "NET PROFIT"), line(&standard, "NET PROFIT"));
}

#[test]
fn currency_gains_are_one_line_outside_the_united_states() {
    let title = "Foreign Currency Gains and Losses";
    for (currency, grouped) in [("NZD", true), ("USD", false), ("GBP", true)] {
        let stage = Stage::new(9, currency);
        let report = stage.report("/ProfitAndLoss", &stage.past_year());
        let has = |title: &str| lines(&report).iter().any(|cells| cells[0] == title);
        assert_eq!(has(title), grouped, "{currency}");
        assert_eq!(has("Realised Currency Gains"), !grouped, "{currency}");
        let tag = json!([{"Value": "FXGROUPID", "Id": "account"}]);
        assert_eq!(report.to_string().contains(&tag.to_string()), grouped);
    }
}

#[test]
fn bank_accounts_are_tagged_in_two_ways() {
    let report = Stage::new(1, "NZD").report("/BankSummary", "");
    let cells = &report["Rows"][1]["Rows"][0]["Cells"];
    assert_eq!(cells[0]["Attributes"][0]["Id"], "accountID");
    assert_eq!(cells[1].get("Attributes"), None);
    assert_eq!(cells[2]["Attributes"][0]["Id"], "account");
    let id = &cells[0]["Attributes"][0]["Value"];
    assert_eq!(&cells[2]["Attributes"][0]["Value"], id);
}

#[test]
fn trial_balances_name_accounts_with_their_codes() {
    let stage = Stage::new(1, "NZD");
    let report = stage.report("/TrialBalance", "");
    let sections = ["Revenue", "Expenses", "Assets", "Liabilities", "Equity", ""];
    assert_eq!(titles(&report), sections);
    let named = lines(&report)
        .into_iter()
        .find(|it| it[0] == "Accounts Receivable (610)");
    let cells = named.expect("the control account");
    assert_eq!(
        cells.iter().filter(|cell| cell.is_empty()).count(),
        2,
        "{cells:?}"
    );
}

#[test]
fn budgets_are_called_by_the_last_months_of_their_periods() {
    let stage = Stage::new(1, "NZD");
    let report = stage.report("/BudgetSummary", "date=2019-11-14&timeframe=3");
    let header = cells(&report["Rows"][0]);
    assert_eq!(header.len(), 13);
    assert_eq!(header[..4], ["Account", "Jan-20", "Apr-20", "Jul-20"]);
    assert_eq!(report["ReportTitles"][3], "November 2019 to October 2022");
    let report = stage.report("/BudgetSummary", "");
    for title in ["Gross Profit", "Total Expenses"] {
        let amounts = line(&report, title);
        assert!(amounts.iter().all(|amount| *amount != 0), "{amounts:?}");
    }
}

#[test]
fn published_returns_have_fields_and_no_rows() {
    for (currency, kind) in [("NZD", Some("GST")), ("AUD", Some("BAS")), ("GBP", None)] {
        let stage = Stage::new(1, currency);
        let list = stage.ask("", "").expect("a list").expect("a list");
        let list = list["Reports"].as_array().expect("an array");
        assert_eq!(!list.is_empty(), kind.is_some(), "{currency}");
        for head in list {
            assert_eq!(head["ReportType"].as_str(), kind);
            let id = head["ReportID"].as_str().expect("an id");
            let report = stage.report(&format!("/{id}"), "");
            assert_eq!(report["ReportTitle"], head["ReportTitle"]);
            assert_eq!(report.get("Rows"), None);
            let fields = report["Fields"].as_array().expect("fields");
            assert_eq!(fields.len(), 3);
            places(fields[0]["Value"].as_str().expect("a string"));
        }
    }
}

#[test]
fn ten_ninety_nine_has_contacts_in_two_forms() {
    let stage = Stage::new(2, "USD");
    let answer = stage
        .ask("/TenNinetyNine", "")
        .expect("reports")
        .expect("reports");
    let names = [&answer["Reports"][0], &answer["Reports"][1]].map(|it| it["ReportName"].clone());
    assert_eq!(names, ["1099-NEC report", "1099-MISC report"]);
    let contact = &answer["Reports"][0]["Contacts"][0];
    assert!(
        contact["Box1"]
            .as_f64()
            .is_some_and(|amount| amount >= 600.0)
    );
    assert!(contact["ContactId"].is_string() && contact["TaxID"].is_string());
}
