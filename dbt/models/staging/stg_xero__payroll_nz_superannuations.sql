{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["calculationTypeNZ", "calculation_type_nz", "string"],
    ["category", "category", "string"],
    ["companyMax", "company_max", "number"],
    ["currentRecord", "current_record", "boolean"],
    ["expenseAccountId", "expense_account_id", "string"],
    ["id", "id", "string"],
    ["liabilityAccountId", "liability_account_id", "string"],
    ["name", "name", "string"],
    ["percentage", "percentage", "number"],
    ["standardAmount", "standard_amount", "number"],
] %}
{{ xero_staging(
    stream="payroll_nz_superannuations",
    key=["id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
