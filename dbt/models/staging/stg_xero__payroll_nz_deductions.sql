{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["currentRecord", "current_record", "boolean"],
    ["deductionCategory", "deduction_category", "string"],
    ["deductionId", "deduction_id", "string"],
    ["deductionName", "deduction_name", "string"],
    ["liabilityAccountId", "liability_account_id", "string"],
    ["standardAmount", "standard_amount", "number"],
] %}
{{ xero_staging(
    stream="payroll_nz_deductions",
    key=["deduction_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
