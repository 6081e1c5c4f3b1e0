//! The streams of Payroll in Australia. Source: `xero-payroll-au.yaml` of Xero's OpenAPI.

use super::payroll::{CALLED, EMPLOYEES, PAY_RUNS, PAYSLIPS, SETTINGS, TIMESHEET_2, TIMESHEETS};
use super::{
    Address, ChildSpec, DocumentChild, DocumentFilter, Endpoint, ExistsIn, ListedItems,
    NamesDocument, Order, PARENT_STAMP, POSITION, Paging, QuerySupport, Source, Stream, TENANT,
};
use crate::xero::api::{PAYROLL_AU, PAYROLL_AU_2};

const ADMINISTRATOR: Option<&str> =
    Some("a user who is a payroll administrator of an organisation in Australia");
const PAY_RUNS_TOO: Option<&str> = Some(
    "the scope payroll.payruns.read, and a user who is a payroll administrator of an organisation in Australia",
);

const MODIFIED: Option<&str> = Some("UpdatedDateUTC");
const NONE: QuerySupport = QuerySupport::NONE;
/// Supports `order` and `where`.
const BOTH: QuerySupport = QuerySupport {
    order: Order::Undocumented,
    filter: true,
};

type Inherited<const FIELDS: usize> = [(&'static str, &'static str); FIELDS];

const STAMP: (&str, &str) = ("UpdatedDateUTC", "UpdatedDateUTC");
const OF_EMPLOYEE: (&str, &str) = ("EmployeeID", "EmployeeID");

const EMPLOYEE: Inherited<2> = [STAMP, CALLED];
const LEAVE: Inherited<3> = [OF_EMPLOYEE, ("LeaveTypeID", "LeaveTypeID"), STAMP];
const PAYSLIP: Inherited<4> = [("PayRunID", "PayRunID"), OF_EMPLOYEE, STAMP, CALLED];
const TIMESHEET: Inherited<5> = [
    OF_EMPLOYEE,
    ("StartDate", "StartDate"),
    ("EndDate", "EndDate"),
    ("Status", "ParentStatus"),
    STAMP,
];

/// A pay run lists its payslips without their lines.
const PAYSLIPS_OF_RUN: ListedItems = ListedItems {
    envelope: "PayRuns",
    array: "Payslips",
    id: "PayslipID",
    path: "/Payslip",
};

// /LeaveApplications/v2 also has requested and rejected leave. It fails with a 500 if a request has
// If-Modified-Since (github.com/XeroAPI/xero-node/issues/644). /PayItems is one object and ignores `page`
// (github.com/XeroAPI/Xero-OpenAPI/issues/708).
#[rustfmt::skip]
lists! {
    payroll_au_employees          PAYROLL_AU   "/Employees"            Some("Employees"),         ["EmployeeID"],         MODIFIED, FixedPages,      BOTH, [], None, EMPLOYEES,  ADMINISTRATOR, "`Status` TERMINATED";
    payroll_au_leave_applications PAYROLL_AU   "/LeaveApplications/v2" Some("LeaveApplications"), ["LeaveApplicationID"], MODIFIED, UnfilteredPages, NONE, [], None, EMPLOYEES,  ADMINISTRATOR, "absent from the next full refresh";
    payroll_au_pay_items          PAYROLL_AU   "/PayItems"             Some("PayItems"),          [TENANT],               None,     Whole,           NONE, [], None, SETTINGS,   ADMINISTRATOR, "no deletion";
    payroll_au_pay_runs           PAYROLL_AU   "/PayRuns"              Some("PayRuns"),           ["PayRunID"],           MODIFIED, FixedPages,      BOTH, [], None, PAY_RUNS,   ADMINISTRATOR, "absent from the next full refresh";
    payroll_au_payroll_calendars  PAYROLL_AU   "/PayrollCalendars"     Some("PayrollCalendars"),  ["PayrollCalendarID"],  MODIFIED, FixedPages,      BOTH, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next full refresh";
    payroll_au_settings           PAYROLL_AU   "/Settings"             Some("Settings"),          [TENANT],               None,     Whole,           NONE, [], None, SETTINGS,   ADMINISTRATOR, "no deletion";
    payroll_au_superfunds         PAYROLL_AU   "/Superfunds"           Some("SuperFunds"),        ["SuperFundID"],        MODIFIED, FixedPages,      BOTH, [], None, SETTINGS,   ADMINISTRATOR, "absent from the next full refresh";
    payroll_au_timesheets         PAYROLL_AU   "/Timesheets"           Some("Timesheets"),        ["TimesheetID"],        MODIFIED, FixedPages,      BOTH, [], None, TIMESHEETS, ADMINISTRATOR, "absent from the next full refresh";
    payroll_au_timesheets_v2      PAYROLL_AU_2 "/Timesheets"           Some("timesheets"),        ["timesheetID"],        None,     UnfilteredPages, NONE, [], None, TIMESHEETS, ADMINISTRATOR, "absent from the next read";
}

