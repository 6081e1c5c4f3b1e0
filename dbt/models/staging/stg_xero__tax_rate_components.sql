{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["IsCompound", "is_compound", "boolean"],
    ["IsNonRecoverable", "is_non_recoverable", "boolean"],
    ["Name", "name", "string"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["Rate", "rate", "number"],
    ["TaxRateName", "tax_rate_name", "string"],
    ["TaxType", "tax_type", "string"],
] %}
{{ xero_staging(
    stream="tax_rate_components",
    key=["tenant_id", "tax_rate_name", "position"],
    current=none,
    stamp=none,
    flags=[["is_deleted", "parent_status", "DELETED"], ["is_archived", "parent_status", "ARCHIVED"]],
    fields=fields,
) }}
