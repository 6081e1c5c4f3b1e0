{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Account", "account", "json"],
    ["Amount", "amount", "number"],
    ["BatchPaymentID", "batch_payment_id", "string"],
    ["Code", "code", "string"],
    ["Date", "date", "date"],
    ["DateString", "date_string", "local_timestamp"],
    ["Details", "details", "string"],
    ["IsReconciled", "is_reconciled", "boolean"],
    ["Narrative", "narrative", "string"],
    ["Particulars", "particulars", "string"],
    ["Payments", "payments", "json"],
    ["Reference", "reference", "string"],
    ["Status", "status", "string"],
    ["TotalAmount", "total_amount", "number"],
    ["Type", "type", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="batch_payments",
    key=["batch_payment_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[["is_deleted", "status", "DELETED"]],
    fields=fields,
) }}
