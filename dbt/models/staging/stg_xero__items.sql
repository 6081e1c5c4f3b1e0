{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Code", "code", "string"],
    ["Description", "description", "string"],
    ["InventoryAssetAccountCode", "inventory_asset_account_code", "string"],
    ["IsPurchased", "is_purchased", "boolean"],
    ["IsSold", "is_sold", "boolean"],
    ["IsTrackedAsInventory", "is_tracked_as_inventory", "boolean"],
    ["ItemID", "item_id", "string"],
    ["Name", "name", "string"],
    ["PurchaseDescription", "purchase_description", "string"],
    ["PurchaseDetails", "purchase_details", "json"],
    ["QuantityOnHand", "quantity_on_hand", "number"],
    ["SalesDetails", "sales_details", "json"],
    ["StatusAttributeString", "status_attribute_string", "string"],
    ["TotalCostPool", "total_cost_pool", "number"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="items",
    key=["item_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
