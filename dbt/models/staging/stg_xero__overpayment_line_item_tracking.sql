{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["LineItemID", "line_item_id", "string"],
    ["LinePosition", "line_position", "integer"],
    ["Name", "name", "string"],
    ["Option", "option", "string"],
    ["OverpaymentID", "overpayment_id", "string"],
    ["ParentDate", "parent_date", "date"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["TrackingCategoryID", "tracking_category_id", "string"],
    ["TrackingOptionID", "tracking_option_id", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="overpayment_line_item_tracking",
    key=["overpayment_id", "line_position", "tracking_category_id"],
    current={"parent": "overpayments", "key": ["overpayment_id"]},
    stamp="updated_date_utc",
    flags=[["is_voided", "parent_status", "VOIDED"]],
    fields=fields,
) }}
