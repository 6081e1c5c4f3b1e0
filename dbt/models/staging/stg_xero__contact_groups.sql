{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ContactGroupID", "contact_group_id", "string"],
    ["Contacts", "contacts", "json"],
    ["HasValidationErrors", "has_validation_errors", "boolean"],
    ["Name", "name", "string"],
    ["Status", "status", "string"],
] %}
{{ xero_staging(
    stream="contact_groups",
    key=["contact_group_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
