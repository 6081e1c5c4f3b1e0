//! Payroll in Australia: `payroll.xro/1.0`, and the timesheets of 2.0.

use serde_json::{Value, json};

use super::draw::{Draw, Tables};
use super::endpoint::{
    Api, ApiEndpoint, Counts, Envelope, Frame, Paging, Parameter, Parent, Problems, Size, Sort,
    endpoint,
};
use super::forms::{Form, Stamp};
use super::payroll::{DAY, Staff, TIMESHEET_PARAMETERS, first_day, gross};
use crate::query::payroll;
use crate::rows::Country;

const API: Api = Api {
    base: "/payroll.xro/1.0",
    frame: Frame::Accounting,
    problems: Problems::Accounting,
};

const API_2: Api = Api {
    base: "/payroll.xro/2.0",
    frame: Frame::Payroll,
    problems: Problems::InFrame,
};

const HUNDRED: Paging = Paging::Pages {
    size: None,
    usual: 100,
    most: 100,
    refuses: false,
    counts: Counts::Nothing,
};

const PARAMETERS: &[Parameter] = &[
    Parameter::plain("where", Form::Text),
    Parameter::plain("order", Form::Text),
    Parameter::plain("page", Form::Number),
];

const BASE: ApiEndpoint = ApiEndpoint {
    country: Some(Country::Australia),
    paging: HUNDRED,
    modified_since: true,
    parameters: PARAMETERS,
    sort: Sort::Expression("order"),
    stamp: Some(("UpdatedDateUTC", Stamp::Epoch)),
    size: Size::Grows,
    ..endpoint(&API, &["payroll.employees"])
};

const SETTINGS: &[&str] = &["payroll.settings"];

/// Its endpoints.
pub(crate) const ENDPOINTS: &[ApiEndpoint] = &[
    ApiEndpoint {
        name: "payroll_au_employees",
        elements: Some(&payroll::EMPLOYEE),
        path: "/Employees",
        envelope: Envelope::List("Employees"),
        single: Some(("/Employees/{id}", Envelope::List("Employees"))),
        id: "EmployeeID",
        detail_only: &[
            "HomeAddress",
            "BankAccounts",
            "TaxDeclaration",
            "PayTemplate",
            "OpeningBalances",
            "LeaveBalances",
            "SuperMemberships",
        ],
        draw: employee,
        ..BASE
    },
    ApiEndpoint {
        name: "payroll_au_leave_applications",
        elements: Some(&payroll::LEAVE_APPLICATION),
        path: "/LeaveApplications/v2",
        envelope: Envelope::List("LeaveApplications"),
        id: "LeaveApplicationID",
        draw: leave_application,
        ..BASE
    },
    ApiEndpoint {
        name: "payroll_au_payroll_calendars",
        elements: Some(&payroll::PAYROLL_CALENDAR),
        path: "/PayrollCalendars",
        envelope: Envelope::List("PayrollCalendars"),
        single: Some(("/PayrollCalendars/{id}", Envelope::List("PayrollCalendars"))),
        id: "PayrollCalendarID",
        scopes: SETTINGS,
        size: Size::Rows(2),
        draw: calendar,
        ..BASE
    },
    ApiEndpoint {
        name: "payroll_au_superfunds",
        elements: Some(&payroll::SUPER_FUND),
        path: "/Superfunds",
        envelope: Envelope::List("SuperFunds"),
        single: Some(("/Superfunds/{id}", Envelope::List("SuperFunds"))),
        id: "SuperFundID",
        scopes: SETTINGS,
        size: Size::Rows(3),
        draw: super_fund,
        ..BASE
    },
    ApiEndpoint {
        name: "payroll_au_pay_items",
        path: "/PayItems",
        envelope: Envelope::Object("PayItems"),
        paging: Paging::Whole,
        scopes: SETTINGS,
        size: Size::Rows(1),
        draw: pay_items,
        stamp: None,
        ..BASE
    },
    ApiEndpoint {
        name: "payroll_au_settings",
        path: "/Settings",
        envelope: Envelope::Object("Settings"),
        draw: settings,
        country: Some(Country::Australia),
        ..endpoint(&API, SETTINGS)
    },
    ApiEndpoint {
        name: "payroll_au_pay_runs",
        elements: Some(&payroll::PAY_RUN),
        path: "/PayRuns",
        envelope: Envelope::List("PayRuns"),
        single: Some(("/PayRuns/{id}", Envelope::List("PayRuns"))),
        id: "PayRunID",
        scopes: &["payroll.payruns"],
        detail_only: &["Payslips"],
        size: Size::Rows(6),
        draw: pay_run,
        complete: list_payslips,
        ..BASE
    },
    ApiEndpoint {
        name: "payroll_au_payslips",
        single: Some(("/Payslip/{id}", Envelope::Object("Payslip"))),
        id: "PayslipID",
        parent: Some(Parent {
            table: "payroll_au_pay_runs",
            parameter: None,
        }),
        scopes: &["payroll.payslip"],
        size: Size::PerParent(4),
        draw: payslip,
        country: Some(Country::Australia),
        stamp: Some(("UpdatedDateUTC", Stamp::Epoch)),
        ..endpoint(&API, &[])
    },
    ApiEndpoint {
        name: "payroll_au_timesheets",
        elements: Some(&payroll::TIMESHEET),
        path: "/Timesheets",
        envelope: Envelope::List("Timesheets"),
        single: Some(("/Timesheets/{id}", Envelope::Object("Timesheet"))),
        id: "TimesheetID",
        scopes: &["payroll.timesheets"],
        draw: timesheet,
        ..BASE
    },
    ApiEndpoint {
        name: "payroll_au_timesheets_v2",
        path: "/Timesheets",
        envelope: Envelope::List("timesheets"),
        single: Some(("/Timesheets/{id}", Envelope::Object("timesheet"))),
        id: "timesheetID",
        country: Some(Country::Australia),
        paging: Paging::Pages {
            size: None,
            usual: 100,
            most: 100,
            refuses: false,
            counts: Counts::Pagination,
        },
        parameters: TIMESHEET_PARAMETERS,
        detail_only: &["timesheetLines"],
        stamp: Some(("updatedDateUTC", Stamp::WithoutZone)),
        size: Size::Grows,
        draw: timesheet_2,
        ..endpoint(&API_2, &["payroll.timesheets"])
    },
];

