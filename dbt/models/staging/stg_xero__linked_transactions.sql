{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ContactID", "contact_id", "string"],
    ["LinkedTransactionID", "linked_transaction_id", "string"],
    ["SourceLineItemID", "source_line_item_id", "string"],
    ["SourceTransactionID", "source_transaction_id", "string"],
    ["SourceTransactionTypeCode", "source_transaction_type_code", "string"],
    ["Status", "status", "string"],
    ["TargetLineItemID", "target_line_item_id", "string"],
    ["TargetTransactionID", "target_transaction_id", "string"],
    ["Type", "type", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="linked_transactions",
    key=["linked_transaction_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[["is_voided", "status", "VOIDED"]],
    fields=fields,
) }}
