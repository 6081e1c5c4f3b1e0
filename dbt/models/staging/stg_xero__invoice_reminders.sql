{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Enabled", "enabled", "boolean"],
] %}
{{ xero_staging(
    stream="invoice_reminders",
    key=["tenant_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
