{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["description", "description", "string"],
    ["employeeID", "employee_id", "string"],
    ["endDate", "end_date", "date"],
    ["leaveID", "leave_id", "string"],
    ["leaveTypeID", "leave_type_id", "string"],
    ["periods", "periods", "json"],
    ["startDate", "start_date", "date"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_uk_employee_leave",
    key=["employee_id", "leave_id"],
    current={"newest_of": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
