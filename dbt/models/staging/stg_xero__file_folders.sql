{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Email", "email", "string"],
    ["FileCount", "file_count", "integer"],
    ["Id", "id", "string"],
    ["IsInbox", "is_inbox", "boolean"],
    ["Name", "name", "string"],
] %}
{{ xero_staging(
    stream="file_folders",
    key=["id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
