{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["EndDate", "end_date", "date"],
    ["Hours", "hours", "number"],
    ["StartDate", "start_date", "date"],
    ["Status", "status", "string"],
    ["TimesheetID", "timesheet_id", "string"],
    ["TimesheetLines", "timesheet_lines", "json"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="payroll_au_timesheets",
    key=["timesheet_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
