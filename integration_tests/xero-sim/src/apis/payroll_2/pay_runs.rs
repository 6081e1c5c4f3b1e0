//! Calendars, pay runs, payslips and timesheets.

use serde_json::{Value, json};

use super::super::draw::Draw;
use super::super::forms::Stamp;
use super::super::payroll::{DAY, day, first_day, gross};
use crate::rows::Country;

pub(super) fn calendar(draw: &mut Draw<'_>) -> Value {
    let start = first_day(draw.created);
    json!({
        "payrollCalendarID": draw.id,
        "name": draw.versioned(&format!("Calendar {}", draw.number)),
        "calendarType": draw.one_of(&["Weekly", "Fortnightly", "Monthly"]),
        "periodStartDate": day(start),
        "periodEndDate": day(start + 6 * DAY),
        "paymentDate": day(start + 7 * DAY),
    })
}

pub(super) fn pay_run(draw: &mut Draw<'_>, calendars: &str) -> Value {
    let start = first_day(draw.created);
    let is_posted = draw.number > 1;
    json!({
        "payRunID": draw.id,
        "payrollCalendarID": draw.any(calendars).map(|it| &it.value["payrollCalendarID"]),
        "periodStartDate": day(start),
        "periodEndDate": day(start + 6 * DAY),
        "paymentDate": day(start + 7 * DAY),
        "payRunStatus": if is_posted { "Posted" } else { "Draft" },
        "payRunType": "Scheduled",
        "calendarType": "Weekly",
        "postedDateTime": is_posted.then(|| Stamp::WithoutZone.of(draw.created)),
        "paySlips": null,
    })
}

pub(super) fn payslip(draw: &mut Draw<'_>, employees: &str) -> Value {
    let staff = draw.tables.api_rows(employees);
    let employee = staff.get(draw.place % staff.len().max(1));
    let of = |field: &str| employee.map(|it| it.value[field].clone());
    let (units, rate) = (f64::from(draw.rng.u32(4..160)) / 4.0, 25.0);
    let earnings = gross(units, rate);
    let tax = (earnings * 0.2).floor();
    // Xero gives an earnings line the id of its rate.
    let rate_id = draw.guid();
    let mut slip = json!({
        "paySlipID": draw.id,
        "employeeID": of("employeeID"),
        "payRunID": draw.parent_id("payRunID"),
        "lastEdited": Stamp::WithoutZone.of(draw.updated),
        "firstName": of("firstName"),
        "lastName": of("lastName"),
        "totalEarnings": earnings,
        "totalPay": gross(earnings - tax, 1.0),
        "earningsLines": [{
            "earningsLineID": rate_id,
            "earningsRateID": rate_id,
            "displayName": "Ordinary Time / Regular \"Hours\"",
            "ratePerUnit": rate,
            "numberOfUnits": units,
            "amount": earnings,
        }, {
            "earningsLineID": rate_id,
            "earningsRateID": rate_id,
            "displayName": "Correction",
            "fixedAmount": 0.0,
            "amount": 0.0,
        }],
    });
    let lines = slip_lines(draw, tax);
    if let (Some(slip), Value::Object(lines)) = (slip.as_object_mut(), lines) {
        slip.extend(lines);
    }
    slip
}

/// The other lines of a payslip: those of all countries, and those of its own.
fn slip_lines(draw: &mut Draw<'_>, tax: f64) -> Value {
    let mut tax_line = |description: &str, amount: f64| {
        json!({
            "taxLineID": draw.guid(),
            "description": description,
            "amount": amount,
            "globalTaxTypeID": 1,
            "manualAdjustment": false,
        })
    };
    let of_employee = [tax_line("PAYE", tax), tax_line("Levy", 0.0)];
    let of_employer = [tax_line("Employer", 0.7)];
    let leave_type = draw.guid();
    let own = match draw.country() {
        Some(Country::NewZealand) => json!({
            "superannuationLines": [{
                "superannuationTypeID": draw.guid(),
                "displayName": "KiwiSaver",
                "amount": 4.86,
                "percentage": 3.0,
            }],
            "statutoryDeductionLines": [{
                "statutoryDeductionTypeID": draw.guid(),
                "amount": 2.5,
            }],
        }),
        _ => json!({
            "benefitLines": [{
                "benefitTypeID": draw.guid(),
                "displayName": "Pension",
                "amount": 9.62,
                "percentage": 3.0,
            }],
            "courtOrderLines": [{ "courtOrderTypeID": draw.guid(), "amount": 1.5 }],
        }),
    };
    let mut lines = json!({
        "leaveEarningsLines": [{ "earningsRateID": draw.guid(), "fixedAmount": 12.0, "amount": 12.0 }],
        "timesheetEarningsLines": [{ "earningsRateID": draw.guid(), "amount": 0.0, "isLinkedToTimesheet": true }],
        "deductionLines": [{ "deductionTypeID": draw.guid(), "amount": 3.25, "percentage": null }],
        "reimbursementLines": [{ "reimbursementTypeID": draw.guid(), "description": "Taxi", "amount": 7.5 }],
        "leaveAccrualLines": [
            { "leaveTypeID": leave_type, "numberOfUnits": 1.25 },
            { "leaveTypeID": leave_type, "numberOfUnits": 0.0 },
        ],
        "paymentLines": [{ "paymentLineID": draw.guid(), "amount": 137.88, "accountName": "Savings" }],
        "employeeTaxLines": of_employee,
        "employerTaxLines": of_employer,
    });
    if let (Some(lines), Value::Object(own)) = (lines.as_object_mut(), own) {
        lines.extend(own);
    }
    lines
}

pub(super) fn timesheet(draw: &mut Draw<'_>, prefix: &str) -> Value {
    let start = first_day(draw.created);
    let units = f64::from(draw.rng.u32(4..40)) / 4.0;
    let calendar = draw.any(&format!("{prefix}pay_run_calendars"));
    let employee = draw.any(&format!("{prefix}employees"));
    let rate = draw.any(&format!("{prefix}earnings_rates"));
    let line = |at: i64, id: String| {
        json!({
            "timesheetLineID": id,
            "date": day(start + at * DAY),
            "earningsRateID": rate.map(|it| &it.value["earningsRateID"]),
            "trackingItemID": null,
            "numberOfUnits": units,
        })
    };
    json!({
        "timesheetID": draw.id,
        "payrollCalendarID": calendar.map(|it| &it.value["payrollCalendarID"]),
        "employeeID": employee.map(|it| &it.value["employeeID"]),
        "startDate": day(start),
        "endDate": day(start + 6 * DAY),
        "status": draw.one_of(&["Draft", "Approved", "Completed"]),
        "totalHours": units * 2.0,
        "timesheetLines": [line(0, draw.guid()), line(1, draw.guid())],
    })
}
