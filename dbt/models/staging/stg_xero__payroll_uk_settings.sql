{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["accounts", "accounts", "json"],
] %}
{{ xero_staging(
    stream="payroll_uk_settings",
    key=["tenant_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
