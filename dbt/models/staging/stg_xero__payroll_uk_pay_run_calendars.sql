{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["calendarType", "calendar_type", "string"],
    ["name", "name", "string"],
    ["paymentDate", "payment_date", "date"],
    ["payrollCalendarID", "payroll_calendar_id", "string"],
    ["periodEndDate", "period_end_date", "date"],
    ["periodStartDate", "period_start_date", "date"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_uk_pay_run_calendars",
    key=["payroll_calendar_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
