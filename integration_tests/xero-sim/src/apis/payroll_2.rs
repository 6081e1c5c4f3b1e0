//! Payroll in the United Kingdom and in New Zealand: `payroll.xro/2.0`. The two differ in a few tables
//! and in the spelling of some addresses.

use serde_json::{Value, json};

use super::draw::Draw;
use super::endpoint::{
    Api, ApiEndpoint, Counts, Envelope, Frame, Paging, Parameter, Parent, Problems, Size, endpoint,
};
use super::forms::{Form, Stamp};
use super::payroll::{DAY, Staff, TIMESHEET_PARAMETERS, first_day, gross};
use crate::rows::Country;

const API: Api = Api {
    base: "/payroll.xro/2.0",
    frame: Frame::Payroll,
    problems: Problems::InFrame,
};

const PAGE: Parameter = Parameter::plain("page", Form::Number);

const HUNDRED: Paging = Paging::Pages {
    size: None,
    usual: 100,
    most: 100,
    refuses: false,
    counts: Counts::Pagination,
};

const EMPLOYEES: &[&str] = &["payroll.employees"];
const PAY_RUNS: &[&str] = &["payroll.payruns"];
const PAYSLIPS: &[&str] = &["payroll.payslip"];
const SETTINGS: &[&str] = &["payroll.settings"];
const TIMESHEETS: &[&str] = &["payroll.timesheets"];

const UPDATED: Option<(&str, Stamp)> = Some(("updatedDateUTC", Stamp::WithoutZone));

/// A list of the settings.
const LIST: ApiEndpoint = ApiEndpoint {
    paging: HUNDRED,
    parameters: &[PAGE],
    size: Size::Rows(3),
    ..endpoint(&API, SETTINGS)
};

/// Data of each employee.
const OF_EMPLOYEE: ApiEndpoint = ApiEndpoint {
    size: Size::PerParent(1),
    ..endpoint(&API, EMPLOYEES)
};