fn epoch(at: i64) -> String {
    Stamp::Epoch.of(at)
}

fn employee(draw: &mut Draw<'_>) -> Value {
    let staff = Staff::numbered(draw, draw.number);
    let mut row = json!({
        "EmployeeID": draw.id,
        "FirstName": draw.versioned(staff.first_name),
        "LastName": staff.last_name,
        "Status": if staff.has_left { "TERMINATED" } else { "ACTIVE" },
        "Email": staff.email(),
        "DateOfBirth": epoch(staff.birth),
        "Gender": draw.one_of(&["F", "M", "N"]),
        "StartDate": epoch(first_day(draw.created)),
        "PayrollCalendarID": draw.any("payroll_au_payroll_calendars").map(|it| &it.value["PayrollCalendarID"]),
        "HomeAddress": {
            "AddressLine1": "123 Main St",
            "City": "Port Fairy / \"Moyjil\"",
            "Region": "VIC",
            "PostalCode": "3284",
            "Country": "AUSTRALIA",
        },
        "BankAccounts": [{
            "StatementText": "Salary",
            "AccountName": "James Lebron Savings",
            "BSB": "122344",
            "AccountNumber": "345678",
            "Remainder": true,
        }],
        "TaxDeclaration": {
            "EmploymentBasis": "FULLTIME",
            "TFNExemptionType": "NOTQUOTED",
            "AustralianResidentForTaxPurposes": true,
            "UpdatedDateUTC": epoch(draw.created),
        },
    });
    row["PayTemplate"] = pay_template(draw);
    row["OpeningBalances"] = opening_balances(draw);
    let leave = pay_item(draw, "LeaveTypes");
    row["LeaveBalances"] = json!([{
        "LeaveName": leave["Name"],
        "LeaveTypeID": leave["LeaveTypeID"],
        "NumberOfUnits": 12.5,
        "TypeOfUnits": "Hours",
    }]);
    row["SuperMemberships"] = json!([{
        "SuperMembershipID": draw.guid(),
        "SuperFundID": draw.any("payroll_au_superfunds").map(|it| &it.value["SuperFundID"]),
        "EmployeeNumber": draw.number.to_string(),
    }]);
    if staff.has_left {
        row["TerminationDate"] = epoch(first_day(draw.created) + 90 * DAY).into();
    }
    row
}

