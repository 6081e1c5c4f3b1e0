{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AccountID", "account_id", "string"],
    ["Code", "code", "string"],
    ["Name", "name", "string"],
    ["Position", "position", "integer"],
    ["Type", "type", "string"],
] %}
{{ xero_staging(
    stream="payroll_au_settings_accounts",
    key=["tenant_id", "account_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
