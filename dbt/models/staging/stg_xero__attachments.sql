{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AttachmentID", "attachment_id", "string"],
    ["ContentLength", "content_length", "integer"],
    ["FileName", "file_name", "string"],
    ["FilePath", "file_path", "string"],
    ["FileSHA256", "file_sha256", "string"],
    ["FileSize", "file_size", "integer"],
    ["FileStatus", "file_status", "string"],
    ["IncludeOnline", "include_online", "boolean"],
    ["MimeType", "mime_type", "string"],
    ["ParentID", "parent_id", "string"],
    ["ParentType", "parent_type", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["Url", "url", "string"],
] %}
{{ xero_staging(
    stream="attachments",
    key=["parent_id", "attachment_id"],
    current={"newest_of": ["parent_id"]},
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
