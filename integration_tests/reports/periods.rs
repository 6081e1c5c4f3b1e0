//! Reports by period: every period is correct, costs few calls, and is read again only if the books may change.

use std::collections::HashSet;

use chrono::{Datelike, Days, Months, NaiveDate, Utc};
use serde_json::{Value, json};
use xero_sim::Answer;

use crate::support::connector::Run;
use crate::support::counted_days::{self, Months31, SALES, date, sum};
use crate::support::scene::{SCOPES, Scene};

const PROFIT: &str = "report_profit_and_loss";

fn scene(months: Months31) -> Scene {
    let scene = Scene::with(SCOPES, |_, _| ());
    counted_days::open(&scene, months);
    scene
}

/// The first day of the month `months` months ago.
fn month_ago(months: u32) -> NaiveDate {
    let today = Utc::now().date_naive();
    today.with_day(1).expect("a month") - Months::new(months)
}

/// A config that reads this number of months before the current one.
fn since(scene: &Scene, months: u32) -> Value {
    let mut config = scene.flat();
    config["start_date"] = month_ago(months).to_string().into();
    config
}

/// Calls of a report, since the log was `seen`.
fn calls(scene: &Scene, report: &str, seen: usize) -> usize {
    let requests = scene.sim.requests();
    let paths = requests[seen..].iter().map(|request| &request.path);
    paths.filter(|path| path.ends_with(report)).count()
}

/// The periods of a stream's lines about the account, each checked by `amount`.
fn periods(
    run: &Run,
    stream: &str,
    amount: impl Fn(NaiveDate, NaiveDate) -> String,
) -> Vec<NaiveDate> {
    let rows = run.records(stream);
    let mut keys = HashSet::new();
    let mut starts = Vec::new();
    for row in rows {
        let key = ["PeriodStart", "PeriodEnd", "LineID"].map(|field| row[field].to_string());
        assert!(keys.insert(key), "a key comes twice: {row}");
        let [start, end] =
            ["PeriodStart", "PeriodEnd"].map(|field| date(row[field].as_str().expect(field)));
        if row["AccountID"] == SALES && row["AmountText"] != "" {
            assert_eq!(row["AmountText"], amount(start, end), "{start} to {end}");
            assert_eq!(
                row["Amount"].to_string().parse(),
                row["AmountText"].as_str().expect("text").parse::<f64>()
            );
            starts.push(start);
        }
    }
    starts.sort();
    starts
}

/// The months from a number of months ago to the current one.
fn months(ago: u32) -> Vec<NaiveDate> {
    (0..=ago).rev().map(month_ago).collect()
}

#[test]
fn five_years_of_months_cost_six_calls_and_every_month_is_right() {
    let scene = scene(Months31::Whole);
    let streams = [PROFIT, "report_balance_sheet"];
    let run = scene.read(&since(&scene, 60), &streams, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(periods(&run, PROFIT, sum), months(60));
    let balance = |_, end| sum(date("2000-01-01"), end);
    assert_eq!(periods(&run, "report_balance_sheet", balance), months(60));
    for report in ["/ProfitAndLoss", "/BalanceSheet"] {
        assert!(calls(&scene, report, 0) <= 6, "{report}");
    }
    assert_eq!(calls(&scene, "/Organisation", 0), 1);
    // There is one state per call. The last one leaves the periods that may still change.
    let states = run.states(PROFIT);
    assert_eq!(states.len(), calls(&scene, "/ProfitAndLoss", 0));
    let settled = month_ago(3) - Days::new(1);
    assert_eq!(states[states.len() - 1]["PeriodEnd"], settled.to_string());
    let row = run.records(PROFIT)[0];
    for (field, value) in [
        ("Report", "ProfitAndLoss"),
        ("Basis", "accrual"),
        ("Currency", "NZD"),
        ("SectionPath", "Income"),
        ("RowKind", "line"),
        ("AccountName", "Sales"),
        ("TenantID", scene.tenant.as_str()),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    assert!(
        row["UpdatedDateUTC"]
            .as_str()
            .expect("a stamp")
            .ends_with('Z')
    );

    // The next sync reads the last three months and the current one in one call, and makes the
    // outstanding verification.
    let seen = scene.sim.requests().len();
    let again = scene.read(&since(&scene, 60), &streams, Some(&run.last_states()));
    assert_eq!(periods(&again, PROFIT, sum), months(3));
    assert_eq!(calls(&scene, "/ProfitAndLoss", seen), 2);
    assert_eq!(calls(&scene, "/BalanceSheet", seen), 1);
    let seen = scene.sim.requests().len();
    scene.read(&since(&scene, 60), &streams, Some(&again.last_states()));
    assert_eq!(
        calls(&scene, "/ProfitAndLoss", seen),
        1,
        "it is checked once"
    );
}

#[test]
fn comparisons_that_do_not_add_up_are_replaced_with_a_warning() {
    let scene = scene(Months31::Cut);
    let run = scene.read(&since(&scene, 14), &[PROFIT], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(periods(&run, PROFIT, sum), months(14));
    let warnings = run.logs("WARN");
    assert!(
        warnings.len() == 1 && warnings[0].contains("do not add up"),
        "{warnings:?}"
    );
    let seen = scene.sim.requests().len();
    let again = scene.read(&since(&scene, 14), &[PROFIT], Some(&run.last_states()));
    assert_eq!(periods(&again, PROFIT, sum), months(3));
    assert_eq!(
        calls(&scene, "/ProfitAndLoss", seen),
        4,
        "one for each month"
    );
    assert_eq!(again.logs("WARN"), [] as [&str; 0]);
}

#[test]
fn wrong_columns_that_were_read_unverified_are_read_again() {
    let scene = scene(Months31::Cut);
    // A long first sync leaves the verification to the next one.
    let settled = (month_ago(3) - Days::new(1)).to_string();
    let state = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": PROFIT},
        "stream_state": {"PeriodEnd": settled, "tenants": {scene.tenant.as_str(): {"PeriodEnd": settled, "read_as": "month"}}}}}]);
    let run = scene.read(&since(&scene, 20), &[PROFIT], Some(&state));
    assert_eq!(periods(&run, PROFIT, sum), months(20));
    assert_eq!(run.logs("WARN").len(), 1);
    let states = run.states(PROFIT);
    assert_eq!(states[states.len() - 1]["PeriodEnd"], settled);
}