/// The endpoints of a country. Stream names begin with `$prefix`.
macro_rules! endpoints {
    ($endpoints:ident $prefix:literal $country:expr, $slips:literal, $tracking:literal, $opening:literal $opening_form:expr, [$($own:expr),+]) => {
        /// Its endpoints.
        pub(crate) const $endpoints: &[ApiEndpoint] = &[
            ApiEndpoint {
                name: concat!($prefix, "employees"),
                path: "/Employees",
                envelope: Envelope::List("employees"),
                single: Some(("/Employees/{id}", Envelope::Object("employee"))),
                id: "employeeID",
                country: $country,
                scopes: EMPLOYEES,
                parameters: &[Parameter::plain("filter", Form::Text), PAGE],
                stamp: UPDATED,
                size: Size::Grows,
                draw: employee,
                ..LIST
            },
            ApiEndpoint {
                name: concat!($prefix, "pay_run_calendars"),
                path: "/PayRunCalendars",
                envelope: Envelope::List("payRunCalendars"),
                single: Some(("/PayRunCalendars/{id}", Envelope::Object("payRunCalendar"))),
                id: "payrollCalendarID",
                country: $country,
                stamp: UPDATED,
                draw: calendar,
                ..LIST
            },
            ApiEndpoint {
                name: concat!($prefix, "pay_runs"),
                path: "/PayRuns",
                envelope: Envelope::List("payRuns"),
                single: Some(("/PayRuns/{id}", Envelope::Object("payRun"))),
                id: "payRunID",
                country: $country,
                scopes: PAY_RUNS,
                parameters: &[PAGE, Parameter::filter("status", Form::OneOf(&["Draft", "Posted"]), |row, status, _| {
                    row.value["payRunStatus"].as_str() == Some(status)
                })],
                size: Size::Rows(4),
                draw: |draw| pay_run(draw, concat!($prefix, "pay_run_calendars")),
                ..LIST
            },
            ApiEndpoint {
                name: concat!($prefix, "payslips"),
                path: concat!("/", $slips),
                envelope: Envelope::List("paySlips"),
                single: Some((concat!("/", $slips, "/{id}"), Envelope::Object("paySlip"))),
                id: "paySlipID",
                country: $country,
                scopes: PAYSLIPS,
                parent: Some(Parent {
                    table: concat!($prefix, "pay_runs"),
                    parameter: Some("PayRunID"),
                }),
                parameters: &[PAGE, Parameter::plain("PayRunID", Form::Id).required()],
                size: Size::PerParent(5),
                draw: |draw| payslip(draw, concat!($prefix, "employees")),
                ..LIST
            },
            ApiEndpoint {
                name: concat!($prefix, "timesheets"),
                path: "/Timesheets",
                envelope: Envelope::List("timesheets"),
                single: Some(("/Timesheets/{id}", Envelope::Object("timesheet"))),
                id: "timesheetID",
                country: $country,
                scopes: TIMESHEETS,
                parameters: TIMESHEET_PARAMETERS,
                detail_only: &["timesheetLines"],
                stamp: UPDATED,
                size: Size::Grows,
                draw: |draw| timesheet(draw, $prefix),
                ..LIST
            },
            ApiEndpoint {
                name: concat!($prefix, "deductions"),
                path: "/Deductions",
                envelope: Envelope::List("deductions"),
                id: "deductionId",
                country: $country,
                draw: deduction,
                ..LIST
            },
            ApiEndpoint {
                name: concat!($prefix, "earnings_rates"),
                path: "/EarningsRates",
                envelope: Envelope::List("earningsRates"),
                id: "earningsRateID",
                country: $country,
                draw: earnings_rate,
                ..LIST
            },
            ApiEndpoint {
                name: concat!($prefix, "leave_types"),
                path: "/LeaveTypes",
                envelope: Envelope::List("leaveTypes"),
                id: "leaveTypeID",
                country: $country,
                parameters: &[PAGE, Parameter::plain("ActiveOnly", Form::Switch)],
                stamp: UPDATED,
                draw: leave_type,
                ..LIST
            },
            ApiEndpoint {
                name: concat!($prefix, "reimbursements"),
                path: "/Reimbursements",
                envelope: Envelope::List("reimbursements"),
                id: "reimbursementID",
                country: $country,
                draw: reimbursement,
                ..LIST
            },
            ApiEndpoint {
                name: concat!($prefix, "settings"),
                path: "/Settings",
                envelope: Envelope::Object("settings"),
                country: $country,
                draw: settings,
                ..endpoint(&API, SETTINGS)
            },
            ApiEndpoint {
                name: concat!($prefix, "tracking_categories"),
                path: concat!("/Settings/", $tracking),
                envelope: Envelope::Object("trackingCategories"),
                country: $country,
                draw: tracking,
                ..endpoint(&API, SETTINGS)
            },
            $(ApiEndpoint { country: $country, ..$own },)+
            ApiEndpoint {
                name: concat!($prefix, "employee_tax"),
                path: "/Employees/{parent}/Tax",
                envelope: Envelope::Object("employeeTax"),
                country: $country,
                parent: Some(Parent { table: concat!($prefix, "employees"), parameter: None }),
                draw: tax,
                ..OF_EMPLOYEE
            },
            ApiEndpoint {
                name: concat!($prefix, "employee_opening_balances"),
                path: concat!("/Employees/{parent}/", $opening),
                envelope: $opening_form,
                country: $country,
                parent: Some(Parent { table: concat!($prefix, "employees"), parameter: None }),
                draw: opening_balance,
                ..OF_EMPLOYEE
            },
            ApiEndpoint {
                name: concat!($prefix, "employee_leave"),
                path: "/Employees/{parent}/Leave",
                envelope: Envelope::List("leave"),
                id: "leaveID",
                country: $country,
                parent: Some(Parent { table: concat!($prefix, "employees"), parameter: None }),
                stamp: UPDATED,
                draw: |draw| leave(draw, concat!($prefix, "leave_types")),
                size: Size::PerParent(2),
                ..OF_EMPLOYEE
            },
            ApiEndpoint {
                name: concat!($prefix, "employee_leave_balances"),
                path: "/Employees/{parent}/LeaveBalances",
                envelope: Envelope::List("leaveBalances"),
                id: "leaveTypeID",
                country: $country,
                parent: Some(Parent { table: concat!($prefix, "employees"), parameter: None }),
                draw: |draw| leave_balance(draw, concat!($prefix, "leave_types")),
                size: Size::PerParent(2),
                ..OF_EMPLOYEE
            },
            ApiEndpoint {
                name: concat!($prefix, "employee_payment_methods"),
                path: "/Employees/{parent}/PaymentMethods",
                envelope: Envelope::Object("paymentMethod"),
                country: $country,
                parent: Some(Parent { table: concat!($prefix, "employees"), parameter: None }),
                draw: payment_method,
                ..OF_EMPLOYEE
            },
            ApiEndpoint {
                name: concat!($prefix, "employee_pay_templates"),
                path: "/Employees/{parent}/PayTemplates",
                envelope: Envelope::Object("payTemplate"),
                country: $country,
                parent: Some(Parent { table: concat!($prefix, "employees"), parameter: None }),
                draw: |draw| pay_template(draw, concat!($prefix, "earnings_rates")),
                ..OF_EMPLOYEE
            },
            ApiEndpoint {
                name: concat!($prefix, "employee_salary_and_wages"),
                path: "/Employees/{parent}/SalaryAndWages",
                envelope: Envelope::List("salaryAndWages"),
                id: "salaryAndWagesID",
                country: $country,
                parent: Some(Parent { table: concat!($prefix, "employees"), parameter: None }),
                paging: HUNDRED,
                parameters: &[PAGE],
                draw: |draw| salary(draw, concat!($prefix, "earnings_rates")),
                ..OF_EMPLOYEE
            },
        ];
    };
}

