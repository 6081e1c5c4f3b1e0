{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Amount", "amount", "number"],
    ["BankAmount", "bank_amount", "number"],
    ["BatchPaymentID", "batch_payment_id", "string"],
    ["CurrencyRate", "currency_rate", "number"],
    ["Date", "date", "date"],
    ["ExpenseClaimID", "expense_claim_id", "string"],
    ["HasAccount", "has_account", "boolean"],
    ["HasValidationErrors", "has_validation_errors", "boolean"],
    ["IsReconciled", "is_reconciled", "boolean"],
    ["ParentStatus", "parent_status", "string"],
    ["PaymentID", "payment_id", "string"],
    ["PaymentType", "payment_type", "string"],
    ["Position", "position", "integer"],
    ["Reference", "reference", "string"],
    ["Status", "status", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["UpdatedDateUTCString", "updated_date_utc_string", "timestamp"],
] %}
{{ xero_staging(
    stream="expense_claim_payments",
    key=["expense_claim_id", "payment_id"],
    current={"parent": "expense_claims", "key": ["expense_claim_id"]},
    stamp="updated_date_utc",
    flags=[["is_deleted", "parent_status", "DELETED"], ["is_voided", "parent_status", "VOIDED"]],
    fields=fields,
) }}
