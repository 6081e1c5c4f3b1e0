{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Code", "code", "string"],
    ["Description", "description", "string"],
] %}
{{ xero_staging(
    stream="currencies",
    key=["tenant_id", "code"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
