{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Position", "position", "integer"],
    ["accountID", "account_id", "string"],
    ["code", "code", "string"],
    ["name", "name", "string"],
    ["type", "type", "string"],
] %}
{{ xero_staging(
    stream="payroll_nz_settings_accounts",
    key=["tenant_id", "account_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
