{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["accountID", "account_id", "string"],
    ["calculationType", "calculation_type", "string"],
    ["currentRecord", "current_record", "boolean"],
    ["name", "name", "string"],
    ["reimbursementCategory", "reimbursement_category", "string"],
    ["reimbursementID", "reimbursement_id", "string"],
    ["standardAmount", "standard_amount", "number"],
    ["standardRatePerUnit", "standard_rate_per_unit", "number"],
    ["standardTypeOfUnits", "standard_type_of_units", "string"],
] %}
{{ xero_staging(
    stream="payroll_nz_reimbursements",
    key=["reimbursement_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
