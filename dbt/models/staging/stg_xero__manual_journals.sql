{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Attachments", "attachments", "json"],
    ["Date", "date", "date"],
    ["HasAttachments", "has_attachments", "boolean"],
    ["JournalLines", "journal_lines", "json"],
    ["LineAmountTypes", "line_amount_types", "string"],
    ["ManualJournalID", "manual_journal_id", "string"],
    ["Narration", "narration", "string"],
    ["ShowOnCashBasisReports", "show_on_cash_basis_reports", "boolean"],
    ["Status", "status", "string"],
    ["StatusAttributeString", "status_attribute_string", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["Url", "url", "string"],
    ["ValidationErrors", "validation_errors", "json"],
    ["Warnings", "warnings", "json"],
] %}
{{ xero_staging(
    stream="manual_journals",
    key=["manual_journal_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[["is_deleted", "status", "DELETED"], ["is_voided", "status", "VOIDED"]],
    fields=fields,
) }}
