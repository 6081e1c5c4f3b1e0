{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["CISContractorEnabled", "cis_contractor_enabled", "boolean"],
    ["CISEnabled", "cis_enabled", "boolean"],
    ["CISSubContractorEnabled", "cis_sub_contractor_enabled", "boolean"],
    ["ParentID", "parent_id", "string"],
    ["ParentType", "parent_type", "string"],
    ["Rate", "rate", "number"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="cis_settings",
    key=["tenant_id", "parent_id"],
    current={"newest_of": ["parent_id"]},
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
