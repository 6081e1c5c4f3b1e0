{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["BudgetID", "budget_id", "string"],
    ["BudgetLines", "budget_lines", "json"],
    ["Description", "description", "string"],
    ["Status", "status", "string"],
    ["Tracking", "tracking", "json"],
    ["Type", "type", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="budgets",
    key=["budget_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
