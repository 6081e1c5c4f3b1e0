{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["amount", "amount", "number"],
    ["displayName", "display_name", "string"],
    ["employeeID", "employee_id", "string"],
    ["fixedAmount", "fixed_amount", "number"],
    ["lastEdited", "last_edited", "timestamp"],
    ["manualAdjustment", "manual_adjustment", "boolean"],
    ["payRunID", "pay_run_id", "string"],
    ["paySlipID", "pay_slip_id", "string"],
    ["percentage", "percentage", "number"],
    ["superannuationTypeID", "superannuation_type_id", "string"],
] %}
{{ xero_staging(
    stream="payroll_nz_payslip_superannuation_lines",
    key=["pay_slip_id", "position"],
    current={"parent": "payroll_nz_payslips", "key": ["pay_run_id", "pay_slip_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
