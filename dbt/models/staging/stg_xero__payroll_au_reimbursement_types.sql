{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AccountCode", "account_code", "string"],
    ["CurrentRecord", "current_record", "boolean"],
    ["Name", "name", "string"],
    ["Position", "position", "integer"],
    ["ReimbursementTypeID", "reimbursement_type_id", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_reimbursement_types",
    key=["tenant_id", "reimbursement_type_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
