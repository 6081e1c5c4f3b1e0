{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["daysPaid", "days_paid", "integer"],
    ["employeeID", "employee_id", "string"],
    ["grossEarnings", "gross_earnings", "number"],
    ["periodEndDate", "period_end_date", "date"],
    ["unpaidWeeks", "unpaid_weeks", "integer"],
] %}
{{ xero_staging(
    stream="payroll_nz_employee_opening_balances",
    key=["employee_id", "period_end_date"],
    current={"newest_of": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
