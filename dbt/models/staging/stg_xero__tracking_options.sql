{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["HasValidationErrors", "has_validation_errors", "boolean"],
    ["IsActive", "is_active", "boolean"],
    ["IsArchived", "is_archived", "boolean"],
    ["IsDeleted", "is_deleted", "boolean"],
    ["Name", "name", "string"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["Status", "status", "string"],
    ["TrackingCategoryID", "tracking_category_id", "string"],
    ["TrackingOptionID", "tracking_option_id", "string"],
] %}
{{ xero_staging(
    stream="tracking_options",
    key=["tracking_category_id", "tracking_option_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
