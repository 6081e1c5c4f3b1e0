{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["accountID", "account_id", "string"],
    ["currentRecord", "current_record", "boolean"],
    ["name", "name", "string"],
    ["reimbursementID", "reimbursement_id", "string"],
] %}
{{ xero_staging(
    stream="payroll_uk_reimbursements",
    key=["reimbursement_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
