{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["authEventId", "auth_event_id", "string"],
    ["createdDateUtc", "created_date_utc", "local_timestamp"],
    ["id", "id", "string"],
    ["tenantName", "tenant_name", "string"],
    ["tenantType", "tenant_type", "string"],
    ["updatedDateUtc", "updated_date_utc", "local_timestamp"],
] %}
{{ xero_staging(
    stream="connections",
    key=["id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
