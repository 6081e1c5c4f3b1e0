{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Description", "description", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["EndDate", "end_date", "date"],
    ["LeaveApplicationID", "leave_application_id", "string"],
    ["LeavePeriods", "leave_periods", "json"],
    ["LeaveTypeID", "leave_type_id", "string"],
    ["PayOutType", "pay_out_type", "string"],
    ["StartDate", "start_date", "date"],
    ["Title", "title", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="payroll_au_leave_applications",
    key=["leave_application_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
