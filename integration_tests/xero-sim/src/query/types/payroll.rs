//! The rows of the lists of Payroll in Australia. Source: `xero-payroll-au.yaml` of Xero's OpenAPI.

use super::{NONE, Type};

pub(crate) static EMPLOYEE: Type = Type {
    name: "Employee",
    guids: "EmployeeID PayrollCalendarID OrdinaryEarningsRateID",
    dates: "DateOfBirth StartDate TerminationDate UpdatedDateUTC",
    flags: "IsAuthorisedToApproveLeave IsAuthorisedToApproveTimesheets IsSTP2Qualified",
    texts: "FirstName LastName MiddleNames Title Email Gender Phone Mobile TwitterUserName JobTitle \
        Classification EmployeeGroupName TerminationReason IncomeType EmploymentType \
        CountryOfResidence Status",
    ..NONE
};

pub(crate) static LEAVE_APPLICATION: Type = Type {
    name: "LeaveApplication",
    guids: "LeaveApplicationID EmployeeID LeaveTypeID",
    dates: "StartDate EndDate UpdatedDateUTC",
    texts: "Title Description PayOutType",
    ..NONE
};

pub(crate) static PAYROLL_CALENDAR: Type = Type {
    name: "PayrollCalendar",
    guids: "PayrollCalendarID",
    dates: "StartDate PaymentDate ReferenceDate UpdatedDateUTC",
    texts: "Name CalendarType",
    ..NONE
};

pub(crate) static SUPER_FUND: Type = Type {
    name: "SuperFund",
    guids: "SuperFundID",
    dates: "UpdatedDateUTC",
    texts: "Type Name ABN BSB AccountNumber AccountName ElectronicServiceAddress EmployerNumber SPIN \
        USI",
    ..NONE
};

pub(crate) static PAY_RUN: Type = Type {
    name: "PayRun",
    guids: "PayRunID PayrollCalendarID",
    dates: "PayRunPeriodStartDate PayRunPeriodEndDate PaymentDate UpdatedDateUTC",
    numbers: "Wages Deductions Tax Super Reimbursement NetPay",
    texts: "PayRunStatus PayslipMessage",
    ..NONE
};

pub(crate) static TIMESHEET: Type = Type {
    name: "Timesheet",
    guids: "TimesheetID EmployeeID",
    dates: "StartDate EndDate UpdatedDateUTC",
    numbers: "Hours",
    texts: "Status",
    ..NONE
};
