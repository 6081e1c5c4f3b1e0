{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["employeeID", "employee_id", "string"],
    ["priorEmployeeNumber", "prior_employee_number", "string"],
    ["statutoryAdoptionPay", "statutory_adoption_pay", "number"],
    ["statutoryMaternityPay", "statutory_maternity_pay", "number"],
    ["statutoryPaternityPay", "statutory_paternity_pay", "number"],
    ["statutorySharedParentalPay", "statutory_shared_parental_pay", "number"],
    ["statutorySickPay", "statutory_sick_pay", "number"],
] %}
{{ xero_staging(
    stream="payroll_uk_employee_opening_balances",
    key=["employee_id"],
    current=none,
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
