//! Payroll in the United Kingdom and in New Zealand.

use serde_json::Value;
use xero_sim::{Country, TenantId, World};

use super::{call, field, json, truth, undocumented};
use crate::client::{Fixture, started};

const BASE: &str = "/payroll.xro/2.0";
const SCOPES: &str = "openid offline_access payroll.employees.read payroll.payruns.read \
    payroll.payslip.read payroll.settings.read payroll.timesheets.read";

/// The two countries: the beginning of the names of tables, the path of payslips.
const COUNTRIES: [(Country, &str, &str); 2] = [
    (Country::UnitedKingdom, "payroll_uk_", "Payslips"),
    (Country::NewZealand, "payroll_nz_", "PaySlips"),
];

/// A world with one organisation of a country and a consent to its payroll.
fn fixture(country: Country, build: impl FnOnce(&mut World, &TenantId)) -> Fixture {
    let mut world = World::new(7);
    let demo = world.add_tenant_in("Demo Company", country);
    build(&mut world, &demo);
    started(world, demo, SCOPES)
}

fn cents(amount: &Value) -> i64 {
    let amount = amount.as_f64().expect("an amount");
    format!("{:.0}", amount * 100.0).parse().expect("cents")
}

#[test]
fn employees_come_in_pages_of_a_hundred() {
    for (country, prefix, _) in COUNTRIES {
        let table = format!("{prefix}employees");
        let fixture = fixture(country, |world, demo| world.fill_api(demo, &table, 200));
        let mut found = Vec::new();
        for (page, count) in [(1, 100), (2, 100), (3, 0)] {
            let body = json(&fixture, &format!("{BASE}/Employees?page={page}"));
            assert_eq!(body["pagination"]["pageSize"], 100, "{prefix}");
            assert_eq!(body["pagination"]["itemCount"], 200, "{prefix}");
            let ids = field(&body["employees"], "employeeID");
            assert_eq!(ids.len(), count, "{prefix} page {page}");
            found.extend(ids);
        }
        found.sort_by_key(Value::to_string);
        let mut all = truth(&fixture, &table, "employeeID");
        all.sort_by_key(Value::to_string);
        assert_eq!(found, all);
        assert_eq!(undocumented(&fixture), Vec::<String>::new());
    }
}

#[test]
fn payslips_belong_to_a_pay_run_and_to_employees() {
    for (country, prefix, slips) in COUNTRIES {
        let fixture = fixture(country, |_, _| {});
        let employees = truth(&fixture, &format!("{prefix}employees"), "employeeID");
        let runs = field(
            &json(&fixture, &format!("{BASE}/PayRuns"))["payRuns"],
            "payRunID",
        );
        assert!(!runs.is_empty());
        for run in &runs {
            let id = run.as_str().expect("an id");
            let body = json(&fixture, &format!("{BASE}/{slips}?PayRunID={id}"));
            let rows = body["paySlips"].as_array().expect("a list");
            assert!(!rows.is_empty(), "{prefix}");
            for row in rows {
                assert_eq!(&row["payRunID"], run);
                assert!(employees.contains(&row["employeeID"]));
                let lines = row["earningsLines"].as_array().expect("lines");
                let sum: i64 = lines.iter().map(|line| cents(&line["amount"])).sum();
                assert_eq!(sum, cents(&row["totalEarnings"]), "{prefix}");
            }
        }
        let without = call(&fixture, &format!("{BASE}/{slips}"));
        assert_eq!(without.status, 400, "{prefix}");
    }
}

#[test]
fn only_a_single_timesheet_has_lines_and_they_add_up() {
    for (country, prefix, _) in COUNTRIES {
        let fixture = fixture(country, |_, _| {});
        let list = json(&fixture, &format!("{BASE}/Timesheets"))["timesheets"].clone();
        let ids = field(&list, "timesheetID");
        assert!(!ids.is_empty(), "{prefix}");
        for (place, id) in ids.iter().enumerate() {
            assert!(
                list[place]["timesheetLines"]
                    .as_array()
                    .is_none_or(Vec::is_empty)
            );
            let id = id.as_str().expect("an id");
            let body = json(&fixture, &format!("{BASE}/Timesheets/{id}"));
            let row = &body["timesheet"];
            let units = field(&row["timesheetLines"], "numberOfUnits");
            let sum: i64 = units.iter().map(cents).sum();
            assert_eq!(sum, cents(&row["totalHours"]), "{prefix}");
        }
    }
}

#[test]
fn every_employee_has_data() {
    for (country, prefix, _) in COUNTRIES {
        let fixture = fixture(country, |_, _| {});
        let opening = match country {
            Country::UnitedKingdom => "ukopeningbalances",
            _ => "OpeningBalances",
        };
        let keys = [
            ("Tax", "employeeTax"),
            ("Leave", "leave"),
            ("LeaveBalances", "leaveBalances"),
            ("PaymentMethods", "paymentMethod"),
            ("PayTemplates", "payTemplate"),
            ("SalaryAndWages", "salaryAndWages"),
            (opening, "openingBalances"),
        ];
        // Xero allows 60 calls a minute.
        let employees = truth(&fixture, &format!("{prefix}employees"), "employeeID");
        for id in employees.into_iter().take(5) {
            let id = id.as_str().expect("an id");
            for (path, key) in keys {
                let body = json(&fixture, &format!("{BASE}/Employees/{id}/{path}"));
                assert!(!body[key].is_null(), "{prefix}{path}: {body}");
            }
        }
        assert_eq!(undocumented(&fixture), Vec::<String>::new());
    }
}
