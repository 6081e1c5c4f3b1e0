{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Amount", "amount", "number"],
    ["Description", "description", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["LiabilityAccount", "liability_account", "string"],
    ["ManualTaxType", "manual_tax_type", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["PayRunID", "pay_run_id", "string"],
    ["PayslipID", "payslip_id", "string"],
    ["PayslipTaxLineID", "payslip_tax_line_id", "string"],
    ["Position", "position", "integer"],
    ["TaxTypeName", "tax_type_name", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_payslip_tax_lines",
    key=["payslip_id", "payslip_tax_line_id"],
    current={"parent": "payroll_au_payslips", "key": ["pay_run_id", "payslip_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
