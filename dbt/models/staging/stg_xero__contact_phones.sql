{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ContactID", "contact_id", "string"],
    ["ParentStatus", "parent_status", "string"],
    ["PhoneAreaCode", "phone_area_code", "string"],
    ["PhoneCountryCode", "phone_country_code", "string"],
    ["PhoneNumber", "phone_number", "string"],
    ["PhoneType", "phone_type", "string"],
    ["Position", "position", "integer"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="contact_phones",
    key=["contact_id", "position"],
    current={"parent": "contacts", "key": ["contact_id"]},
    stamp="updated_date_utc",
    flags=[["is_archived", "parent_status", "ARCHIVED"]],
    fields=fields,
) }}
