//! What the payroll APIs of all countries have in common: their scopes, and the fields that nested rows
//! inherit.

use super::PARENT_STAMP;

pub(super) const EMPLOYEES: &[&str] = &["payroll.employees.read"];
pub(super) const PAY_RUNS: &[&str] = &["payroll.payruns.read"];
pub(super) const PAYSLIPS: &[&str] = &["payroll.payslip.read"];
pub(super) const SETTINGS: &[&str] = &["payroll.settings.read"];
pub(super) const TIMESHEETS: &[&str] = &["payroll.timesheets.read"];

type Inherited<const FIELDS: usize> = [(&'static str, &'static str); FIELDS];

/// The last change of the row of the list for which the call was made.
pub(super) const CALLED: (&str, &str) = (PARENT_STAMP, PARENT_STAMP);
const OF_EMPLOYEE: (&str, &str) = ("employeeID", "employeeID");
const STAMP: (&str, &str) = ("updatedDateUTC", "updatedDateUTC");

/// What the lines of a timesheet of version 2.0 inherit, in all countries.
pub(super) const TIMESHEET_2: Inherited<6> = [
    OF_EMPLOYEE,
    ("startDate", "startDate"),
    ("endDate", "endDate"),
    ("status", "ParentStatus"),
    STAMP,
    CALLED,
];

// What the rows below a payslip, an employee or leave of version 2.0 inherit.
pub(super) const LISTED_EMPLOYEE_2: Inherited<1> = [STAMP];
pub(super) const EMPLOYEE_2: Inherited<1> = [CALLED];
pub(super) const LEAVE_2: Inherited<4> =
    [OF_EMPLOYEE, ("leaveTypeID", "leaveTypeID"), STAMP, CALLED];
pub(super) const PAYSLIP_2: Inherited<4> = [
    ("payRunID", "payRunID"),
    OF_EMPLOYEE,
    ("lastEdited", "lastEdited"),
    CALLED,
];
