{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["isActive", "is_active", "boolean"],
    ["isPaidLeave", "is_paid_leave", "boolean"],
    ["leaveTypeID", "leave_type_id", "string"],
    ["name", "name", "string"],
    ["showOnPayslip", "show_on_payslip", "boolean"],
    ["typeOfUnits", "type_of_units", "string"],
    ["typeOfUnitsToAccrue", "type_of_units_to_accrue", "string"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_nz_leave_types",
    key=["leave_type_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
