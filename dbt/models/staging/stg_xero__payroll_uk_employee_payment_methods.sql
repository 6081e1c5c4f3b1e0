{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["bankAccounts", "bank_accounts", "json"],
    ["employeeID", "employee_id", "string"],
    ["paymentMethod", "payment_method", "string"],
] %}
{{ xero_staging(
    stream="payroll_uk_employee_payment_methods",
    key=["employee_id"],
    current=none,
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
