{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["earningTemplates", "earning_templates", "json"],
    ["employeeID", "employee_id", "string"],
] %}
{{ xero_staging(
    stream="payroll_nz_employee_pay_templates",
    key=["employee_id"],
    current=none,
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
