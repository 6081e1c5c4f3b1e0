{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["applyToPensionCalculations", "apply_to_pension_calculations", "boolean"],
    ["calculationType", "calculation_type", "string"],
    ["currentRecord", "current_record", "boolean"],
    ["deductionCategory", "deduction_category", "string"],
    ["deductionId", "deduction_id", "string"],
    ["deductionName", "deduction_name", "string"],
    ["isCalculatingOnQualifyingEarnings", "is_calculating_on_qualifying_earnings", "boolean"],
    ["isPension", "is_pension", "boolean"],
    ["isReducedByBasicRate", "is_reduced_by_basic_rate", "boolean"],
    ["liabilityAccountId", "liability_account_id", "string"],
    ["percentage", "percentage", "number"],
    ["reducesSuperLiability", "reduces_super_liability", "boolean"],
    ["reducesTaxLiability", "reduces_tax_liability", "boolean"],
    ["standardAmount", "standard_amount", "number"],
    ["subjectToNIC", "subject_to_nic", "boolean"],
    ["subjectToTax", "subject_to_tax", "boolean"],
] %}
{{ xero_staging(
    stream="payroll_uk_deductions",
    key=["deduction_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
