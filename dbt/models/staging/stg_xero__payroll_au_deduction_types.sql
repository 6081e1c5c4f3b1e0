{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AccountCode", "account_code", "string"],
    ["CurrentRecord", "current_record", "boolean"],
    ["DeductionCategory", "deduction_category", "string"],
    ["DeductionTypeID", "deduction_type_id", "string"],
    ["IsExemptFromW1", "is_exempt_from_w1", "boolean"],
    ["Name", "name", "string"],
    ["Position", "position", "integer"],
    ["ReducesSuper", "reduces_super", "boolean"],
    ["ReducesTax", "reduces_tax", "boolean"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_deduction_types",
    key=["tenant_id", "deduction_type_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
