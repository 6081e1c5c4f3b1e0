{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["OnlineInvoiceUrl", "online_invoice_url", "string"],
    ["ParentID", "parent_id", "string"],
    ["ParentType", "parent_type", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="online_invoices",
    key=["parent_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