#[test]
fn fewer_columns_than_were_asked_for_lead_to_single_calls() {
    let scene = Scene::with(SCOPES, |_, _| ());
    scene.sim.intercept(|request, _| {
        let is_wide = request.param("periods").is_some() && request.path.ends_with("/BalanceSheet");
        let one = ["", "only one"].map(str::to_owned);
        is_wide.then(|| {
            counted_days::answer(
                "BalanceSheet",
                json!([counted_days::row("Header", &one, None)]),
            )
        })
    });
    counted_days::open(&scene, Months31::Whole);
    let run = scene.read(&since(&scene, 13), &["report_balance_sheet"], None);
    let balance = |_, end| sum(date("2000-01-01"), end);
    assert_eq!(periods(&run, "report_balance_sheet", balance), months(13));
    assert!(
        run.logs("WARN")[0].contains("fewer periods"),
        "{:?}",
        run.logs("WARN")
    );
}

#[test]
fn reports_of_one_date_cost_a_call_for_each_month() {
    let scene = scene(Months31::Whole);
    let streams = [
        "report_bank_summary",
        "report_trial_balance",
        "report_trial_balance_cash",
    ];
    let run = scene.read(&since(&scene, 5), &streams, None);
    for stream in streams {
        assert_eq!(periods(&run, stream, sum), months(5), "{stream}");
        assert_eq!(run.states(stream).len(), 6);
    }
    assert_eq!(calls(&scene, "/BankSummary", 0), 6);
    let requests = scene.sim.requests();
    let cash = requests
        .iter()
        .filter(|request| request.param("paymentsOnly") == Some("true"));
    assert_eq!(cash.count(), 6);
    let row = run.records("report_trial_balance_cash")[0];
    assert_eq!(
        (&row["Basis"], &row["AccountCode"]),
        (&json!("cash"), &json!("200"))
    );
}

#[test]
fn quarters_and_years_follow_the_financial_year() {
    for (interval, each) in [("quarter", 3), ("year", 12)] {
        let scene = scene(Months31::Whole);
        let mut config = since(&scene, 40);
        config["report_interval"] = interval.into();
        let run = scene.read(&config, &[PROFIT], None);
        let starts = periods(&run, PROFIT, sum);
        assert!(starts.len() as u32 >= 40 / each, "{starts:?}");
        // The simulated organisation's year ends in March.
        let is_first = |start: &NaiveDate| (start.month0() + 12 - 3).is_multiple_of(each);
        assert!(starts.iter().all(is_first), "{starts:?}");
        // With another interval the rows have other keys.
        config["report_interval"] = "month".into();
        let again = scene.read(&config, &[PROFIT], Some(&run.last_states()));
        assert_eq!(periods(&again, PROFIT, sum), months(40));
        assert!(again.logs("WARN")[0].contains("not those of the last sync"));
    }
}