/// What an employee is paid each period.
fn pay_template(draw: &Draw<'_>) -> Value {
    json!({
        "EarningsLines": [{
            "EarningsRateID": pay_item_id(draw, "EarningsRates", "EarningsRateID"),
            "CalculationType": "USEEARNINGSRATE",
            "NormalNumberOfUnits": 38.0,
        }],
        "DeductionLines": [deduction_line(draw)],
        "SuperLines": [super_line()],
        "ReimbursementLines": [reimbursement_line(draw)],
        "LeaveLines": [{
            "LeaveTypeID": pay_item_id(draw, "LeaveTypes", "LeaveTypeID"),
            "CalculationType": "FIXEDAMOUNTEACHPERIOD",
            "IsQualifyingEarnings": true,
            "AnnualNumberOfUnits": 152.0,
        }],
    })
}

/// What an employee was paid before the organisation used Xero.
fn opening_balances(draw: &Draw<'_>) -> Value {
    let leave_type = pay_item_id(draw, "LeaveTypes", "LeaveTypeID");
    json!({
        "OpeningBalanceDate": epoch(first_day(draw.created)),
        "Tax": "4333.00",
        "EarningsLines": [{
            "EarningsRateID": pay_item_id(draw, "EarningsRates", "EarningsRateID"),
            "Amount": 1250.25,
        }],
        "DeductionLines": [deduction_line(draw)],
        "SuperLines": [super_line()],
        "ReimbursementLines": [reimbursement_line(draw)],
        "LeaveLines": [{ "LeaveTypeID": leave_type, "NumberOfUnits": 10.0 }],
        "PaidLeaveEarningsLines": [{ "LeaveTypeID": leave_type, "Amount": 500.0 }],
    })
}

fn deduction_line(draw: &Draw<'_>) -> Value {
    json!({
        "DeductionTypeID": pay_item_id(draw, "DeductionTypes", "DeductionTypeID"),
        "CalculationType": "FIXEDAMOUNT",
        "Amount": 4.5,
    })
}

fn reimbursement_line(draw: &Draw<'_>) -> Value {
    json!({
        "ReimbursementTypeID": pay_item_id(draw, "ReimbursementTypes", "ReimbursementTypeID"),
        "Description": "Taxi / \"night\"",
        "ExpenseAccount": "493",
        "Amount": 55.0,
    })
}

fn super_line() -> Value {
    json!({
        "ContributionType": "SGC",
        "CalculationType": "STATUTORY",
        "MinimumMonthlyEarnings": 450.0,
        "ExpenseAccountCode": "478",
        "LiabilityAccountCode": "826",
    })
}

fn leave_application(draw: &mut Draw<'_>) -> Value {
    let start = first_day(draw.created);
    let units = f64::from(draw.rng.u32(1..40)) / 4.0;
    json!({
        "LeaveApplicationID": draw.id,
        "EmployeeID": draw.any("payroll_au_employees").map(|it| &it.value["EmployeeID"]),
        "LeaveTypeID": pay_item_id(draw, "LeaveTypes", "LeaveTypeID"),
        "Title": draw.versioned("Annual leave / Ngā hararei"),
        "StartDate": epoch(start),
        "EndDate": epoch(start + 2 * DAY),
        "Description": draw.description(),
        "PayOutType": "DEFAULT",
        "LeavePeriods": [{
            "PayPeriodStartDate": epoch(start),
            "PayPeriodEndDate": epoch(start + 6 * DAY),
            "LeavePeriodStatus": draw.one_of(&["SCHEDULED", "PROCESSED", "REQUESTED"]),
            "NumberOfUnits": units,
        }],
    })
}

fn pay_item(draw: &Draw<'_>, list: &str) -> Value {
    let items = draw.tables.api_rows("payroll_au_pay_items").first();
    items.map_or(Value::Null, |items| items.value[list][0].clone())
}

fn pay_item_id(draw: &Draw<'_>, list: &str, id: &str) -> Value {
    pay_item(draw, list)[id].clone()
}

fn calendar(draw: &mut Draw<'_>) -> Value {
    let start = first_day(draw.created);
    let is_weekly = draw.number % 2 == 1;
    json!({
        "PayrollCalendarID": draw.id,
        "Name": draw.versioned(if is_weekly { "Weekly Calendar" } else { "Monthly Calendar" }),
        "CalendarType": if is_weekly { "WEEKLY" } else { "MONTHLY" },
        "StartDate": epoch(start),
        "PaymentDate": epoch(start + 6 * DAY),
    })
}

