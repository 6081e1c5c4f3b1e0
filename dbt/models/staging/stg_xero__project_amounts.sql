{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Field", "field", "string"],
    ["currency", "currency", "string"],
    ["projectId", "project_id", "string"],
    ["value", "value", "number"],
] %}
{{ xero_staging(
    stream="project_amounts",
    key=["project_id", "field"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