#[test]
fn an_interrupted_sync_resumes_after_its_last_state() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let mut count = 0;
    scene.sim.intercept(move |request, _| {
        count += usize::from(request.path.ends_with("/TrialBalance"));
        let hit = request.path.ends_with("/TrialBalance") && count == 4;
        hit.then(|| Answer::json(400, r#"{"ErrorNumber":10,"Message":"no"}"#))
    });
    counted_days::open(&scene, Months31::Whole);
    let config = since(&scene, 9);
    let broken = scene.read(
        &config,
        &["report_trial_balance", "report_bank_summary"],
        None,
    );
    assert_eq!(broken.status("report_trial_balance"), "INCOMPLETE");
    assert_eq!(broken.status("report_bank_summary"), "COMPLETE");
    let first = periods(&broken, "report_trial_balance", sum);
    assert_eq!(first, months(9)[..3]);
    let rest = scene.read(
        &config,
        &["report_trial_balance"],
        Some(&broken.last_states()),
    );
    assert_eq!(periods(&rest, "report_trial_balance", sum), months(9)[3..]);
}

#[test]
fn a_tracking_category_splits_the_profit_by_its_options() {
    let scene = Scene::with(SCOPES, |_, _| ());
    scene.sim.intercept(|request, _| {
        let category = request.param("trackingCategoryID")?.to_owned();
        assert!(request.param("periods").is_none(), "options take the place of periods");
        let cells = |texts: [&str; 4]| texts.map(str::to_owned);
        request.path.ends_with("/ProfitAndLoss").then(|| counted_days::answer("ProfitAndLoss", json!([
            counted_days::row("Header", &cells(["", "North", "South", "Total"]), None),
            {"RowType": "Section", "Title": "Income", "Rows": [
                counted_days::row("Row", &cells(["Sales", "1.00", "2.00", "3.00"]), Some(("account", &category))),
            ]},
        ])))
    });
    let mut config = since(&scene, 2);
    config["report_tracking_category"] = "region".into();
    let run = scene.read(&config, &[PROFIT], None);
    let rows = run.records(PROFIT);
    assert_eq!(rows.len(), 3 * 3);
    let options: Vec<_> = rows[..3]
        .iter()
        .map(|row| row["TrackingOption"].as_str())
        .collect();
    assert_eq!(options, [Some("North"), Some("South"), None]);
    assert_eq!(rows[0]["TrackingCategory"], "Region");
    assert_eq!(rows[0]["TrackingCategoryID"], rows[0]["AccountID"]);
    config["report_tracking_category"] = "Planet".into();
    let run = scene.read(&config, &[PROFIT, "currencies"], None);
    assert_eq!(
        (run.status(PROFIT), run.status("currencies")),
        ("INCOMPLETE", "COMPLETE")
    );
    assert!(
        run.errors()[0]
            .2
            .contains("no active tracking category called \"Planet\""),
        "{:?}",
        run.errors()
    );
}

#[test]
fn a_forbidden_report_says_why_and_the_others_are_read() {
    let scopes = "accounting.settings.read accounting.reports.profitandloss.read accounting.reports.trialbalance.read accounting.reports.tenninetynine.read";
    let scene = Scene::with(scopes, |_, _| ());
    scene.sim.intercept(|request, _| {
        let is_trial = request.path.ends_with("/TrialBalance");
        is_trial.then(Answer::forbidden)
    });
    counted_days::open(&scene, Months31::Whole);
    let streams = [PROFIT, "report_balance_sheet", "report_trial_balance"];
    let run = scene.read(&since(&scene, 3), &streams, None);
    assert_eq!(run.status(PROFIT), "COMPLETE", "{:?}", run.errors());
    for (stream, words) in [
        (
            "report_balance_sheet",
            "it needs the scope accounting.reports.balancesheet.read (or accounting.reports.read)",
        ),
        ("report_trial_balance", "\"No reports\""),
    ] {
        assert_eq!(run.status(stream), "INCOMPLETE");
        let errors = run.errors();
        let error = errors.iter().find(|error| error.1 == stream).expect(stream);
        assert!(
            error.0 == "config_error" && error.2.contains(words),
            "{error:?}"
        );
    }
}

#[test]
fn reports_of_the_united_states_have_no_rows_elsewhere() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let run = scene.read(&since(&scene, 3), &["report_ten_ninety_nine"], None);
    assert_eq!(
        (run.code, run.records("report_ten_ninety_nine").len()),
        (Some(0), 0)
    );
    assert_eq!(calls(&scene, "/TenNinetyNine", 0), 0);
    let warnings = run.logs("WARN");
    assert!(
        warnings.len() == 1 && warnings[0].contains("not in the United States"),
        "{warnings:?}"
    );
}

#[test]
fn a_state_from_the_future_reads_nothing_and_stays() {
    let scene = scene(Months31::Whole);
    for stream in [PROFIT, "report_aged_payables_by_contact"] {
        let state = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": stream}, "stream_state": {"PeriodEnd": "2099-01-31"}}}]);
        let run = scene.read(&since(&scene, 3), &[stream], Some(&state));
        assert_eq!((run.code, run.records(stream).len()), (Some(0), 0));
        assert_eq!(run.states(stream)[0]["PeriodEnd"], "2099-01-31");
    }
}
