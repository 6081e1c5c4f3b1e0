{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["EarningsRateID", "earnings_rate_id", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["EndDate", "end_date", "date"],
    ["NumberOfUnits", "number_of_units", "json"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["StartDate", "start_date", "date"],
    ["TimesheetID", "timesheet_id", "string"],
    ["TrackingItemID", "tracking_item_id", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_timesheet_lines",
    key=["timesheet_id", "position"],
    current={"parent": "payroll_au_timesheets", "key": ["timesheet_id"]},
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
