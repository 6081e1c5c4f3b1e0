{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["PayNowText", "pay_now_text", "string"],
    ["PaymentServiceID", "payment_service_id", "string"],
    ["PaymentServiceName", "payment_service_name", "string"],
    ["PaymentServiceType", "payment_service_type", "string"],
    ["PaymentServiceUrl", "payment_service_url", "string"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="payment_services",
    key=["payment_service_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
