{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["balance", "balance", "number"],
    ["employeeID", "employee_id", "string"],
    ["leaveTypeID", "leave_type_id", "string"],
    ["name", "name", "string"],
    ["typeOfUnits", "type_of_units", "string"],
] %}
{{ xero_staging(
    stream="payroll_nz_employee_leave_balances",
    key=["employee_id", "leave_type_id"],
    current={"newest_of": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
