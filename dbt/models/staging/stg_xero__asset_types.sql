{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["accumulatedDepreciationAccountId", "accumulated_depreciation_account_id", "string"],
    ["assetTypeId", "asset_type_id", "string"],
    ["assetTypeName", "asset_type_name", "string"],
    ["bookDepreciationSetting", "book_depreciation_setting", "json"],
    ["depreciationExpenseAccountId", "depreciation_expense_account_id", "string"],
    ["fixedAssetAccountId", "fixed_asset_account_id", "string"],
    ["lockPrivateUseAccount", "lock_private_use_account", "boolean"],
    ["locks", "locks", "integer"],
    ["taxDepreciationSettings", "tax_depreciation_settings", "json"],
] %}
{{ xero_staging(
    stream="asset_types",
    key=["asset_type_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