#[rustfmt::skip]
documents! {
    payroll_au_employee_details of payroll_au_employees PAYROLL_AU "" Some("Employees"), Address::Below, "EmployeeID" [],          Whole, None,                  EMPLOYEES, ADMINISTRATOR;
    payroll_au_payslips         of payroll_au_pay_runs  PAYROLL_AU "" Some("Payslip"),   Address::Below, "PayRunID" ["PayslipID"], Whole, Some(PAYSLIPS_OF_RUN), PAYSLIPS,  PAY_RUNS_TOO;
    payroll_au_timesheet_details_v2 of payroll_au_timesheets_v2 PAYROLL_AU_2 "" Some("timesheet"), Address::Below, "timesheetID" [], Whole, None, TIMESHEETS, ADMINISTRATOR;
}

// Lines without an id are told apart by their position.
#[rustfmt::skip]
children! {
    payroll_au_deduction_types                  of payroll_au_pay_items            ["DeductionTypes"]                         [TENANT, "DeductionTypeID"],         [];
    payroll_au_earnings_rates                   of payroll_au_pay_items            ["EarningsRates"]                          [TENANT, "EarningsRateID"],          [];
    payroll_au_employee_bank_accounts           of payroll_au_employee_details     ["BankAccounts"]                           ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_employee_leave_balances          of payroll_au_employee_details     ["LeaveBalances"]                          ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_employee_super_memberships       of payroll_au_employee_details     ["SuperMemberships"]                       ["EmployeeID", "SuperMembershipID"], EMPLOYEE;
    payroll_au_leave_periods                    of payroll_au_leave_applications   ["LeavePeriods"]                           ["LeaveApplicationID", POSITION],    LEAVE;
    payroll_au_leave_types                      of payroll_au_pay_items            ["LeaveTypes"]                             [TENANT, "LeaveTypeID"],             [];
    payroll_au_opening_deduction_lines          of payroll_au_employee_details     ["OpeningBalances.DeductionLines"]         ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_opening_earnings_lines           of payroll_au_employee_details     ["OpeningBalances.EarningsLines"]          ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_opening_leave_lines              of payroll_au_employee_details     ["OpeningBalances.LeaveLines"]             ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_opening_paid_leave_lines         of payroll_au_employee_details     ["OpeningBalances.PaidLeaveEarningsLines"] ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_opening_reimbursement_lines      of payroll_au_employee_details     ["OpeningBalances.ReimbursementLines"]     ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_opening_super_lines              of payroll_au_employee_details     ["OpeningBalances.SuperLines"]             ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_pay_template_deduction_lines     of payroll_au_employee_details     ["PayTemplate.DeductionLines"]             ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_pay_template_earnings_lines      of payroll_au_employee_details     ["PayTemplate.EarningsLines"]              ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_pay_template_leave_lines         of payroll_au_employee_details     ["PayTemplate.LeaveLines"]                 ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_pay_template_reimbursement_lines of payroll_au_employee_details     ["PayTemplate.ReimbursementLines"]         ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_pay_template_super_lines         of payroll_au_employee_details     ["PayTemplate.SuperLines"]                 ["EmployeeID", POSITION],            EMPLOYEE;
    payroll_au_payslip_deduction_lines          of payroll_au_payslips             ["DeductionLines"]                         ["PayslipID", POSITION],             PAYSLIP;
    payroll_au_payslip_earnings_lines           of payroll_au_payslips             ["EarningsLines"]                          ["PayslipID", POSITION],             PAYSLIP;
    payroll_au_payslip_leave_accrual_lines      of payroll_au_payslips             ["LeaveAccrualLines"]                      ["PayslipID", POSITION],             PAYSLIP;
    payroll_au_payslip_leave_earnings_lines     of payroll_au_payslips             ["LeaveEarningsLines"]                     ["PayslipID", POSITION],             PAYSLIP;
    payroll_au_payslip_reimbursement_lines      of payroll_au_payslips             ["ReimbursementLines"]                     ["PayslipID", POSITION],             PAYSLIP;
    payroll_au_payslip_superannuation_lines     of payroll_au_payslips             ["SuperannuationLines"]                    ["PayslipID", POSITION],             PAYSLIP;
    payroll_au_payslip_tax_lines                of payroll_au_payslips             ["TaxLines"]                               ["PayslipID", "PayslipTaxLineID"],   PAYSLIP;
    payroll_au_payslip_timesheet_earnings_lines of payroll_au_payslips             ["TimesheetEarningsLines"]                 ["PayslipID", POSITION],             PAYSLIP;
    payroll_au_reimbursement_types              of payroll_au_pay_items            ["ReimbursementTypes"]                     [TENANT, "ReimbursementTypeID"],     [];
    payroll_au_settings_accounts                of payroll_au_settings             ["Accounts"]                               [TENANT, "AccountID"],               [];
    payroll_au_timesheet_lines                  of payroll_au_timesheets           ["TimesheetLines"]                         ["TimesheetID", POSITION],           TIMESHEET;
    payroll_au_timesheet_lines_v2               of payroll_au_timesheet_details_v2 ["timesheetLines"]                         ["timesheetID", "timesheetLineID"],  TIMESHEET_2;
}
