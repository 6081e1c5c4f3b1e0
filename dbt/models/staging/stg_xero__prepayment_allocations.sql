{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AllocationID", "allocation_id", "string"],
    ["Amount", "amount", "number"],
    ["CreditNote", "credit_note", "json"],
    ["Date", "date", "date"],
    ["Invoice", "invoice", "json"],
    ["IsDeleted", "is_deleted", "boolean"],
    ["Overpayment", "overpayment", "json"],
    ["ParentDate", "parent_date", "date"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["Prepayment", "prepayment", "json"],
    ["PrepaymentID", "prepayment_id", "string"],
    ["StatusAttributeString", "status_attribute_string", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="prepayment_allocations",
    key=["prepayment_id", "position"],
    current={"parent": "prepayments", "key": ["prepayment_id"]},
    stamp="updated_date_utc",
    flags=[["is_voided", "parent_status", "VOIDED"]],
    fields=fields,
) }}
