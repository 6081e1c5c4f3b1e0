{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["CalendarType", "calendar_type", "string"],
    ["Name", "name", "string"],
    ["PaymentDate", "payment_date", "date"],
    ["PayrollCalendarID", "payroll_calendar_id", "string"],
    ["ReferenceDate", "reference_date", "date"],
    ["StartDate", "start_date", "date"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="payroll_au_payroll_calendars",
    key=["payroll_calendar_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
