{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Amount", "amount", "number"],
    ["CalculationType", "calculation_type", "string"],
    ["ContributionType", "contribution_type", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["ExpenseAccountCode", "expense_account_code", "string"],
    ["LiabilityAccountCode", "liability_account_code", "string"],
    ["MinimumMonthlyEarnings", "minimum_monthly_earnings", "number"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Percentage", "percentage", "number"],
    ["Position", "position", "integer"],
    ["SuperMembershipID", "super_membership_id", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_opening_super_lines",
    key=["employee_id", "position"],
    current={"parent": "payroll_au_employee_details", "key": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
