{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AccountCode", "account_code", "string"],
    ["AccountID", "account_id", "string"],
    ["AccountName", "account_name", "string"],
    ["AccountType", "account_type", "string"],
    ["CreatedDateUTC", "created_date_utc", "timestamp"],
    ["Description", "description", "string"],
    ["GrossAmount", "gross_amount", "number"],
    ["JournalID", "journal_id", "string"],
    ["JournalLineID", "journal_line_id", "string"],
    ["JournalNumber", "journal_number", "integer"],
    ["NetAmount", "net_amount", "number"],
    ["ParentDate", "parent_date", "date"],
    ["Position", "position", "integer"],
    ["TaxAmount", "tax_amount", "number"],
    ["TaxName", "tax_name", "string"],
    ["TaxType", "tax_type", "string"],
    ["TrackingCategories", "tracking_categories", "json"],
] %}
{{ xero_staging(
    stream="journal_cash_lines",
    key=["journal_id", "journal_line_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
