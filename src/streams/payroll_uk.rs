//! The streams of Payroll in the United Kingdom. Source: `xero-payroll-uk.yaml` of Xero's OpenAPI.

use super::payroll::{
    EMPLOYEE_2, EMPLOYEES, LEAVE_2, LISTED_EMPLOYEE_2, PAY_RUNS, PAYSLIP_2, PAYSLIPS, SETTINGS,
    TIMESHEET_2, TIMESHEETS,
};
use super::{
    Address, ChildSpec, DocumentChild, DocumentFilter, Endpoint, ExistsIn, NamesDocument,
    PARENT_STAMP, POSITION, Paging, QuerySupport, Source, Stream, TENANT,
};
use crate::xero::api::PAYROLL_UK;

const ADMINISTRATOR: Option<&str> =
    Some("a user who is a payroll administrator of an organisation in the United Kingdom");

const NONE: QuerySupport = QuerySupport::NONE;

#[rustfmt::skip]
lists! {
    payroll_uk_benefits            PAYROLL_UK "/Benefits"                    Some("benefits"),            ["id"],                None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_uk_deductions          PAYROLL_UK "/Deductions"                  Some("deductions"),          ["deductionId"],       None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_uk_earnings_orders     PAYROLL_UK "/EarningsOrders"              Some("statutoryDeductions"), ["id"],                None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_uk_earnings_rates      PAYROLL_UK "/EarningsRates"               Some("earningsRates"),       ["earningsRateID"],    None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_uk_employees           PAYROLL_UK "/Employees"                   Some("employees"),           ["employeeID"],        None, UnfilteredPages, NONE, [], None, EMPLOYEES,  ADMINISTRATOR, "`endDate` is set";
    payroll_uk_leave_types         PAYROLL_UK "/LeaveTypes"                  Some("leaveTypes"),          ["leaveTypeID"],       None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_uk_pay_run_calendars   PAYROLL_UK "/PayRunCalendars"             Some("payRunCalendars"),     ["payrollCalendarID"], None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_uk_pay_runs            PAYROLL_UK "/PayRuns"                     Some("payRuns"),             ["payRunID"],          None, UnfilteredPages, NONE, [], None, PAY_RUNS,   ADMINISTRATOR, "absent from the next read";
    payroll_uk_reimbursements      PAYROLL_UK "/Reimbursements"              Some("reimbursements"),      ["reimbursementID"],   None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_uk_settings            PAYROLL_UK "/Settings"                    Some("settings"),            [TENANT],              None, Whole,           NONE, [], None, SETTINGS,   ADMINISTRATOR, "no deletion";
    payroll_uk_timesheets          PAYROLL_UK "/Timesheets"                  Some("timesheets"),          ["timesheetID"],       None, UnfilteredPages, NONE, [], None, TIMESHEETS, ADMINISTRATOR, "absent from the next read";
    payroll_uk_tracking_categories PAYROLL_UK "/Settings/trackingCategories" Some("trackingCategories"),  [TENANT],              None, Whole,           NONE, [], None, SETTINGS,   ADMINISTRATOR, "no deletion";
}

