//! Payroll in the United Kingdom and in New Zealand: `payroll.xro/2.0`. The two differ in a few tables
//! and in the spelling of some addresses.

mod employees;
mod pay_runs;
mod settings;

use super::endpoint::{
    Api, ApiEndpoint, Counts, Envelope, Frame, Paging, Parameter, Parent, Problems, Size, endpoint,
};
use super::forms::{Form, Stamp};
use super::payroll::TIMESHEET_PARAMETERS;
use crate::rows::Country;
use employees::{
    employee, leave, leave_balance, opening_balance, pay_template, payment_method, salary, tax,
};
use pay_runs::{calendar, pay_run, payslip, timesheet};
use settings::{
    benefit, deduction, earnings_rate, leave_type, named, reimbursement, settings, superannuation,
    tracking,
};

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
            draw: benefit,
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
            draw: superannuation,
            ..LIST
        }
    ]
}
