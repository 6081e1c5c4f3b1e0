{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AccountCode", "account_code", "string"],
    ["AccountID", "account_id", "string"],
    ["Description", "description", "string"],
    ["IsBlank", "is_blank", "boolean"],
    ["LineAmount", "line_amount", "number"],
    ["ManualJournalID", "manual_journal_id", "string"],
    ["ParentDate", "parent_date", "date"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["TaxAmount", "tax_amount", "number"],
    ["TaxType", "tax_type", "string"],
    ["Tracking", "tracking", "json"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="manual_journal_lines",
    key=["manual_journal_id", "position"],
    current={"parent": "manual_journals", "key": ["manual_journal_id"]},
    stamp="updated_date_utc",
    flags=[["is_deleted", "parent_status", "DELETED"], ["is_voided", "parent_status", "VOIDED"]],
    fields=fields,
) }}
