{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["calculationType", "calculation_type", "string"],
    ["category", "category", "string"],
    ["currentRecord", "current_record", "boolean"],
    ["expenseAccountId", "expense_account_id", "string"],
    ["id", "id", "string"],
    ["isCalculatingOnQualifyingEarnings", "is_calculating_on_qualifying_earnings", "boolean"],
    ["liabilityAccountId", "liability_account_id", "string"],
    ["name", "name", "string"],
    ["percentage", "percentage", "number"],
    ["showBalanceToEmployee", "show_balance_to_employee", "boolean"],
    ["standardAmount", "standard_amount", "number"],
    ["subjectToNIC", "subject_to_nic", "boolean"],
    ["subjectToPension", "subject_to_pension", "boolean"],
    ["subjectToTax", "subject_to_tax", "boolean"],
] %}
{{ xero_staging(
    stream="payroll_uk_benefits",
    key=["id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
