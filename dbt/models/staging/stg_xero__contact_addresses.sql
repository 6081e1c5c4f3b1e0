{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AddressLine1", "address_line1", "string"],
    ["AddressLine2", "address_line2", "string"],
    ["AddressLine3", "address_line3", "string"],
    ["AddressLine4", "address_line4", "string"],
    ["AddressType", "address_type", "string"],
    ["AttentionTo", "attention_to", "string"],
    ["City", "city", "string"],
    ["ContactID", "contact_id", "string"],
    ["Country", "country", "string"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["PostalCode", "postal_code", "string"],
    ["Region", "region", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="contact_addresses",
    key=["contact_id", "position"],
    current={"parent": "contacts", "key": ["contact_id"]},
    stamp="updated_date_utc",
    flags=[["is_archived", "parent_status", "ARCHIVED"]],
    fields=fields,
) }}
