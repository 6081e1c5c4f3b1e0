{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AccountCode", "account_code", "string"],
    ["AccountID", "account_id", "string"],
    ["Amount", "amount", "number"],
    ["BudgetID", "budget_id", "string"],
    ["LinePosition", "line_position", "integer"],
    ["Notes", "notes", "string"],
    ["ParentStatus", "parent_status", "string"],
    ["Period", "period", "string"],
    ["Position", "position", "integer"],
    ["UnitAmount", "unit_amount", "number"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="budget_lines",
    key=["budget_id", "account_id", "period"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
