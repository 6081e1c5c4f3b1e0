{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Changes", "changes", "string"],
    ["DateUTC", "date_utc", "timestamp"],
    ["DateUTCString", "date_utc_string", "local_timestamp"],
    ["Details", "details", "string"],
    ["ParentID", "parent_id", "string"],
    ["ParentType", "parent_type", "string"],
    ["Position", "position", "integer"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["User", "user_name", "string"],
] %}
{{ xero_staging(
    stream="history",
    key=["parent_id", "date_utc", "position"],
    current={"newest_of": ["parent_id"]},
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
