{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["amount", "amount", "number"],
    ["benefitTypeID", "benefit_type_id", "string"],
    ["displayName", "display_name", "string"],
    ["employeeID", "employee_id", "string"],
    ["fixedAmount", "fixed_amount", "number"],
    ["lastEdited", "last_edited", "timestamp"],
    ["payRunID", "pay_run_id", "string"],
    ["paySlipID", "pay_slip_id", "string"],
    ["percentage", "percentage", "number"],
] %}
{{ xero_staging(
    stream="payroll_uk_payslip_benefit_lines",
    key=["pay_slip_id", "position"],
    current={"parent": "payroll_uk_payslips", "key": ["pay_run_id", "pay_slip_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
