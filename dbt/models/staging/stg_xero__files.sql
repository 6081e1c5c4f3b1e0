{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["CreatedDateUtc", "created_date_utc", "timestamp"],
    ["FolderId", "folder_id", "string"],
    ["Id", "id", "string"],
    ["MimeType", "mime_type", "string"],
    ["Name", "name", "string"],
    ["Size", "size", "integer"],
    ["UpdatedDateUtc", "updated_date_utc", "timestamp"],
    ["User", "user_name", "json"],
] %}
{{ xero_staging(
    stream="files",
    key=["id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
