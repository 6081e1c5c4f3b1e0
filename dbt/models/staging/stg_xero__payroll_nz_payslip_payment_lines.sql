{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["accountName", "account_name", "string"],
    ["accountNumber", "account_number", "string"],
    ["amount", "amount", "number"],
    ["employeeID", "employee_id", "string"],
    ["lastEdited", "last_edited", "timestamp"],
    ["payRunID", "pay_run_id", "string"],
    ["paySlipID", "pay_slip_id", "string"],
    ["paymentLineID", "payment_line_id", "string"],
    ["sortCode", "sort_code", "string"],
] %}
{{ xero_staging(
    stream="payroll_nz_payslip_payment_lines",
    key=["pay_slip_id", "payment_line_id"],
    current={"parent": "payroll_nz_payslips", "key": ["pay_run_id", "pay_slip_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
