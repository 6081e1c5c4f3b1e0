{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["CanApplyToAssets", "can_apply_to_assets", "boolean"],
    ["CanApplyToEquity", "can_apply_to_equity", "boolean"],
    ["CanApplyToExpenses", "can_apply_to_expenses", "boolean"],
    ["CanApplyToLiabilities", "can_apply_to_liabilities", "boolean"],
    ["CanApplyToRevenue", "can_apply_to_revenue", "boolean"],
    ["DisplayTaxRate", "display_tax_rate", "number"],
    ["EffectiveRate", "effective_rate", "number"],
    ["Name", "name", "string"],
    ["ReportTaxType", "report_tax_type", "string"],
    ["Status", "status", "string"],
    ["TaxComponents", "tax_components", "json"],
    ["TaxType", "tax_type", "string"],
] %}
{{ xero_staging(
    stream="tax_rates",
    key=["tenant_id", "name"],
    current=none,
    stamp=none,
    flags=[["is_deleted", "status", "DELETED"], ["is_archived", "status", "ARCHIVED"]],
    fields=fields,
) }}
