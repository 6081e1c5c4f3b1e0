{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["LineItemID", "line_item_id", "string"],
    ["LinePosition", "line_position", "integer"],
    ["Name", "name", "string"],
    ["Option", "option", "string"],
    ["ParentDate", "parent_date", "date"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["PurchaseOrderID", "purchase_order_id", "string"],
    ["TrackingCategoryID", "tracking_category_id", "string"],
    ["TrackingOptionID", "tracking_option_id", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="purchase_order_line_item_tracking",
    key=["purchase_order_id", "line_item_id", "tracking_category_id"],
    current={"parent": "purchase_orders", "key": ["purchase_order_id"]},
    stamp="updated_date_utc",
    flags=[["is_deleted", "parent_status", "DELETED"]],
    fields=fields,
) }}
