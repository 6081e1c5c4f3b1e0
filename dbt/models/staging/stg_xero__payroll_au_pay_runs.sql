{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Deductions", "deductions", "number"],
    ["NetPay", "net_pay", "number"],
    ["PayRunID", "pay_run_id", "string"],
    ["PayRunPeriodEndDate", "pay_run_period_end_date", "date"],
    ["PayRunPeriodStartDate", "pay_run_period_start_date", "date"],
    ["PayRunStatus", "pay_run_status", "string"],
    ["PaymentDate", "payment_date", "date"],
    ["PayrollCalendarID", "payroll_calendar_id", "string"],
    ["PayslipMessage", "payslip_message", "string"],
    ["Payslips", "payslips", "json"],
    ["Reimbursement", "reimbursement", "number"],
    ["Super", "super", "number"],
    ["Tax", "tax", "number"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
    ["Wages", "wages", "number"],
] %}
{{ xero_staging(
    stream="payroll_au_pay_runs",
    key=["pay_run_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
