{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["employeeGroupsTrackingCategoryID", "employee_groups_tracking_category_id", "string"],
    ["timesheetTrackingCategoryID", "timesheet_tracking_category_id", "string"],
] %}
{{ xero_staging(
    stream="payroll_uk_tracking_categories",
    key=["tenant_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
