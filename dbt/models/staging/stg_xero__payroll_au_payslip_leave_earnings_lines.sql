{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["EarningsRateID", "earnings_rate_id", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["NumberOfUnits", "number_of_units", "number"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["PayOutType", "pay_out_type", "string"],
    ["PayRunID", "pay_run_id", "string"],
    ["PayslipID", "payslip_id", "string"],
    ["Position", "position", "integer"],
    ["RatePerUnit", "rate_per_unit", "number"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_payslip_leave_earnings_lines",
    key=["payslip_id", "position"],
    current={"parent": "payroll_au_payslips", "key": ["pay_run_id", "payslip_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
