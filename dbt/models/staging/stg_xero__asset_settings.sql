{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["assetNumberPrefix", "asset_number_prefix", "string"],
    ["assetNumberSequence", "asset_number_sequence", "string"],
    ["assetStartDate", "asset_start_date", "date"],
    ["defaultCapitalGainOnDisposalAccountId", "default_capital_gain_on_disposal_account_id", "string"],
    ["defaultGainOnDisposalAccountId", "default_gain_on_disposal_account_id", "string"],
    ["defaultLossOnDisposalAccountId", "default_loss_on_disposal_account_id", "string"],
    ["lastDepreciationDate", "last_depreciation_date", "date"],
    ["optInForTax", "opt_in_for_tax", "boolean"],
] %}
{{ xero_staging(
    stream="asset_settings",
    key=["tenant_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
