{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["employeeID", "employee_id", "string"],
    ["leaveID", "leave_id", "string"],
    ["leaveTypeID", "leave_type_id", "string"],
    ["numberOfUnits", "number_of_units", "number"],
    ["periodEndDate", "period_end_date", "date"],
    ["periodStartDate", "period_start_date", "date"],
    ["periodStatus", "period_status", "string"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_uk_employee_leave_periods",
    key=["leave_id", "position"],
    current={"parent": "payroll_uk_employee_leave", "key": ["employee_id", "leave_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
