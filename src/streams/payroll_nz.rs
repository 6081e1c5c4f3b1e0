//! The streams of Payroll in New Zealand. Source: `xero-payroll-nz.yaml` of Xero's OpenAPI.

use super::payroll::{
    EMPLOYEE_2, EMPLOYEES, LEAVE_2, PAY_RUNS, PAYSLIP_2, PAYSLIPS, SETTINGS, TIMESHEET_2,
    TIMESHEETS,
};
use super::{
    Address, ChildSpec, DocumentChild, DocumentFilter, Endpoint, ExistsIn, NamesDocument,
    PARENT_STAMP, POSITION, Paging, QuerySupport, Source, Stream, TENANT,
};
use crate::xero::api::PAYROLL_NZ;

const ADMINISTRATOR: Option<&str> =
    Some("a user who is a payroll administrator of an organisation in New Zealand");

const NONE: QuerySupport = QuerySupport::NONE;

#[rustfmt::skip]
lists! {
    payroll_nz_deductions           PAYROLL_NZ "/Deductions"                  Some("deductions"),          ["deductionId"],       None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_nz_earnings_rates       PAYROLL_NZ "/EarningsRates"               Some("earningsRates"),       ["earningsRateID"],    None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_nz_employees            PAYROLL_NZ "/Employees"                   Some("employees"),           ["employeeID"],        None, UnfilteredPages, NONE, [], None, EMPLOYEES,  ADMINISTRATOR, "`endDate` is set";
    payroll_nz_leave_types          PAYROLL_NZ "/LeaveTypes"                  Some("leaveTypes"),          ["leaveTypeID"],       None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_nz_pay_run_calendars    PAYROLL_NZ "/PayRunCalendars"             Some("payRunCalendars"),     ["payrollCalendarID"], None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_nz_pay_runs             PAYROLL_NZ "/PayRuns"                     Some("payRuns"),             ["payRunID"],          None, UnfilteredPages, NONE, [], None, PAY_RUNS,   ADMINISTRATOR, "absent from the next read";
    payroll_nz_reimbursements       PAYROLL_NZ "/Reimbursements"              Some("reimbursements"),      ["reimbursementID"],   None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_nz_settings             PAYROLL_NZ "/Settings"                    Some("settings"),            [TENANT],              None, Whole,           NONE, [], None, SETTINGS,   ADMINISTRATOR, "no deletion";
    payroll_nz_statutory_deductions PAYROLL_NZ "/StatutoryDeductions"         Some("statutoryDeductions"), ["id"],                None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_nz_superannuations      PAYROLL_NZ "/Superannuations"             Some("benefits"),            ["id"],                None, UnfilteredPages, NONE, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next read";
    payroll_nz_timesheets           PAYROLL_NZ "/Timesheets"                  Some("timesheets"),          ["timesheetID"],       None, UnfilteredPages, NONE, [], None, TIMESHEETS, ADMINISTRATOR, "absent from the next read";
    payroll_nz_tracking_categories  PAYROLL_NZ "/Settings/TrackingCategories" Some("trackingCategories"),  [TENANT],              None, Whole,           NONE, [], None, SETTINGS,   ADMINISTRATOR, "no deletion";
}

