{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AssociationDateUtc", "association_date_utc", "timestamp"],
    ["CreatedDateUtc", "created_date_utc", "timestamp"],
    ["FileId", "file_id", "string"],
    ["Name", "name", "string"],
    ["ObjectGroup", "object_group", "string"],
    ["ObjectId", "object_id", "string"],
    ["ObjectType", "object_type", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["SendWithObject", "send_with_object", "boolean"],
    ["Size", "size", "integer"],
] %}
{{ xero_staging(
    stream="file_associations",
    key=["file_id", "object_id"],
    current={"newest_of": ["file_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
