{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["BrandingThemeID", "branding_theme_id", "string"],
    ["CreatedDateUTC", "created_date_utc", "timestamp"],
    ["LogoUrl", "logo_url", "string"],
    ["Name", "name", "string"],
    ["SortOrder", "sort_order", "integer"],
    ["Type", "type", "string"],
] %}
{{ xero_staging(
    stream="branding_themes",
    key=["branding_theme_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
