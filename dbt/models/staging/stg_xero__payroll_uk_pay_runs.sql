{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["calendarType", "calendar_type", "string"],
    ["payRunID", "pay_run_id", "string"],
    ["payRunStatus", "pay_run_status", "string"],
    ["payRunType", "pay_run_type", "string"],
    ["paySlips", "pay_slips", "json"],
    ["paymentDate", "payment_date", "date"],
    ["payrollCalendarID", "payroll_calendar_id", "string"],
    ["payslipMessage", "payslip_message", "string"],
    ["periodEndDate", "period_end_date", "date"],
    ["periodStartDate", "period_start_date", "date"],
    ["postedDateTime", "posted_date_time", "timestamp"],
    ["totalCost", "total_cost", "number"],
    ["totalPay", "total_pay", "number"],
] %}
{{ xero_staging(
    stream="payroll_uk_pay_runs",
    key=["pay_run_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
