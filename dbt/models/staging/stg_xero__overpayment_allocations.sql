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
    ["OverpaymentID", "overpayment_id", "string"],
    ["ParentDate", "parent_date", "date"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["Prepayment", "prepayment", "json"],
    ["StatusAttributeString", "status_attribute_string", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="overpayment_allocations",
    key=["overpayment_id", "position"],
    current={"parent": "overpayments", "key": ["overpayment_id"]},
    stamp="updated_date_utc",
    flags=[["is_voided", "parent_status", "VOIDED"]],
    fields=fields,
) }}
