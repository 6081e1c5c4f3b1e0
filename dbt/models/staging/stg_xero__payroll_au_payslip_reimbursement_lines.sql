{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Amount", "amount", "number"],
    ["Description", "description", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["ExpenseAccount", "expense_account", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["PayRunID", "pay_run_id", "string"],
    ["PayslipID", "payslip_id", "string"],
    ["Position", "position", "integer"],
    ["ReimbursementTypeID", "reimbursement_type_id", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_payslip_reimbursement_lines",
    key=["payslip_id", "position"],
    current={"parent": "payroll_au_payslips", "key": ["pay_run_id", "payslip_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
