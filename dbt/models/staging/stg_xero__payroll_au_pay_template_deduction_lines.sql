{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Amount", "amount", "number"],
    ["CalculationType", "calculation_type", "string"],
    ["DeductionTypeID", "deduction_type_id", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["NumberOfUnits", "number_of_units", "number"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Percentage", "percentage", "number"],
    ["Position", "position", "integer"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_pay_template_deduction_lines",
    key=["employee_id", "position"],
    current={"parent": "payroll_au_employee_details", "key": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
