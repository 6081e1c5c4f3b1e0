{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["directorshipStartDate", "directorship_start_date", "date"],
    ["employeeID", "employee_id", "string"],
    ["hasPostGraduateLoans", "has_post_graduate_loans", "boolean"],
    ["isDirector", "is_director", "boolean"],
    ["nicCalculationMethod", "nic_calculation_method", "string"],
    ["previousTaxPaid", "previous_tax_paid", "number"],
    ["previousTaxablePay", "previous_taxable_pay", "number"],
    ["starterDeclaration", "starter_declaration", "string"],
    ["starterType", "starter_type", "string"],
    ["studentLoanDeduction", "student_loan_deduction", "string"],
    ["taxCode", "tax_code", "string"],
    ["w1M1", "w1_m1", "boolean"],
] %}
{{ xero_staging(
    stream="payroll_uk_employee_tax",
    key=["employee_id"],
    current=none,
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
