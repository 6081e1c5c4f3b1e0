{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AllocationID", "allocation_id", "string"],
    ["Amount", "amount", "number"],
    ["CreditNote", "credit_note", "json"],
    ["CreditNoteID", "credit_note_id", "string"],
    ["Date", "date", "date"],
    ["Invoice", "invoice", "json"],
    ["IsDeleted", "is_deleted", "boolean"],
    ["Overpayment", "overpayment", "json"],
    ["ParentDate", "parent_date", "date"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["Prepayment", "prepayment", "json"],
    ["StatusAttributeString", "status_attribute_string", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="credit_note_allocations",
    key=["credit_note_id", "position"],
    current={"parent": "credit_notes", "key": ["credit_note_id"]},
    stamp="updated_date_utc",
    flags=[["is_voided", "parent_status", "VOIDED"]],
    fields=fields,
) }}
