//! Report requests that are refused.

use super::*;

#[test]
fn parameters_that_mean_nothing_are_refused() {
    let stage = Stage::new(1, "NZD");
    for (path, query) in [
        ("/ProfitAndLoss", "periods=12"),
        ("/ProfitAndLoss", "periods=0"),
        ("/ProfitAndLoss", "periods=2&timeframe=WEEK"),
        ("/ProfitAndLoss", "fromDate=2026-02-30"),
        ("/ProfitAndLoss", "fromDate=2026-02-02&toDate=2026-02-01"),
        ("/ProfitAndLoss", "fromDate=2024-01-01&toDate=2025-01-01"),
        ("/ProfitAndLoss", "trackingCategoryID=nothing"),
        ("/BalanceSheet", "periods=12"),
        ("/BudgetSummary", "periods=13"),
        ("/BudgetSummary", "timeframe=2"),
        ("/BudgetSummary", "timeframe=MONTH"),
        ("/AgedReceivablesByContact", ""),
        (
            "/AgedPayablesByContact",
            "contactId=00000000-0000-0000-0000-000000000000",
        ),
        ("/TenNinetyNine", "reportYear=2025"),
    ] {
        assert!(stage.ask(path, query).is_err(), "{path}?{query}");
    }
    for (path, query) in [
        ("/ProfitAndLoss", "periods=11"),
        // A leap year is a year.
        ("/ProfitAndLoss", "fromDate=2024-01-01&toDate=2024-12-31"),
        ("/BalanceSheet", "periods=11"),
        ("/BudgetSummary", "periods=12"),
    ] {
        assert!(stage.ask(path, query).is_ok(), "{path}?{query}");
    }
}

#[test]
fn unknown_reports_are_not_there() {
    let stage = Stage::new(1, "NZD");
    let nobody = "/00000000-0000-4000-8000-000000000000";
    assert_eq!(stage.ask(nobody, ""), Ok(None));
    for path in ["/BankStatement", "/profitandloss", "/ProfitAndLoss/", "x"] {
        assert!(ReportAddress::of(path).is_none(), "{path}");
    }
}
