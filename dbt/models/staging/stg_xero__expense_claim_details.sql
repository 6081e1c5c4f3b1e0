{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AmountDue", "amount_due", "number"],
    ["AmountPaid", "amount_paid", "number"],
    ["ExpenseClaimID", "expense_claim_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["PaymentDueDate", "payment_due_date", "date"],
    ["Payments", "payments", "json"],
    ["ReceiptID", "receipt_id", "string"],
    ["Receipts", "receipts", "json"],
    ["ReportingDate", "reporting_date", "date"],
    ["Status", "status", "string"],
    ["StatusAttributeString", "status_attribute_string", "string"],
    ["Total", "total", "number"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["User", "user_name", "json"],
] %}
{{ xero_staging(
    stream="expense_claim_details",
    key=["expense_claim_id"],
    current=none,
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