fn super_fund(draw: &mut Draw<'_>) -> Value {
    let name = draw.company();
    let is_regulated = draw.number % 2 == 1;
    json!({
        "SuperFundID": draw.id,
        "Type": if is_regulated { "REGULATED" } else { "SMSF" },
        "Name": draw.versioned(&name),
        "ABN": "40022701955",
        "EmployerNumber": draw.number.to_string(),
    })
}

fn pay_items(draw: &mut Draw<'_>) -> Value {
    json!({
        "EarningsRates": [{
            "EarningsRateID": draw.guid(),
            "Name": draw.versioned("Ordinary Hours"),
            "AccountCode": "477",
            "TypeOfUnits": "Hours",
            "IsExemptFromTax": false,
            "IsExemptFromSuper": false,
            "EarningsType": "ORDINARYTIMEEARNINGS",
            "RateType": "RATEPERUNIT",
            "RatePerUnit": "41.5000",
            "IsQualifyingEarnings": true,
            "CurrentRecord": true,
        }, {
            "EarningsRateID": draw.guid(),
            "Name": "Bonus",
            "AccountCode": "477",
            "EarningsType": "BONUSESANDCOMMISSIONS",
            "RateType": "FIXEDAMOUNT",
            "Amount": 125.5,
            "CurrentRecord": false,
            "IsQualifyingEarnings": false,
        }],
        "DeductionTypes": [{
            "DeductionTypeID": draw.guid(),
            "Name": "Union Fees/Subscriptions",
            "AccountCode": "804",
            "ReducesTax": true,
            "ReducesSuper": false,
            "DeductionCategory": "UNIONFEES",
            "CurrentRecord": true,
        }],
        "LeaveTypes": [{
            "LeaveTypeID": draw.guid(),
            "Name": "Annual Leave",
            "TypeOfUnits": "Hours",
            "NormalEntitlement": 152.0,
            "IsPaidLeave": true,
            "ShowOnPayslip": true,
            "IsQualifyingEarnings": true,
            "CurrentRecord": true,
        }],
        "ReimbursementTypes": [{
            "ReimbursementTypeID": draw.guid(),
            "Name": "Travel Costs",
            "AccountCode": "493",
            "CurrentRecord": true,
        }],
    })
}

fn settings(draw: &mut Draw<'_>) -> Value {
    json!({
        "Accounts": [{
            "AccountID": draw.guid(),
            "Type": "WAGESPAYABLELIABILITY",
            "Code": "804",
            "Name": "Wages Payable - Payroll",
        }],
        "DaysInPayrollYear": 364,
    })
}

fn pay_run(draw: &mut Draw<'_>) -> Value {
    let start = first_day(draw.created);
    json!({
        "PayRunID": draw.id,
        "PayrollCalendarID": draw.any("payroll_au_payroll_calendars").map(|it| &it.value["PayrollCalendarID"]),
        "PayRunPeriodStartDate": epoch(start),
        "PayRunPeriodEndDate": epoch(start + 6 * DAY),
        "PaymentDate": epoch(start + 7 * DAY),
        "PayRunStatus": if draw.number == 1 { "DRAFT" } else { "POSTED" },
        "PayslipMessage": draw.versioned("Kia ora \"all\""),
    })
}

/// A pay run shows its payslips without their lines, and the sums of them.
fn list_payslips(run: &mut Value, tables: &dyn Tables) {
    let runs = tables.api_rows("payroll_au_pay_runs").iter();
    let number = runs
        .clone()
        .find(|it| it.value["PayRunID"] == run["PayRunID"]);
    let number = number.map(|it| it.number);
    let slips = tables.api_rows("payroll_au_payslips").iter();
    let slips: Vec<_> = slips.filter(|it| it.parent == number).collect();
    for name in ["Wages", "Tax", "NetPay"] {
        let cents = slips
            .iter()
            .map(|it| (it.value[name].as_f64().unwrap_or(0.0) * 100.0).round());
        run[name] = (cents.sum::<f64>() / 100.0).into();
    }
    let summary = |row: &Value| {
        let names = [
            "EmployeeID",
            "PayslipID",
            "FirstName",
            "LastName",
            "Wages",
            "Tax",
            "NetPay",
        ];
        names
            .into_iter()
            .map(|name| (name.to_owned(), row[name].clone()))
            .collect::<Value>()
    };
    run["Payslips"] = slips.iter().map(|it| summary(&it.value)).collect();
}

