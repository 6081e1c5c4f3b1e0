//! Reports agree with the books and with each other.

use std::collections::BTreeSet;

use chrono::{Datelike, Months};

use super::*;
use crate::books::{BROUGHT_OVER, Basis, Comparisons, Day, Role, Span, day_of, month_end};
use crate::entity::Entity;
use crate::guid::Guid;
use crate::rows::Books;

/// The month before the present one.
fn last_month(stage: &Stage) -> Span {
    let today = day_of(stage.world.now());
    Span::month(Span::month(today).first - Months::new(1))
}

#[test]
fn a_year_of_profit_is_the_sum_of_its_months() {
    for stage in Stage::all() {
        let mut seen = 0;
        for basis in ["false", "true"] {
            // A base month of 31 days lets all comparisons be whole months.
            let mut base = last_month(&stage);
            while base.last.day() != 31 {
                base = Span::month(base.first - Months::new(1));
            }
            let year = base.first - Months::new(11);
            let query = |first: Day| {
                let last = base.last;
                format!("fromDate={first}&toDate={last}&paymentsOnly={basis}")
            };
            let months = stage.report(
                "/ProfitAndLoss",
                &format!("{}&periods=11&timeframe=MONTH", query(base.first)),
            );
            let whole = stage.report("/ProfitAndLoss", &query(year));
            for cells in lines(&whole) {
                let months = line(&months, &cells[0]);
                assert_eq!(months.len(), 12);
                assert_eq!(
                    months.iter().sum::<i64>(),
                    places(&cells[1]),
                    "{}",
                    cells[0]
                );
                seen += 1;
            }
            let truth = stage.world.profit(
                &stage.tenant,
                &year.to_string(),
                &base.last.to_string(),
                basis == "true",
            );
            assert_eq!(line(&whole, "NET PROFIT"), [truth]);
        }
        assert!(seen > 30, "{seen} lines");
    }
}

#[test]
fn a_base_month_of_less_than_31_days_shortens_longer_months() {
    let mut stage = Stage::new(6, "NZD");
    let year = last_month(&stage).first.year() - 1;
    let query = format!("fromDate={year}-04-01&toDate={year}-04-30&periods=1&timeframe=MONTH");
    let report = stage.report("/ProfitAndLoss", &query);
    let yy = year % 100;
    let header = ["", &format!("30 Apr {yy}"), &format!("30 Mar {yy}")].map(str::to_owned);
    assert_eq!(cells(&report["Rows"][0]), header);
    let profit = |first: &str, last: &str| {
        let [first, last] = [first, last].map(|day| format!("{year}-{day}"));
        stage.world.profit(&stage.tenant, &first, &last, false)
    };
    let shown = line(&report, "NET PROFIT");
    assert_eq!(shown, [profit("04-01", "04-30"), profit("03-01", "03-30")]);

    let comparisons = Comparisons::SameLength;
    stage.world.compare_by(&stage.tenant, comparisons);
    let shown = cells(&stage.report("/ProfitAndLoss", &query)["Rows"][0]);
    assert_eq!(shown[2], format!("31 Mar {yy}"));
}

#[test]
fn net_assets_are_the_equity_at_every_month_end() {
    for stage in Stage::all() {
        for basis in ["false", "true"] {
            let query = format!("periods=11&timeframe=MONTH&paymentsOnly={basis}");
            let report = stage.report("/BalanceSheet", &query);
            let net = line(&report, "Net Assets");
            assert_eq!(net.len(), 12);
            assert_eq!(net, line(&report, "Total Equity"));
            let [assets, liabilities] =
                ["Total Assets", "Total Liabilities"].map(|title| line(&report, title));
            let both = assets.iter().zip(liabilities);
            assert_eq!(net, both.map(|(own, owe)| own - owe).collect::<Vec<_>>());
            assert!(net.iter().any(|amount| *amount != 0));
        }
    }
}

#[test]
fn the_trial_balance_has_two_sides_of_one_sum() {
    for stage in Stage::all() {
        for basis in ["false", "true"] {
            let day = last_month(&stage).last;
            let query = format!("date={day}&paymentsOnly={basis}");
            let report = stage.report("/TrialBalance", &query);
            let total = line(&report, "Total");
            assert_eq!((total[0], total[2]), (total[1], total[3]));
            let mut sums = [0; 4];
            for cells in lines(&report).iter().filter(|cells| cells[0] != "Total") {
                for (sum, cell) in sums.iter_mut().zip(&cells[1..]) {
                    assert!(!cell.starts_with('-'), "{cells:?}");
                    *sum += places(cell);
                }
            }
            assert_eq!(total, sums);
        }
    }
}

