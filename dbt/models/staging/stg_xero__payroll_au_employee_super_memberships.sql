{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["EmployeeID", "employee_id", "string"],
    ["EmployeeNumber", "employee_number", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["Position", "position", "integer"],
    ["SuperFundID", "super_fund_id", "string"],
    ["SuperMembershipID", "super_membership_id", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_au_employee_super_memberships",
    key=["employee_id", "super_membership_id"],
    current={"parent": "payroll_au_employee_details", "key": ["employee_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
