{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AccountName", "account_name", "string"],
    ["AccountNumber", "account_number", "string"],
    ["Amount", "amount", "number"],
    ["BSB", "bsb", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["Remainder", "remainder", "boolean"],
    ["StatementText", "statement_text", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_employee_bank_accounts",
    key=["employee_id", "position"],
    current={"parent": "payroll_au_employee_details", "key": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
