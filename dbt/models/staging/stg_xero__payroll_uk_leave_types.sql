{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["isActive", "is_active", "boolean"],
    ["isPaidLeave", "is_paid_leave", "boolean"],
    ["isStatutoryLeave", "is_statutory_leave", "boolean"],
    ["leaveID", "leave_id", "string"],
    ["leaveTypeID", "leave_type_id", "string"],
    ["name", "name", "string"],
    ["showOnPayslip", "show_on_payslip", "boolean"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_uk_leave_types",
    key=["leave_type_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
