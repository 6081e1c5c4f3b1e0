{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Name", "name", "string"],
    ["Status", "status", "string"],
] %}
{{ xero_staging(
    stream="organisation_actions",
    key=["tenant_id", "name"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