// The list of timesheets leaves out their lines.
#[rustfmt::skip]
documents! {
    payroll_uk_employee_leave            of payroll_uk_employees PAYROLL_UK "/Leave"             Some("leave"),           Address::Below,                 "employeeID" ["leaveID"],          Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_uk_employee_leave_balances   of payroll_uk_employees PAYROLL_UK "/LeaveBalances"     Some("leaveBalances"),   Address::Below,                 "employeeID" ["leaveTypeID"],      Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_uk_employee_opening_balances of payroll_uk_employees PAYROLL_UK "/ukopeningbalances" Some("openingBalances"), Address::Below,                 "employeeID" [],                   Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_uk_employee_pay_templates    of payroll_uk_employees PAYROLL_UK "/PayTemplates"      Some("payTemplate"),     Address::Below,                 "employeeID" [],                   Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_uk_employee_payment_methods  of payroll_uk_employees PAYROLL_UK "/PaymentMethods"    Some("paymentMethod"),   Address::Below,                 "employeeID" [],                   Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_uk_employee_salary_and_wages of payroll_uk_employees PAYROLL_UK "/SalaryAndWages"    Some("salaryAndWages"),  Address::Below,                 "employeeID" ["salaryAndWagesID"], UnfilteredPages, None, EMPLOYEES, ADMINISTRATOR;
    payroll_uk_employee_tax              of payroll_uk_employees PAYROLL_UK "/Tax"               Some("employeeTax"),     Address::Below,                 "employeeID" [],                   Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_uk_payslips                  of payroll_uk_pay_runs  PAYROLL_UK "/Payslips"          Some("paySlips"),        Address::Parameter("PayRunID"), "payRunID" ["paySlipID"],          UnfilteredPages, None, PAYSLIPS,  ADMINISTRATOR;
    payroll_uk_timesheet_details of payroll_uk_timesheets PAYROLL_UK "" Some("timesheet"), Address::Below, "timesheetID" [], Whole, None, TIMESHEETS, ADMINISTRATOR;
}

// The id of an earnings line is that of its rate, so several lines may have it. Source: the published
// examples of payslips. Lines without an id are told apart by their position, too.
#[rustfmt::skip]
children! {
    payroll_uk_employee_bank_accounts           of payroll_uk_employee_payment_methods ["bankAccounts"]           ["employeeID", POSITION],               EMPLOYEE_2;
    payroll_uk_employee_contracts               of payroll_uk_employees                ["contracts"]              ["employeeID", "publicKey"],            LISTED_EMPLOYEE_2;
    payroll_uk_employee_leave_periods           of payroll_uk_employee_leave           ["periods"]                ["leaveID", POSITION],                  LEAVE_2;
    payroll_uk_employee_ni_categories           of payroll_uk_employees                ["niCategories"]           ["employeeID", POSITION],               LISTED_EMPLOYEE_2;
    payroll_uk_employee_pay_template_earnings   of payroll_uk_employee_pay_templates   ["earningTemplates"]       ["employeeID", "payTemplateEarningID"], EMPLOYEE_2;
    payroll_uk_payslip_benefit_lines            of payroll_uk_payslips                 ["benefitLines"]           ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_uk_payslip_court_order_lines        of payroll_uk_payslips                 ["courtOrderLines"]        ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_uk_payslip_deduction_lines          of payroll_uk_payslips                 ["deductionLines"]         ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_uk_payslip_earnings_lines           of payroll_uk_payslips                 ["earningsLines"]          ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_uk_payslip_employee_tax_lines       of payroll_uk_payslips                 ["employeeTaxLines"]       ["paySlipID", "taxLineID"],             PAYSLIP_2;
    payroll_uk_payslip_employer_tax_lines       of payroll_uk_payslips                 ["employerTaxLines"]       ["paySlipID", "taxLineID"],             PAYSLIP_2;
    payroll_uk_payslip_leave_accrual_lines      of payroll_uk_payslips                 ["leaveAccrualLines"]      ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_uk_payslip_leave_earnings_lines     of payroll_uk_payslips                 ["leaveEarningsLines"]     ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_uk_payslip_payment_lines            of payroll_uk_payslips                 ["paymentLines"]           ["paySlipID", "paymentLineID"],         PAYSLIP_2;
    payroll_uk_payslip_reimbursement_lines      of payroll_uk_payslips                 ["reimbursementLines"]     ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_uk_payslip_timesheet_earnings_lines of payroll_uk_payslips                 ["timesheetEarningsLines"] ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_uk_settings_accounts                of payroll_uk_settings                 ["accounts"]               [TENANT, "accountID"],                  [];
    payroll_uk_timesheet_lines                  of payroll_uk_timesheet_details        ["timesheetLines"]         ["timesheetID", "timesheetLineID"],     TIMESHEET_2;
}