// The list of timesheets leaves out their lines.
#[rustfmt::skip]
documents! {
    payroll_nz_employee_leave            of payroll_nz_employees PAYROLL_NZ "/Leave"           Some("leave"),           Address::Below,                 "employeeID" ["leaveID"],          Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_nz_employee_leave_balances   of payroll_nz_employees PAYROLL_NZ "/LeaveBalances"   Some("leaveBalances"),   Address::Below,                 "employeeID" ["leaveTypeID"],      Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_nz_employee_opening_balances of payroll_nz_employees PAYROLL_NZ "/OpeningBalances" Some("openingBalances"), Address::Below,                 "employeeID" ["periodEndDate"],    Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_nz_employee_pay_templates    of payroll_nz_employees PAYROLL_NZ "/PayTemplates"    Some("payTemplate"),     Address::Below,                 "employeeID" [],                   Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_nz_employee_payment_methods  of payroll_nz_employees PAYROLL_NZ "/PaymentMethods"  Some("paymentMethod"),   Address::Below,                 "employeeID" [],                   Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_nz_employee_salary_and_wages of payroll_nz_employees PAYROLL_NZ "/SalaryAndWages"  Some("salaryAndWages"),  Address::Below,                 "employeeID" ["salaryAndWagesID"], UnfilteredPages, None, EMPLOYEES, ADMINISTRATOR;
    payroll_nz_employee_tax              of payroll_nz_employees PAYROLL_NZ "/Tax"             Some("employeeTax"),     Address::Below,                 "employeeID" [],                   Whole,           None, EMPLOYEES, ADMINISTRATOR;
    payroll_nz_payslips                  of payroll_nz_pay_runs  PAYROLL_NZ "/PaySlips"        Some("paySlips"),        Address::Parameter("PayRunID"), "payRunID" ["paySlipID"],          UnfilteredPages, None, PAYSLIPS,  ADMINISTRATOR;
    payroll_nz_timesheet_details of payroll_nz_timesheets PAYROLL_NZ "" Some("timesheet"), Address::Below, "timesheetID" [], Whole, None, TIMESHEETS, ADMINISTRATOR;
}

// The id of an earnings line is that of its rate, so several lines may have it. Source: the published
// examples of payslips. Lines without an id are told apart by their position, too.
#[rustfmt::skip]
children! {
    payroll_nz_employee_bank_accounts            of payroll_nz_employee_payment_methods ["bankAccounts"]            ["employeeID", POSITION],               EMPLOYEE_2;
    payroll_nz_employee_leave_periods            of payroll_nz_employee_leave           ["periods"]                 ["leaveID", POSITION],                  LEAVE_2;
    payroll_nz_employee_pay_template_earnings    of payroll_nz_employee_pay_templates   ["earningTemplates"]        ["employeeID", "payTemplateEarningID"], EMPLOYEE_2;
    payroll_nz_payslip_deduction_lines           of payroll_nz_payslips                 ["deductionLines"]          ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_nz_payslip_earnings_lines            of payroll_nz_payslips                 ["earningsLines"]           ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_nz_payslip_employee_tax_lines        of payroll_nz_payslips                 ["employeeTaxLines"]        ["paySlipID", "taxLineID"],             PAYSLIP_2;
    payroll_nz_payslip_employer_tax_lines        of payroll_nz_payslips                 ["employerTaxLines"]        ["paySlipID", "taxLineID"],             PAYSLIP_2;
    payroll_nz_payslip_leave_accrual_lines       of payroll_nz_payslips                 ["leaveAccrualLines"]       ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_nz_payslip_leave_earnings_lines      of payroll_nz_payslips                 ["leaveEarningsLines"]      ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_nz_payslip_payment_lines             of payroll_nz_payslips                 ["paymentLines"]            ["paySlipID", "paymentLineID"],         PAYSLIP_2;
    payroll_nz_payslip_reimbursement_lines       of payroll_nz_payslips                 ["reimbursementLines"]      ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_nz_payslip_statutory_deduction_lines of payroll_nz_payslips                 ["statutoryDeductionLines"] ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_nz_payslip_superannuation_lines      of payroll_nz_payslips                 ["superannuationLines"]     ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_nz_payslip_timesheet_earnings_lines  of payroll_nz_payslips                 ["timesheetEarningsLines"]  ["paySlipID", POSITION],                PAYSLIP_2;
    payroll_nz_settings_accounts                 of payroll_nz_settings                 ["accounts"]                [TENANT, "accountID"],                  [];
    payroll_nz_timesheet_lines                   of payroll_nz_timesheet_details        ["timesheetLines"]          ["timesheetID", "timesheetLineID"],     TIMESHEET_2;
}
