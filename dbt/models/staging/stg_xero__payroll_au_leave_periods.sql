{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["LeaveApplicationID", "leave_application_id", "string"],
    ["LeavePeriodStatus", "leave_period_status", "string"],
    ["LeaveTypeID", "leave_type_id", "string"],
    ["NumberOfUnits", "number_of_units", "number"],
    ["PayPeriodEndDate", "pay_period_end_date", "date"],
    ["PayPeriodStartDate", "pay_period_start_date", "date"],
    ["Position", "position", "integer"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_leave_periods",
    key=["leave_application_id", "position"],
    current={"parent": "payroll_au_leave_applications", "key": ["leave_application_id"]},
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
