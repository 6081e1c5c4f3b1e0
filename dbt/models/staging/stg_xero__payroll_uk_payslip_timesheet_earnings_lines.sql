{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["amount", "amount", "number"],
    ["earningsRateID", "earnings_rate_id", "string"],
    ["employeeID", "employee_id", "string"],
    ["fixedAmount", "fixed_amount", "number"],
    ["isLinkedToTimesheet", "is_linked_to_timesheet", "boolean"],
    ["lastEdited", "last_edited", "timestamp"],
    ["numberOfUnits", "number_of_units", "number"],
    ["payRunID", "pay_run_id", "string"],
    ["paySlipID", "pay_slip_id", "string"],
    ["ratePerUnit", "rate_per_unit", "number"],
] %}
{{ xero_staging(
    stream="payroll_uk_payslip_timesheet_earnings_lines",
    key=["pay_slip_id", "position"],
    current={"parent": "payroll_uk_payslips", "key": ["pay_run_id", "pay_slip_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