endpoints! {
    UK "payroll_uk_" Some(Country::UnitedKingdom), "Payslips", "trackingCategories",
    "ukopeningbalances" Envelope::Object("openingBalances"),
    [
        ApiEndpoint {
            name: "payroll_uk_benefits",
            path: "/Benefits",
            envelope: Envelope::List("benefits"),
            id: "id",
            draw: |draw| named(draw, "Company Car"),
            ..LIST
        },
        ApiEndpoint {
            name: "payroll_uk_earnings_orders",
            path: "/EarningsOrders",
            envelope: Envelope::List("statutoryDeductions"),
            id: "id",
            draw: |draw| named(draw, "Court Order \"Priority\""),
            ..LIST
        }
    ]
}

endpoints! {
    NZ "payroll_nz_" Some(Country::NewZealand), "PaySlips", "TrackingCategories",
    "OpeningBalances" Envelope::List("openingBalances"),
    [
        ApiEndpoint {
            name: "payroll_nz_statutory_deductions",
            path: "/StatutoryDeductions",
            envelope: Envelope::List("statutoryDeductions"),
            id: "id",
            draw: |draw| named(draw, "Child Support"),
            ..LIST
        },
        ApiEndpoint {
            name: "payroll_nz_superannuations",
            path: "/Superannuations",
            envelope: Envelope::List("benefits"),
            id: "id",
            draw: |draw| named(draw, "KiwiSaver"),
            ..LIST
        }
    ]
}

fn day(at: i64) -> String {
    Stamp::Midnight.of(at)
}

fn named(draw: &mut Draw<'_>, name: &str) -> Value {
    json!({
        "id": draw.id,
        "name": draw.versioned(&format!("{name} {}", draw.number)),
        "liabilityAccountId": draw.guid(),
        "currentRecord": !draw.number.is_multiple_of(3),
    })
}

fn employee(draw: &mut Draw<'_>) -> Value {
    let mut row = person(draw);
    if draw.country() == Some(Country::UnitedKingdom) {
        let start = day(first_day(draw.created));
        row["contracts"] = json!([{
            "publicKey": draw.guid(),
            "employmentStatus": "Employee",
            "contractType": "PartTime",
            "startDate": start,
            "isFixedTerm": false,
        }]);
        row["niCategories"] = json!([{
            "startDate": start,
            "niCategory": "I",
            "workplacePostcode": "SW1A 1AA",
        }]);
    }
    row
}

fn person(draw: &mut Draw<'_>) -> Value {
    let staff = Staff::numbered(draw, draw.number);
    let end = staff
        .has_left
        .then(|| day(first_day(draw.created) + 90 * DAY));
    json!({
        "employeeID": draw.id,
        "firstName": draw.versioned(staff.first_name),
        "lastName": staff.last_name,
        "dateOfBirth": day(staff.birth),
        "gender": if draw.number.is_multiple_of(4) { Value::Null } else { "F".into() },
        "email": staff.email(),
        "phoneNumber": null,
        "startDate": day(first_day(draw.created)),
        "endDate": end,
        "address": {
            "addressLine1": "101 Green St",
            "addressLine2": null,
            "city": "Ōtautahi",
            "postCode": "6TGR4F",
        },
        "createdDateUTC": Stamp::WithoutZone.of(draw.created),
    })
}

