{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["amount", "amount", "number"],
    ["description", "description", "string"],
    ["employeeID", "employee_id", "string"],
    ["globalTaxTypeID", "global_tax_type_id", "integer"],
    ["isEmployerTax", "is_employer_tax", "boolean"],
    ["lastEdited", "last_edited", "timestamp"],
    ["manualAdjustment", "manual_adjustment", "boolean"],
    ["payRunID", "pay_run_id", "string"],
    ["paySlipID", "pay_slip_id", "string"],
    ["taxLineID", "tax_line_id", "string"],
] %}
{{ xero_staging(
    stream="payroll_uk_payslip_employee_tax_lines",
    key=["pay_slip_id", "tax_line_id"],
    current={"parent": "payroll_uk_payslips", "key": ["pay_run_id", "pay_slip_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
