{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Amount", "amount", "number"],
    ["BankAccountNumber", "bank_account_number", "string"],
    ["BankAmount", "bank_amount", "number"],
    ["BatchPaymentID", "batch_payment_id", "string"],
    ["Code", "code", "string"],
    ["Details", "details", "string"],
    ["Invoice", "invoice", "json"],
    ["ParentDate", "parent_date", "date"],
    ["ParentStatus", "parent_status", "string"],
    ["Particulars", "particulars", "string"],
    ["PaymentID", "payment_id", "string"],
    ["Position", "position", "integer"],
    ["Reference", "reference", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="batch_payment_lines",
    key=["batch_payment_id", "payment_id"],
    current={"parent": "batch_payments", "key": ["batch_payment_id"]},
    stamp="updated_date_utc",
    flags=[["is_deleted", "parent_status", "DELETED"]],
    fields=fields,
) }}
