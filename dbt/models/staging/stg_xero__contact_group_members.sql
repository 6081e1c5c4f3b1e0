{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ContactGroupID", "contact_group_id", "string"],
    ["ContactID", "contact_id", "string"],
    ["Contacts", "contacts", "json"],
    ["HasValidationErrors", "has_validation_errors", "boolean"],
    ["Name", "name", "string"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["Status", "status", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="contact_group_members",
    key=["contact_id", "contact_group_id"],
    current={"parent": "contacts", "key": ["contact_id"]},
    stamp="updated_date_utc",
    flags=[["is_archived", "parent_status", "ARCHIVED"]],
    fields=fields,
) }}
