{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["CurrentRecord", "current_record", "boolean"],
    ["IsPaidLeave", "is_paid_leave", "boolean"],
    ["IsQualifyingEarnings", "is_qualifying_earnings", "boolean"],
    ["LeaveCategoryCode", "leave_category_code", "string"],
    ["LeaveLoadingRate", "leave_loading_rate", "number"],
    ["LeaveTypeID", "leave_type_id", "string"],
    ["Name", "name", "string"],
    ["NormalEntitlement", "normal_entitlement", "number"],
    ["Position", "position", "integer"],
    ["SGCExempt", "sgc_exempt", "boolean"],
    ["ShowOnPayslip", "show_on_payslip", "boolean"],
    ["TypeOfUnits", "type_of_units", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_leave_types",
    key=["tenant_id", "leave_type_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
