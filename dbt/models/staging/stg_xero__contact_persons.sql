{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ContactID", "contact_id", "string"],
    ["EmailAddress", "email_address", "string"],
    ["FirstName", "first_name", "string"],
    ["IncludeInEmails", "include_in_emails", "boolean"],
    ["LastName", "last_name", "string"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="contact_persons",
    key=["contact_id", "position"],
    current={"parent": "contacts", "key": ["contact_id"]},
    stamp="updated_date_utc",
    flags=[["is_archived", "parent_status", "ARCHIVED"]],
    fields=fields,
) }}
