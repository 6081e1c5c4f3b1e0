{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AnnualNumberOfUnits", "annual_number_of_units", "number"],
    ["CalculationType", "calculation_type", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["EmploymentTerminationPaymentType", "employment_termination_payment_type", "string"],
    ["EntitlementFinalPayPayoutType", "entitlement_final_pay_payout_type", "string"],
    ["FullTimeNumberOfUnitsPerPeriod", "full_time_number_of_units_per_period", "number"],
    ["IncludeSuperannuationGuaranteeContribution", "include_superannuation_guarantee_contribution", "boolean"],
    ["IsQualifyingEarnings", "is_qualifying_earnings", "boolean"],
    ["LeaveTypeID", "leave_type_id", "string"],
    ["NumberOfUnits", "number_of_units", "number"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_pay_template_leave_lines",
    key=["employee_id", "position"],
    current={"parent": "payroll_au_employee_details", "key": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