#[test]
fn account_ids_join_the_accounts() {
    for stage in Stage::all() {
        let accounts = stage.tenant().rows(Entity::Accounts).iter();
        let known: BTreeSet<String> = accounts.map(|row| Guid(row.id).to_string()).collect();
        let pseudo = ["FXGROUPID", "00000000-0000-0000-0000-000000000000"];
        let year = stage.past_year();
        for (path, query) in [
            ("/ProfitAndLoss", year.clone()),
            ("/BalanceSheet", String::new()),
            ("/TrialBalance", String::new()),
            ("/BankSummary", String::new()),
            ("/BudgetSummary", String::new()),
        ] {
            let ids = attributes(&stage.report(path, &query), "account");
            assert!(ids.len() > 3, "{path}");
            for id in ids {
                assert!(
                    known.contains(&id) || pseudo.contains(&&*id),
                    "{path}: {id}"
                );
            }
        }
    }
}

/// The values of all attributes of an id.
fn attributes(value: &Value, id: &str) -> BTreeSet<String> {
    let inner = match value {
        Value::Object(members) => {
            if members.get("Id").is_some_and(|it| it == id) {
                let text = value["Value"].as_str().expect("a string");
                return BTreeSet::from([text.to_owned()]);
            }
            members.values().collect()
        }
        Value::Array(elements) => elements.iter().collect(),
        _ => Vec::new(),
    };
    inner
        .into_iter()
        .flat_map(|it| attributes(it, id))
        .collect()
}

#[test]
fn aged_reports_add_up_to_balances_and_control_accounts() {
    for stage in Stage::all() {
        let tenant = stage.tenant();
        let far = day_of(stage.world.now()) + Months::new(12);
        let mut sums = [0, 0];
        for contact in tenant.rows(Entity::Contacts) {
            let id = Guid(contact.id);
            let query = format!("contactId={id}&date={far}");
            let reports = ["/AgedReceivablesByContact", "/AgedPayablesByContact"];
            let due = reports.map(|path| line(&stage.report(path, &query), "Closing Balance")[6]);
            let owed = tenant.owed(contact);
            let brought_over = BROUGHT_OVER * i64::from(contact.silent_edits);
            let sides = [owed.receivable, owed.payable];
            assert_eq!(due, sides.map(|it| it.outstanding + brought_over));
            sums = [sums[0] + due[0], sums[1] + due[1]];
        }
        let ledger = tenant.ledger(Basis::Accrual);
        let standing = ledger.standing(month_end(far));
        let [owed, owing] =
            [Role::Receivable, Role::Payable].map(|it| ledger.sum_of(it, &standing));
        assert_eq!(sums, [owed, -owing]);
    }
}

#[test]
fn banks_close_where_the_balance_sheet_says() {
    for stage in Stage::all() {
        let month = last_month(&stage);
        let query = format!("fromDate={}&toDate={}", month.first, month.last);
        let report = stage.report("/BankSummary", &query);
        let total = line(&report, "Total");
        assert_eq!(total[0] + total[1] - total[2], total[3]);
        let sheet = stage.report("/BalanceSheet", &format!("date={}", month.first));
        assert_eq!(line(&sheet, "Total Bank")[0], total[3]);
        let summary = stage.report("/ExecutiveSummary", &format!("date={}", month.first));
        assert_eq!(places(&cell(&summary, "Closing bank balance", 1)), total[3]);
        assert_eq!(places(&cell(&summary, "Cash received", 1)), total[1]);
        let net = places(&cell(&summary, "Net assets", 1));
        assert_eq!(net, line(&sheet, "Net Assets")[0]);
        assert!(cell(&summary, "Net assets", 3).ends_with('%'));
    }
}

fn cell(report: &Value, title: &str, at: usize) -> String {
    let lines = lines(report);
    let line = lines.iter().find(|cells| cells[0] == title);
    line.unwrap_or_else(|| panic!("no {title}"))[at].clone()
}

#[test]
fn tracking_columns_add_up_to_the_total() {
    let stage = Stage::new(8, "NZD");
    let categories = stage.tenant().rows(Entity::TrackingCategories);
    let [one, other] = [0, 1].map(|at| Guid(categories[at].id));
    let month = last_month(&stage);
    let span = format!(
        "fromDate={}&toDate={}",
        month.first - Months::new(9),
        month.last
    );
    for (query, columns) in [
        (format!("{span}&trackingCategoryID={one}"), 5 + 2),
        (
            format!("{span}&trackingCategoryID={one}&trackingCategoryID2={other}"),
            5 * 4 + 2,
        ),
    ] {
        let report = stage.report("/ProfitAndLoss", &query);
        assert_eq!(cells(&report["Rows"][0]).len(), columns + 1);
        let mut tracked = 0;
        for cells in lines(&report) {
            let values: Vec<i64> = cells[1..].iter().map(|text| places(text)).collect();
            let (total, parts) = values.split_last().expect("columns");
            assert_eq!(parts.iter().sum::<i64>(), *total, "{cells:?}");
            tracked += parts[..columns - 2].iter().filter(|it| **it != 0).count();
        }
        assert!(tracked > 10, "{tracked} tracked cells");
    }
}
