//! The scopes of the payroll APIs, which are the same in all countries.

pub(super) const EMPLOYEES: &[&str] = &["payroll.employees.read"];
pub(super) const PAY_RUNS: &[&str] = &["payroll.payruns.read"];
pub(super) const PAYSLIPS: &[&str] = &["payroll.payslip.read"];
pub(super) const SETTINGS: &[&str] = &["payroll.settings.read"];
pub(super) const TIMESHEETS: &[&str] = &["payroll.timesheets.read"];
