{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["email", "email", "string"],
    ["name", "name", "string"],
    ["userId", "user_id", "string"],
] %}
{{ xero_staging(
    stream="project_users",
    key=["tenant_id", "user_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