fn payslip(draw: &mut Draw<'_>) -> Value {
    let employees = draw.tables.api_rows("payroll_au_employees");
    let employee = employees.get(draw.place % employees.len().max(1));
    let name = |field: &str| employee.map(|it| it.value[field].clone());
    let (units, rate) = (f64::from(draw.rng.u32(4..160)) / 4.0, 41.5);
    let wages = gross(units, rate);
    let tax = (wages * 0.3).floor();
    let rate_id = pay_item_id(draw, "EarningsRates", "EarningsRateID");
    let mut superannuation = super_line();
    superannuation["PaymentDateForThisPeriod"] = epoch(first_day(draw.created)).into();
    superannuation["Amount"] = (wages * 0.1).floor().into();
    json!({
        "PayslipID": draw.id,
        "EmployeeID": name("EmployeeID"),
        "FirstName": name("FirstName"),
        "LastName": name("LastName"),
        "Wages": wages,
        "Tax": tax,
        "NetPay": gross(wages - tax, 1.0),
        "EarningsLines": [{
            "EarningsRateID": rate_id,
            "RatePerUnit": rate,
            "NumberOfUnits": units,
        }],
        "TaxLines": [{
            "PayslipTaxLineID": draw.guid(),
            "Amount": tax,
            "TaxTypeName": "PAYG Tax",
            "ManualTaxType": "PAYGMANUAL",
        }],
        "LeaveEarningsLines": [{
            "EarningsRateID": rate_id,
            "RatePerUnit": 0.0,
            "NumberOfUnits": 0.5,
            "PayOutType": "DEFAULT",
        }],
        "TimesheetEarningsLines": [{
            "EarningsRateID": rate_id,
            "RatePerUnit": 0.0,
            "NumberOfUnits": 0.25,
        }],
        "DeductionLines": [deduction_line(draw), deduction_line(draw)],
        "LeaveAccrualLines": [{
            "LeaveTypeID": pay_item_id(draw, "LeaveTypes", "LeaveTypeID"),
            "NumberOfUnits": 0.0769,
            "AutoCalculate": true,
        }],
        "ReimbursementLines": [reimbursement_line(draw)],
        "SuperannuationLines": [superannuation],
    })
}

fn timesheet(draw: &mut Draw<'_>) -> Value {
    let start = first_day(draw.created);
    let days: Vec<_> = (0..7)
        .map(|_| f64::from(draw.rng.u32(0..40)) / 4.0)
        .collect();
    json!({
        "TimesheetID": draw.id,
        "EmployeeID": draw.any("payroll_au_employees").map(|it| &it.value["EmployeeID"]),
        "StartDate": epoch(start),
        "EndDate": epoch(start + 6 * DAY),
        "Status": draw.one_of(&["DRAFT", "PROCESSED", "APPROVED"]),
        "Hours": days.iter().sum::<f64>(),
        "TimesheetLines": [{
            "EarningsRateID": pay_item_id(draw, "EarningsRates", "EarningsRateID"),
            "NumberOfUnits": days,
            "UpdatedDateUTC": epoch(draw.created),
        }],
    })
}

fn timesheet_2(draw: &mut Draw<'_>) -> Value {
    let start = first_day(draw.created);
    json!({
        "timesheetID": draw.id,
        "payrollCalendarID": draw.any("payroll_au_payroll_calendars").map(|it| &it.value["PayrollCalendarID"]),
        "employeeID": draw.any("payroll_au_employees").map(|it| &it.value["EmployeeID"]),
        "startDate": Stamp::Midnight.of(start),
        "endDate": Stamp::Midnight.of(start + 6 * DAY),
        "status": draw.one_of(&["Draft", "Approved", "Completed"]),
        "totalHours": 8.0,
        "timesheetLines": [{
            "timesheetLineID": draw.guid(),
            "date": Stamp::Midnight.of(start),
            "earningsRateID": pay_item_id(draw, "EarningsRates", "EarningsRateID"),
            "numberOfUnits": 8.0,
        }],
    })
}
