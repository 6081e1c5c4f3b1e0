{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["accountName", "account_name", "string"],
    ["accountNumber", "account_number", "string"],
    ["calculationType", "calculation_type", "string"],
    ["code", "code", "string"],
    ["dollarAmount", "dollar_amount", "number"],
    ["employeeID", "employee_id", "string"],
    ["particulars", "particulars", "string"],
    ["reference", "reference", "string"],
    ["sortCode", "sort_code", "string"],
] %}
{{ xero_staging(
    stream="payroll_nz_employee_bank_accounts",
    key=["employee_id", "position"],
    current={"parent": "payroll_nz_employee_payment_methods", "key": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
