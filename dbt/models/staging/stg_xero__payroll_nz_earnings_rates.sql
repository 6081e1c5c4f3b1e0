{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["currentRecord", "current_record", "boolean"],
    ["earningsRateID", "earnings_rate_id", "string"],
    ["earningsType", "earnings_type", "string"],
    ["expenseAccountID", "expense_account_id", "string"],
    ["fixedAmount", "fixed_amount", "number"],
    ["multipleOfOrdinaryEarningsRate", "multiple_of_ordinary_earnings_rate", "number"],
    ["name", "name", "string"],
    ["ratePerUnit", "rate_per_unit", "number"],
    ["rateType", "rate_type", "string"],
    ["typeOfUnits", "type_of_units", "string"],
] %}
{{ xero_staging(
    stream="payroll_nz_earnings_rates",
    key=["earnings_rate_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