fn calendar(draw: &mut Draw<'_>) -> Value {
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

fn pay_run(draw: &mut Draw<'_>, calendars: &str) -> Value {
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

fn payslip(draw: &mut Draw<'_>, employees: &str) -> Value {
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

fn timesheet(draw: &mut Draw<'_>, prefix: &str) -> Value {
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

fn deduction(draw: &mut Draw<'_>) -> Value {
    json!({
        "deductionId": draw.id,
        "deductionName": draw.versioned(&format!("Deduction {}", draw.number)),
        "liabilityAccountId": draw.guid(),
        "currentRecord": true,
        "standardAmount": 12.5,
    })
}

fn earnings_rate(draw: &mut Draw<'_>) -> Value {
    json!({
        "earningsRateID": draw.id,
        "name": draw.versioned(&format!("Rate {}", draw.number)),
        "rateType": "RatePerUnit",
        "typeOfUnits": "Hours",
        "currentRecord": true,
        "expenseAccountID": draw.guid(),
        "ratePerUnit": 25.0,
    })
}

fn leave_type(draw: &mut Draw<'_>) -> Value {
    json!({
        "leaveTypeID": draw.id,
        "name": draw.versioned(&format!("Leave {}", draw.number)),
        "isPaidLeave": true,
        "showOnPayslip": true,
        "isActive": !draw.number.is_multiple_of(3),
    })
}

fn reimbursement(draw: &mut Draw<'_>) -> Value {
    json!({
        "reimbursementID": draw.id,
        "name": draw.versioned(&format!("Travel costs {}", draw.number)),
        "accountID": draw.guid(),
        "currentRecord": true,
    })
}

fn settings(draw: &mut Draw<'_>) -> Value {
    json!({
        "accounts": [{
            "accountID": draw.guid(),
            "type": "WAGESPAYABLE",
            "code": "814",
            "name": "Wages Payable - Payroll",
        }],
    })
}

fn tracking(draw: &mut Draw<'_>) -> Value {
    json!({
        "employeeGroupsTrackingCategoryID": draw.guid(),
        "timesheetTrackingCategoryID": draw.guid(),
    })
}

fn tax(draw: &mut Draw<'_>) -> Value {
    json!({ "taxCode": draw.one_of(&["M", "ME", "SB"]) })
}

/// The United Kingdom has one row for the tax year, New Zealand one for each period.
fn opening_balance(draw: &mut Draw<'_>) -> Value {
    match draw.country() {
        Some(Country::NewZealand) => json!({
            "periodEndDate": day(first_day(draw.created)),
            "daysPaid": 5,
            "unpaidWeeks": 0,
            "grossEarnings": draw.amount(4_000),
        }),
        _ => json!({ "statutorySickPay": draw.amount(400) }),
    }
}

fn leave(draw: &mut Draw<'_>, leave_types: &str) -> Value {
    let start = first_day(draw.created);
    json!({
        "leaveID": draw.id,
        "leaveTypeID": draw.any(leave_types).map(|it| &it.value["leaveTypeID"]),
        "description": draw.versioned("Creating a Description"),
        "startDate": day(start),
        "endDate": day(start + DAY),
        "periods": [{
            "periodStartDate": day(start),
            "periodEndDate": day(start + 6 * DAY),
            "numberOfUnits": 8.0,
            "periodStatus": "Approved",
        }],
    })
}

fn leave_balance(draw: &mut Draw<'_>, leave_types: &str) -> Value {
    let types = draw.tables.api_rows(leave_types);
    let kind = types.get(draw.place % types.len().max(1));
    json!({
        "leaveTypeID": kind.map(|it| &it.value["leaveTypeID"]),
        "name": kind.map(|it| &it.value["name"]),
        "balance": draw.amount(200),
        "typeOfUnits": "Hours",
    })
}

fn payment_method(draw: &mut Draw<'_>) -> Value {
    if draw.one_in(3) {
        return json!({ "paymentMethod": "Cheque", "bankAccounts": [] });
    }
    json!({
        "paymentMethod": "Electronically",
        "bankAccounts": [{
            "accountName": "Savings of \"S. Ō.\"",
            "accountNumber": "24987654",
            "sortCode": "287654",
        }],
    })
}

fn pay_template(draw: &mut Draw<'_>, rates: &str) -> Value {
    json!({
        "employeeID": draw.parent_id("employeeID"),
        "earningTemplates": [{
            "payTemplateEarningID": draw.guid(),
            "ratePerUnit": 20.0,
            "numberOfUnits": 8.0,
            "earningsRateID": draw.any(rates).map(|it| &it.value["earningsRateID"]),
            "name": "Regular Hours",
        }],
    })
}

fn salary(draw: &mut Draw<'_>, rates: &str) -> Value {
    let is_salary = draw.one_in(2);
    json!({
        "salaryAndWagesID": draw.id,
        "earningsRateID": draw.any(rates).map(|it| &it.value["earningsRateID"]),
        "numberOfUnitsPerWeek": 40.0,
        "ratePerUnit": if is_salary { Value::Null } else { 25.5.into() },
        "numberOfUnitsPerDay": 8.0,
        "effectiveFrom": day(first_day(draw.created)),
        "annualSalary": if is_salary { 100_000.0.into() } else { Value::Null },
        "status": "Active",
        "paymentType": if is_salary { "Salary" } else { "Hourly" },
    })
}
