{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Amount", "amount", "number"],
    ["EmployeeID", "employee_id", "string"],
    ["LeaveTypeID", "leave_type_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["ResetSTPCategorisation", "reset_stp_categorisation", "boolean"],
    ["SGCAppliedLeaveLoadingAmount", "sgc_applied_leave_loading_amount", "number"],
    ["SGCExemptedLeaveLoadingAmount", "sgc_exempted_leave_loading_amount", "number"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_opening_paid_leave_lines",
    key=["employee_id", "position"],
    current={"parent": "payroll_au_employee_details", "key": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
