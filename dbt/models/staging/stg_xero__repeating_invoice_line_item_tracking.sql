{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["LineItemID", "line_item_id", "string"],
    ["LinePosition", "line_position", "integer"],
    ["Name", "name", "string"],
    ["Option", "option", "string"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["RepeatingInvoiceID", "repeating_invoice_id", "string"],
    ["TrackingCategoryID", "tracking_category_id", "string"],
    ["TrackingOptionID", "tracking_option_id", "string"],
] %}
{{ xero_staging(
    stream="repeating_invoice_line_item_tracking",
    key=["repeating_invoice_id", "line_item_id", "tracking_category_id"],
    current=none,
    stamp=none,
    flags=[["is_deleted", "parent_status", "DELETED"]],
    fields=fields,
) }}
