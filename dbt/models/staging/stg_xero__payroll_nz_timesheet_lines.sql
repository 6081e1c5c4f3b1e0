{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentStatus", "parent_status", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["date", "date", "date"],
    ["earningsRateID", "earnings_rate_id", "string"],
    ["employeeID", "employee_id", "string"],
    ["endDate", "end_date", "date"],
    ["numberOfUnits", "number_of_units", "number"],
    ["startDate", "start_date", "date"],
    ["timesheetID", "timesheet_id", "string"],
    ["timesheetLineID", "timesheet_line_id", "string"],
    ["trackingItemID", "tracking_item_id", "string"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_nz_timesheet_lines",
    key=["timesheet_id", "timesheet_line_id"],
    current={"parent": "payroll_nz_timesheet_details", "key": ["timesheet_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
