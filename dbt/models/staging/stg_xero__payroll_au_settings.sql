{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Accounts", "accounts", "json"],
    ["DaysInPayrollYear", "days_in_payroll_year", "integer"],
    ["EmployeesAreSTP2", "employees_are_stp2", "boolean"],
    ["TrackingCategories", "tracking_categories", "json"],
] %}
{{ xero_staging(
    stream="payroll_au_settings",
    key=["tenant_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
