{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["employeeID", "employee_id", "string"],
    ["endDate", "end_date", "date"],
    ["payrollCalendarID", "payroll_calendar_id", "string"],
    ["startDate", "start_date", "date"],
    ["status", "status", "string"],
    ["timesheetID", "timesheet_id", "string"],
    ["timesheetLines", "timesheet_lines", "json"],
    ["totalHours", "total_hours", "number"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_nz_timesheet_details",
    key=["timesheet_id"],
    current=none,
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
