{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["earningsRateID", "earnings_rate_id", "string"],
    ["employeeID", "employee_id", "string"],
    ["fixedAmount", "fixed_amount", "number"],
    ["name", "name", "string"],
    ["numberOfUnits", "number_of_units", "number"],
    ["payTemplateEarningID", "pay_template_earning_id", "string"],
    ["ratePerUnit", "rate_per_unit", "number"],
] %}
{{ xero_staging(
    stream="payroll_nz_employee_pay_template_earnings",
    key=["employee_id", "pay_template_earning_id"],
    current={"parent": "payroll_nz_employee_pay_templates", "key": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
