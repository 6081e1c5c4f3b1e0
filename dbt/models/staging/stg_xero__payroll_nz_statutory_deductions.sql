{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["currentRecord", "current_record", "boolean"],
    ["id", "id", "string"],
    ["liabilityAccountId", "liability_account_id", "string"],
    ["name", "name", "string"],
    ["statutoryDeductionCategory", "statutory_deduction_category", "string"],
] %}
{{ xero_staging(
    stream="payroll_nz_statutory_deductions",
    key=["id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
