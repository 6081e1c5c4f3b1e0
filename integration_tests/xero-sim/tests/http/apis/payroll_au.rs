//! Payroll in Australia.

use serde_json::Value;
use xero_sim::{Country, TenantId, World};

use super::{call, field, json, truth, undocumented};
use crate::client::{Fixture, get, started};

const BASE: &str = "/payroll.xro/1.0";
const SCOPES: &str = "openid offline_access payroll.employees.read payroll.payruns.read \
    payroll.payslip.read payroll.settings.read payroll.timesheets.read";

/// A world with one organisation in Australia and a consent to its payroll.
fn fixture(build: impl FnOnce(&mut World, &TenantId)) -> Fixture {
    let mut world = World::new(7);
    let demo = world.add_tenant_in("Demo Company (AU)", Country::Australia);
    build(&mut world, &demo);
    started(world, demo, SCOPES)
}

fn cents(amount: &Value) -> i64 {
    let amount = amount.as_f64().expect("an amount");
    format!("{:.0}", amount * 100.0).parse().expect("cents")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn employees_come_in_pages_of_a_hundred_without_counts() {
    let table = "payroll_au_employees";
    let fixture = fixture(|world, demo| world.fill_api(demo, table, 130));
    let mut found = Vec::new();
    for (page, count) in [(1, 100), (2, 30), (3, 0)] {
        let body = json(&fixture, &format!("{BASE}/Employees?page={page}"));
        assert!(body.get("pagination").is_none(), "{page}");
        assert!(text(&body["DateTimeUTC"]).starts_with("/Date("));
        let ids = field(&body["Employees"], "EmployeeID");
        assert_eq!(ids.len(), count, "page {page}");
        found.extend(ids);
    }
    assert_eq!(found, truth(&fixture, table, "EmployeeID"));
    assert_eq!(undocumented(&fixture), Vec::<String>::new());
}

#[test]
fn only_a_single_employee_has_an_address_and_a_tax_declaration() {
    let fixture = fixture(|_, _| {});
    let list = json(&fixture, &format!("{BASE}/Employees"))["Employees"].clone();
    let id = text(&list[0]["EmployeeID"]);
    let single = json(&fixture, &format!("{BASE}/Employees/{id}"))["Employees"].clone();
    for name in ["HomeAddress", "BankAccounts", "TaxDeclaration"] {
        assert!(
            list[0][name].is_null() && !single[0][name].is_null(),
            "{name}"
        );
    }
    assert_eq!(single[0]["LastName"], list[0]["LastName"]);
}

#[test]
fn rows_before_a_moment_are_left_out() {
    let table = "payroll_au_pay_runs";
    let fixture = fixture(|_, _| {});
    fixture
        .sim
        .world(|world| world.touch_api_row(&fixture.demo, table, 2));
    let since = fixture.sim.world(|world| world.now() / 1_000 - 60);
    let since = chrono::DateTime::from_timestamp(since, 0).expect("a time");
    let since = format!("If-Modified-Since: {}", since.format("%Y-%m-%dT%H:%M:%S"));
    let token = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let tenant = format!("xero-tenant-id: {}", fixture.demo);
    let headers = [token.as_str(), &tenant, "Accept: application/json", &since];
    let body = get(&fixture.sim, &format!("{BASE}/PayRuns"), &headers).json();
    let touched = truth(&fixture, table, "PayRunID")[1].clone();
    assert_eq!(field(&body["PayRuns"], "PayRunID"), [touched]);
}

#[test]
fn a_pay_run_lists_its_payslips_and_their_sums() {
    let fixture = fixture(|_, _| {});
    let runs = json(&fixture, &format!("{BASE}/PayRuns"))["PayRuns"].clone();
    let runs = field(&runs, "PayRunID");
    assert!(!runs.is_empty());
    for id in runs.iter().map(text) {
        let run = json(&fixture, &format!("{BASE}/PayRuns/{id}"))["PayRuns"][0].clone();
        let slips = run["Payslips"].as_array().expect("payslips");
        assert!(!slips.is_empty(), "{id}");
        let wages: i64 = slips.iter().map(|slip| cents(&slip["Wages"])).sum();
        assert_eq!(wages, cents(&run["Wages"]), "{id}");
        let slip = text(&slips[0]["PayslipID"]);
        let slip = json(&fixture, &format!("{BASE}/Payslip/{slip}"))["Payslip"].clone();
        assert_eq!(slip["Wages"], slips[0]["Wages"]);
        assert!(!field(&slip["EarningsLines"], "EarningsRateID").is_empty());
    }
    assert_eq!(undocumented(&fixture), Vec::<String>::new());
}

#[test]
fn a_user_who_is_no_payroll_administrator_reads_no_payroll() {
    let fixture = fixture(|_, _| {});
    let mut paths = vec![format!("{BASE}/Employees"), format!("{BASE}/Settings")];
    paths.push("/payroll.xro/2.0/Timesheets".to_owned());
    for (is_forbidden, status) in [(true, 403), (false, 200)] {
        fixture
            .sim
            .world(|world| world.forbid_payroll(&fixture.demo, is_forbidden));
        for path in &paths {
            assert_eq!(call(&fixture, path).status, status, "{path}");
        }
    }
}

#[test]
fn rows_whose_parents_were_removed_can_still_be_drawn() {
    let fixture = fixture(|world, demo| {
        for (table, number) in [("payroll_au_pay_items", 1), ("payroll_au_pay_runs", 2)] {
            world.remove_api_row(demo, table, number);
        }
        let slips = world.api_rows(demo, "payroll_au_payslips").len() as u64;
        world.remove_api_row(demo, "payroll_au_pay_runs", 1);
        (1..=slips).for_each(|slip| world.touch_api_row(demo, "payroll_au_payslips", slip));
        for run in 3..=6 {
            world.remove_api_row(demo, "payroll_au_pay_runs", run);
        }
        world.add_api_rows(demo, "payroll_au_payslips", 2);
        world.add_api_rows(demo, "payroll_au_timesheets", 1);
    });
    for path in ["Timesheets", "LeaveApplications/v2", "PayRuns"] {
        json(&fixture, &format!("{BASE}/{path}"));
    }
}

#[test]
fn lists_are_filtered_by_any_element() {
    let fixture = fixture(|_, _| {});
    let expected = |table: &str, id: &str, is_wanted: fn(&Value) -> bool| -> Vec<Value> {
        fixture.sim.world(|world| {
            let rows = world.api_rows(&fixture.demo, table).iter();
            let rows = rows.map(|row| &row.value).filter(|row| is_wanted(row));
            rows.map(|row| row[id].clone()).collect()
        })
    };
    let is_active: fn(&Value) -> bool = |row| row["Status"] == "ACTIVE";
    let is_long: fn(&Value) -> bool = |row| row["Hours"].as_f64() > Some(30.0);
    for (path, key, table, id, filter, is_wanted) in [
        (
            "Employees",
            "Employees",
            "payroll_au_employees",
            "EmployeeID",
            "Status==\"ACTIVE\"",
            is_active,
        ),
        (
            "Timesheets",
            "Timesheets",
            "payroll_au_timesheets",
            "TimesheetID",
            "Hours>30",
            is_long,
        ),
        (
            "PayRuns",
            "PayRuns",
            "payroll_au_pay_runs",
            "PayRunID",
            "PayRunStatus==\"POSTED\" AND PaymentDate>DateTime(2000,1,1)",
            |row: &Value| row["PayRunStatus"] == "POSTED",
        ),
        (
            "Superfunds",
            "SuperFunds",
            "payroll_au_superfunds",
            "SuperFundID",
            "UpdatedDateUTC<DateTime(2000,1,1)",
            |_: &Value| false,
        ),
    ] {
        let filter: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let body = json(&fixture, &format!("{BASE}/{path}?where={filter}"));
        assert_eq!(
            field(&body[key], id),
            expected(table, id, is_wanted),
            "{path}"
        );
    }
    let all = truth(&fixture, "payroll_au_employees", "EmployeeID").len();
    assert!(expected("payroll_au_employees", "EmployeeID", is_active).len() < all);
    for filter in ["Salary%3E1", "Status", "Status%3D%3D", "Hours%3D%3D1"] {
        let refused = call(&fixture, &format!("{BASE}/Employees?where={filter}"));
        assert_eq!(refused.status, 400, "{filter}");
        assert_eq!(refused.json()["Type"], "QueryParseException", "{filter}");
    }
    assert_eq!(undocumented(&fixture), Vec::<String>::new());
}
