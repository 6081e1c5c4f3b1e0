{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["CreatedDateUtc", "created_date_utc", "timestamp"],
    ["FileId", "file_id", "string"],
    ["FilePath", "file_path", "string"],
    ["FileSHA256", "file_sha256", "string"],
    ["FileSize", "file_size", "integer"],
    ["FileStatus", "file_status", "string"],
    ["FolderId", "folder_id", "string"],
    ["Id", "id", "string"],
    ["MimeType", "mime_type", "string"],
    ["Name", "name", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Size", "size", "integer"],
    ["UpdatedDateUtc", "updated_date_utc", "timestamp"],
    ["User", "user_name", "json"],
] %}
{{ xero_staging(
    stream="file_contents",
    key=["file_id"],
    current=none,
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
