{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Position", "position", "integer"],
    ["contractType", "contract_type", "string"],
    ["developmentalRoleDetails", "developmental_role_details", "json"],
    ["employeeID", "employee_id", "string"],
    ["employmentStatus", "employment_status", "string"],
    ["fixedTermEndDate", "fixed_term_end_date", "date"],
    ["isFixedTerm", "is_fixed_term", "boolean"],
    ["publicKey", "public_key", "string"],
    ["startDate", "start_date", "date"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_uk_employee_contracts",
    key=["employee_id", "public_key"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
