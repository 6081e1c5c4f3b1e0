{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["amountInvoiced", "amount_invoiced", "json"],
    ["amountToBeInvoiced", "amount_to_be_invoiced", "json"],
    ["chargeType", "charge_type", "string"],
    ["estimateMinutes", "estimate_minutes", "integer"],
    ["fixedMinutes", "fixed_minutes", "integer"],
    ["minutesInvoiced", "minutes_invoiced", "integer"],
    ["minutesToBeInvoiced", "minutes_to_be_invoiced", "integer"],
    ["name", "name", "string"],
    ["nonChargeableMinutes", "non_chargeable_minutes", "integer"],
    ["projectId", "project_id", "string"],
    ["rate", "rate", "json"],
    ["status", "status", "string"],
    ["taskId", "task_id", "string"],
    ["totalAmount", "total_amount", "json"],
    ["totalMinutes", "total_minutes", "integer"],
] %}
{{ xero_staging(
    stream="project_tasks",
    key=["project_id", "task_id"],
    current={"newest_of": ["project_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
