{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Amount", "amount", "number"],
    ["AnnualSalary", "annual_salary", "number"],
    ["CalculationType", "calculation_type", "string"],
    ["EarningsRateID", "earnings_rate_id", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["FixedAmount", "fixed_amount", "number"],
    ["NormalNumberOfUnits", "normal_number_of_units", "number"],
    ["NumberOfUnits", "number_of_units", "number"],
    ["NumberOfUnitsPerWeek", "number_of_units_per_week", "number"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["RatePerUnit", "rate_per_unit", "number"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_opening_earnings_lines",
    key=["employee_id", "position"],
    current={"parent": "payroll_au_employee_details", "key": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
