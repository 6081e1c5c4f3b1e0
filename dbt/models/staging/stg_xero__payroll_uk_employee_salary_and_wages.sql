{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["annualSalary", "annual_salary", "number"],
    ["daysPerWeek", "days_per_week", "number"],
    ["earningsRateID", "earnings_rate_id", "string"],
    ["effectiveFrom", "effective_from", "date"],
    ["employeeID", "employee_id", "string"],
    ["numberOfUnitsPerDay", "number_of_units_per_day", "number"],
    ["numberOfUnitsPerWeek", "number_of_units_per_week", "number"],
    ["paymentType", "payment_type", "string"],
    ["ratePerUnit", "rate_per_unit", "number"],
    ["salaryAndWagesID", "salary_and_wages_id", "string"],
    ["status", "status", "string"],
] %}
{{ xero_staging(
    stream="payroll_uk_employee_salary_and_wages",
    key=["employee_id", "salary_and_wages_id"],
    current={"newest_of": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
