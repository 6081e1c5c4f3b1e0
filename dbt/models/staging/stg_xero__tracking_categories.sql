{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Name", "name", "string"],
    ["Option", "option", "string"],
    ["Options", "options", "json"],
    ["Status", "status", "string"],
    ["TrackingCategoryID", "tracking_category_id", "string"],
    ["TrackingOptionID", "tracking_option_id", "string"],
] %}
{{ xero_staging(
    stream="tracking_categories",
    key=["tracking_category_id"],
    current=none,
    stamp=none,
    flags=[["is_archived", "status", "ARCHIVED"]],
    fields=fields,
) }}
